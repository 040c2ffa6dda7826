"""What ends a stop of sign-ins, and what does not."""

import re
import time

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command

from accounts.limits import password_attempts
from tests.accounts.conftest import SESSION, Browser
from tests.accounts.limits.attempts import (
    NEW,
    sign_in,
    stop,
)
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.usefixtures("no_rate_limits")


def reset_link():
    return re.search(r"/reset#(\S+)", str(mail.outbox[-1].body)).group(1)


def by_reset(user, **_):
    browser = Browser()
    browser.send("POST", f"{SESSION}/auth/password/request", {"email": user.email})
    body = {"key": reset_link(), "password": NEW}
    browser.send("POST", f"{SESSION}/auth/password/reset", body)


def by_command(user, **_):
    call_command("allow_sign_in", "ALICE@example.com")


def by_changed_password(user, **_):
    user.set_password(PASSWORD)
    user.save()


def by_admin_action(user, client):
    action = {"action": "allow_sign_in", "_selected_action": [user.pk]}
    client.post("/admin/accounts/user/", action)


def by_admin_password(user, client):
    form = {"usable_password": "true", "password1": NEW, "password2": NEW}
    client.post(f"/admin/accounts/user/{user.pk}/password/", form)


@pytest.mark.parametrize(
    "end", [by_reset, by_command, by_changed_password, by_admin_action, by_admin_password]
)
def test_what_ends_a_stop(stopped, staff, client, end):
    client.force_login(staff)
    stopped.emailaddress_set.create(email=stopped.email, verified=True, primary=True)
    assert sign_in().status_code == 429
    end(stopped, client=client)
    stopped.refresh_from_db()
    assert not password_attempts.is_stopped(stopped)
    password = PASSWORD if stopped.check_password(PASSWORD) else NEW
    assert sign_in(password=password).status_code == 200


def test_neither_time_nor_another_user_ends_a_stop(stopped, bob):
    assert sign_in(bob.email).status_code == 200
    with time_machine.travel(time.time() + 400 * 86400):
        call_command("flush_tokens")
        assert sign_in().status_code == 429


def test_a_new_account_starts_at_zero(db):
    stop("dora@example.com")
    assert sign_in("dora@example.com").status_code == 429
    dora = make_user("dora")
    assert sign_in(dora.email).status_code == 200


def test_command_for_an_unknown_address(db):
    with pytest.raises(CommandError, match="Nobody has the address"):
        call_command("allow_sign_in", "x@example.com")


def test_staff_see_a_stop(stopped, staff, client):
    client.force_login(staff)
    page = client.get(f"/admin/accounts/user/{stopped.pk}/change/").content.decode()
    assert "Blocked after too many wrong passwords" in page
    page = client.get(f"/admin/accounts/user/{staff.pk}/change/").content.decode()
    assert "Blocked after too many wrong passwords" not in page
