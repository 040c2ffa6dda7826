"""Whatever ends an account's access ends its sessions, access tokens, refresh tokens and open
streams at once, by whichever door.
"""

import time
from itertools import islice

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import TokenFamily, User
from accounts.tokens import Access, issue, read
from chat.live.registry import registry
from chat.live.streams import STOP
from tests.accounts.addresses.test_ownership import key_in
from tests.accounts.conftest import SESSION, Browser
from tests.accounts.native_program import code_from, exchange, signed_in
from tests.chat.asking import EVENT_STREAM
from tests.factories import PASSWORD

LONG = "[[chunks: 1000]] [[slow: 0.05]]"
NEW = "staple of paper"
PROFILE, REFRESH = "/accounts/profile", "/accounts/token/refresh"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_answers_end")]


@pytest.fixture
def _answers_end(transactional_db, upstream):
    """An answer goes on after its streams, and would write into the next test's database."""
    yield
    for live in registry.all():
        live.cancel(STOP)
    end = time.monotonic() + 30
    while registry.all() and time.monotonic() < end:
        time.sleep(0.02)
    assert not registry.all()


def open_browser(user) -> Browser:
    browser = Browser()
    body = {"email": user.email, "password": PASSWORD}
    assert browser.send("POST", f"{SESSION}/auth/login", body).status_code == 200
    return browser


def by_profile_of_a_program(alice, staff):
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {issue(alice)['access']}")
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert client.patch(PROFILE, body).status_code == 200


def by_profile_of_the_page(alice, staff):
    body = {"current_password": PASSWORD, "new_password": NEW}
    browser = open_browser(alice)
    assert browser.send("PATCH", PROFILE, body).status_code == 200
    assert browser.get(PROFILE).status_code == 200, "the one that changed it stays"


def by_reset_mail(alice, staff):
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    browser = Browser()
    browser.send("POST", f"{SESSION}/auth/password/request", {"email": alice.email})
    body = {"key": key_in(mail.outbox[-1], "reset"), "password": NEW}
    assert browser.send("POST", f"{SESSION}/auth/password/reset", body).status_code == 401


def by_reset_mail_in_a_signed_in_browser(alice, staff):
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    browser = open_browser(alice)
    browser.send("POST", f"{SESSION}/auth/password/request", {"email": alice.email})
    body = {"key": key_in(mail.outbox[-1], "reset"), "password": NEW}
    assert browser.send("POST", f"{SESSION}/auth/password/reset", body).status_code == 200
    assert browser.get(PROFILE).status_code == 401


def in_admin(staff, path, body):
    client = Client()
    client.force_login(staff)
    assert client.post(f"/admin/accounts/user/{path}", body).status_code == 302


def by_password_form_of_staff(alice, staff):
    body = {"usable_password": "true", "password1": NEW, "password2": NEW}
    in_admin(staff, f"{alice.pk}/password/", body)


def by_deactivating_form(alice, staff):
    in_admin(staff, f"{alice.pk}/change/", {"email": alice.email, "nickname": "a"})


def by_deactivating_action(alice, staff):
    in_admin(staff, "", {"action": "deactivate", "_selected_action": [alice.pk]})


def by_leaving(alice, staff):
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {issue(alice)['access']}")
    assert client.delete(PROFILE, {"password": PASSWORD}).status_code == 204


def by_deleting(alice, staff):
    """The administration deletes no account that has chats."""
    User.objects.get(pk=alice.pk).delete()


DOORS = [
    by_profile_of_a_program, by_profile_of_the_page, by_reset_mail,
    by_reset_mail_in_a_signed_in_browser, by_password_form_of_staff, by_deactivating_form,
    by_deactivating_action, by_leaving, by_deleting,
]  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_everything_ends_at_once(alice, bob, staff, door):
    browser, pair = open_browser(alice), issue(alice)
    program = APIClient(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    others = APIClient(HTTP_AUTHORIZATION=f"Bearer {issue(bob)['access']}")
    key = browser.session.session_key
    streams = [open_stream(client) for client in (browser, program)]

    door(alice, staff)

    for blocks, response in streams:
        assert b'"type":"END"' not in b"".join(blocks)
        response.close()
    assert browser.get(PROFILE).status_code == 401
    assert program.get(PROFILE).status_code == 401
    assert APIClient().post(REFRESH, {"refresh": pair["refresh"]}).status_code == 401
    assert others.get(PROFILE).status_code == 200
    # Nothing is left that could come back to life, such as with another activation.
    assert not Session.objects.filter(session_key=key).exists()
    User.objects.filter(email=alice.email).update(is_active=True)
    assert browser.get(PROFILE).status_code == 401
    assert program.get(PROFILE).status_code == 401
    sid = read(Access, pair["access"]).sid
    assert not TokenFamily.objects.filter(sid=sid).exists()


def open_stream(client):
    body = {"content": LONG}
    if isinstance(client, Browser):
        response = client.send("POST", "/chat", body, Accept=EVENT_STREAM)
    else:
        response = client.post("/chat", body, headers={"Accept": EVENT_STREAM})
    assert response.status_code == 200
    blocks = iter(response.streaming_content)
    assert len(list(islice(blocks, 2))) == 2
    return blocks, response


@pytest.mark.parametrize("kind", ["session", "program"])
def test_the_end_of_one_session_ends_its_stream_alone(alice, kind):
    """With the ids that real requests have."""
    browser, pair = open_browser(alice), issue(alice)
    program = APIClient(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    clients = [browser, program] if kind == "session" else [program, browser]
    (blocks, response), (others, other) = [open_stream(client) for client in clients]
    if kind == "session":
        assert browser.send("DELETE", f"{SESSION}/auth/session").status_code == 401
    else:
        assert program.get("/accounts/logout").status_code == 204
    rest = b"".join(blocks)
    assert b'"type":"END"' not in rest
    assert b'"type":"ERROR"' not in rest
    assert b"CHUNK" in next(others), "the other one goes on"
    for one in (response, other):
        one.close()


def test_a_code_that_comes_again_ends_the_stream_of_its_program(alice):
    code = code_from(signed_in(alice))
    token = exchange(code).json()["access_token"]
    blocks, response = open_stream(APIClient(HTTP_AUTHORIZATION=f"Bearer {token}"))
    assert exchange(code).status_code == 400
    rest = b"".join(blocks)
    assert b'"type":"END"' not in rest
    assert b'"type":"ERROR"' not in rest
    response.close()
