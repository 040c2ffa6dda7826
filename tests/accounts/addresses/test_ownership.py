"""An address that is unconfirmed or not the login gives no access and blocks nobody. The attacks
are tried with each value of EMAIL_VERIFICATION.
"""

import re
from functools import partial
from importlib import import_module
from urllib.parse import unquote

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.apps import apps
from django.core import mail
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import PendingJoin, User
from accounts.tokens import issue
from tests.accounts.conftest import SESSION, Browser
from tests.concurrently import at_once
from tests.factories import PASSWORD, make_user

VICTIM = "victim@example.com"
OWN = "staple of paper"  # the password that the address's owner chooses
JOIN, LOGIN, REFRESH = "/accounts/join", "/accounts/login", "/accounts/token/refresh"
POLICIES = ["none", "optional", "mandatory"]


@pytest.fixture(params=POLICIES)
def policy(request, settings) -> str:
    settings.ACCOUNT_EMAIL_VERIFICATION = request.param
    return request.param


@pytest.fixture
def mandatory(settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


@pytest.fixture
def mallory(db) -> User:
    """The attacker, whose own address is confirmed."""
    user = make_user("mallory")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def confirm(user: User) -> None:
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)


def key_in(message, path) -> str:
    return unquote(re.search(rf"/{path}#(\S+)", message.body)[1])


def follow(message) -> int:
    """Confirms by the link in a mail."""
    key = key_in(message, "verify-email")
    return Browser().send("POST", f"{SESSION}/auth/email/verify", {"key": key}).status_code


def ask_for_reset(email: str = VICTIM) -> None:
    answer = Browser().send("POST", f"{SESSION}/auth/password/request", {"email": email})
    assert (answer.status_code, answer.json()) == (200, {"status": 200})


def reset(message, password: str) -> int:
    body = {"key": key_in(message, "reset"), "password": password}
    return Browser().send("POST", f"{SESSION}/auth/password/reset", body).status_code


def token_sign_in(email: str, password: str) -> int:
    return APIClient().post(LOGIN, {"email": email, "password": password}).status_code


def session_sign_in(email: str, password: str) -> int:
    body = {"email": email, "password": password}
    return Browser().send("POST", f"{SESSION}/auth/login", body).status_code


def admin_sign_in(email: str, password: str) -> int:
    """302 means signed in."""
    body = {"username": email, "password": password}
    return Client().post("/admin/login/", body).status_code


def join(email: str = VICTIM, password: str = OWN):
    return APIClient().post(JOIN, {"email": email, "password": password})


# --- Another user's address as a second one ----------------------------------------------------


@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nobody_adds_an_address_nor_makes_one_the_login(mallory, method):
    browser = Browser()
    credentials = {"email": mallory.email, "password": PASSWORD}
    assert browser.send("POST", f"{SESSION}/auth/login", credentials).status_code == 200
    body = {"email": VICTIM, "primary": True}
    assert browser.send(method, f"{SESSION}/account/email", body).status_code == 404
    mallory.refresh_from_db()
    assert mallory.email == "mallory@example.com"
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["mallory@example.com"]


@pytest.fixture(params=[False, True], ids=["unverified", "verified"])
def planted(request, mallory) -> EmailAddress:
    """The record of a second address, which databases of earlier releases may have."""
    return EmailAddress.objects.create(user=mallory, email=VICTIM, verified=request.param)


@pytest.mark.usefixtures("policy", "planted")
def test_a_second_address_resets_nothing():
    ask_for_reset()
    assert mail.outbox == []


@pytest.mark.usefixtures("policy", "planted")
def test_a_second_address_signs_in_nowhere(mallory):
    User.objects.update(is_staff=True)
    assert token_sign_in(VICTIM, PASSWORD) == 401
    assert session_sign_in(VICTIM, PASSWORD) == 400
    assert admin_sign_in(VICTIM, PASSWORD) == 200
    assert admin_sign_in(mallory.email, PASSWORD) == 302


def test_a_second_address_keeps_its_owner_from_nothing(policy, planted):
    if planted.verified:  # the user who confirmed it signs in with it until the migration
        migrate()
    assert join().status_code == (202 if policy == "mandatory" else 201)
    if policy == "mandatory":
        assert follow(mail.outbox[-1]) == 401
    assert token_sign_in(VICTIM, OWN) == 200
    assert session_sign_in(VICTIM, OWN) == 200


@pytest.mark.usefixtures("policy")
def test_a_key_for_a_second_address_confirms_nothing(mallory):
    planted = EmailAddress.objects.create(user=mallory, email=VICTIM)
    key = EmailConfirmationHMAC(planted).key
    answer = Browser().send("POST", f"{SESSION}/auth/email/verify", {"key": key})
    assert answer.status_code == 400
    assert [error["code"] for error in answer.json()["errors"]] == ["invalid_or_expired_key"]
    assert not EmailAddress.objects.get(email=VICTIM).verified


# --- Another user's address as the login --------------------------------------------------------


@pytest.mark.parametrize("policy", ["none", "optional"], indirect=True)
@pytest.mark.usefixtures("policy")
def test_where_logins_need_no_confirmation_a_reset_gives_the_account_to_the_owner(db):
    squatter = join(password=PASSWORD)
    assert squatter.status_code == 201
    assert join().status_code == 400
    mail.outbox.clear()
    ask_for_reset()
    [message] = mail.outbox
    assert message.to == [VICTIM]
    assert reset(message, OWN) == 401
    assert token_sign_in(VICTIM, PASSWORD) == 401
    assert token_sign_in(VICTIM, OWN) == 200
    assert APIClient().post(REFRESH, {"refresh": squatter.json()["refresh"]}).status_code == 401
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {squatter.json()['access']}")
    assert client.get("/accounts/profile").status_code == 401


@pytest.mark.usefixtures("mandatory")
@pytest.mark.parametrize("route", ["token", "session"])
def test_joining_with_anothers_address_gives_nothing(db, route):
    if route == "token":
        answer = join(password=PASSWORD)
        assert set(answer.json()) == {"waits_for", "detail", "confirmation", "links"}
    else:
        browser = Browser()
        body = {"email": VICTIM, "password": PASSWORD}
        assert browser.send("POST", f"{SESSION}/auth/signup", body).status_code == 401
        assert browser.get("/accounts/profile").status_code == 401
    assert token_sign_in(VICTIM, PASSWORD) == 401
    assert session_sign_in(VICTIM, PASSWORD) == 400
    assert not User.objects.exists()


@pytest.mark.usefixtures("mandatory")
@pytest.mark.parametrize("owner_joins_first", [True, False])
def test_the_owner_can_join_before_and_after_others(db, owner_joins_first):
    for password in (OWN, PASSWORD) if owner_joins_first else (PASSWORD, OWN):
        assert join(password=password).status_code == 202
    own, others = mail.outbox if owner_joins_first else reversed(mail.outbox)
    assert follow(own) == 401
    assert token_sign_in(VICTIM, OWN) == 200
    assert token_sign_in(VICTIM, PASSWORD) == 401
    assert follow(others) == 400, "one join has been completed, and the others are void"
    assert User.objects.get().check_password(OWN)


@pytest.mark.usefixtures("mandatory")
@pytest.mark.parametrize("is_active", [True, False])
@pytest.mark.parametrize("has_record", [True, False])
@pytest.mark.parametrize("login", [VICTIM, "Victim@Example.com"])
def test_an_account_that_never_confirmed_its_login_loses_it_to_the_owner(
    db, has_record, is_active, login
):
    squatter = make_user("victim", is_active=is_active)
    User.objects.update(email=login)
    pair = issue(squatter)
    if has_record:
        EmailAddress.objects.create(user=squatter, email=VICTIM, primary=True)
    assert APIClient().post(REFRESH, {"refresh": pair["refresh"]}).status_code == 401
    assert join().status_code == 202
    assert User.objects.get() == squatter, "a join alone takes nothing from anybody"
    assert follow(mail.outbox[-1]) == 401
    owner = User.objects.get(email=VICTIM)
    squatter.refresh_from_db()
    assert owner != squatter
    assert (squatter.email, squatter.is_active) == (
        f"released-{squatter.pk}@daesa.invalid",
        False,
    )
    assert token_sign_in(VICTIM, OWN) == 200
    assert token_sign_in(VICTIM, PASSWORD) == token_sign_in(squatter.email, PASSWORD) == 401
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    assert client.get("/accounts/profile").status_code == 401
    [address] = EmailAddress.objects.all()
    assert (address.user, address.email, address.verified) == (owner, VICTIM, True)


@pytest.mark.usefixtures("mandatory")
def test_a_member_keeps_the_address_when_others_join_with_it(db):
    member = make_user("victim")
    assert join().status_code == 202
    confirm(member)  # between the join and its link
    assert follow(mail.outbox[-1]) == 400
    member.refresh_from_db()
    assert (member.email, member.is_active) == (VICTIM, True)
    assert member.check_password(PASSWORD)
    assert User.objects.count() == 1


@pytest.mark.usefixtures("mandatory")
@pytest.mark.parametrize("damage", ["", "x", "late", "other salt"])
def test_keys_that_are_none(db, damage, time_machine):
    time_machine.move_to(timezone.now())
    join()
    key = key_in(mail.outbox[-1], "verify-email")
    if damage == "late":
        time_machine.shift(4 * 86_400)
    elif damage == "other salt":
        key = EmailConfirmationHMAC(EmailAddress(pk=PendingJoin.objects.get().pk)).key
    else:
        key += damage or "."
    answer = Browser().send("POST", f"{SESSION}/auth/email/verify", {"key": key})
    assert answer.status_code == 400
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("mandatory")
@pytest.mark.parametrize("is_held", [True, False])
def test_of_joins_confirmed_at_once_one_gets_the_address(is_held):
    if is_held:
        make_user("victim")
    for number in range(3):
        join(password=f"{OWN} {number}")
    path = f"{SESSION}/auth/email/verify"
    keys = [key_in(message, "verify-email") for message in mail.outbox]
    answers = at_once(*[partial(Browser().send, "POST", path, {"key": key}) for key in keys])
    assert sorted(answer.status_code for answer in answers) == [400, 400, 401]
    assert User.objects.filter(email=VICTIM, is_active=True).count() == 1
    assert EmailAddress.objects.filter(verified=True).count() == 1


# --- An unconfirmed login ----------------------------------------------------------------------


def test_a_reset_is_for_the_login_and_where_demanded_for_a_confirmed_one(policy, db):
    unconfirmed, confirmed = make_user("victim"), make_user("alice")
    confirm(confirmed)
    ask_for_reset(confirmed.email)
    ask_for_reset(unconfirmed.email)
    to = [message.to for message in mail.outbox]
    assert to == [[confirmed.email], *([] if policy == "mandatory" else [[VICTIM]])]


@pytest.mark.parametrize("change", ["deactivated", "mandatory", "another login"])
def test_a_link_to_reset_is_void_when_its_account_may_no_longer_be_reset(db, settings, change):
    user = make_user("victim")
    ask_for_reset()
    if change == "deactivated":
        User.objects.update(is_active=False)
    elif change == "mandatory":
        settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    else:
        User.objects.update(email="other@example.com")
    assert reset(mail.outbox[0], OWN) == 400
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.usefixtures("mandatory")
def test_an_unconfirmed_login_gets_no_tokens_and_no_session(db):
    user = make_user("victim")
    refresh = issue(user)["refresh"]
    EmailAddress.objects.create(user=user, email="second@example.com", verified=True)
    assert token_sign_in(VICTIM, PASSWORD) == 403
    assert session_sign_in(VICTIM, PASSWORD) == 401
    User.objects.update(is_staff=True)
    assert admin_sign_in(VICTIM, PASSWORD) == 200
    for url, body in (
        (REFRESH, {"refresh": refresh}),
        ("/accounts/token/verify", {"token": refresh}),
    ):
        assert APIClient().post(url, body).status_code == 401
    assert [message.to for message in mail.outbox] == [[VICTIM]], "and never to another address"
    assert follow(mail.outbox[0]) == 401
    assert token_sign_in(VICTIM, PASSWORD) == session_sign_in(VICTIM, PASSWORD) == 200
    assert admin_sign_in(VICTIM, PASSWORD) == 302
    assert APIClient().post(REFRESH, {"refresh": refresh}).status_code == 200


def test_the_staff_gives_another_login(policy, mallory, staff, client):
    client.force_login(staff)
    form = {"email": VICTIM, "nickname": "", "daily_limit": "", "is_active": "on"}
    page = f"/admin/accounts/user/{mallory.pk}/change/"
    assert client.post(page, form).status_code == 302
    former = "mallory@example.com"
    assert token_sign_in(former, PASSWORD) == 401
    assert session_sign_in(former, PASSWORD) == 400
    ask_for_reset(former)
    assert mail.outbox == []
    assert token_sign_in(VICTIM, PASSWORD) == (403 if policy == "mandatory" else 200)


# --- Databases of earlier releases --------------------------------------------------------------


def migrate():
    module = import_module("accounts.migrations.0004_only_own_addresses")
    module.keep_only_own_addresses(apps, None)


def test_records_of_other_addresses_are_removed(mallory, db):
    alice, bob = make_user("alice"), make_user("bob")
    EmailAddress.objects.create(user=alice, email=VICTIM, verified=True)
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    EmailAddress.objects.create(user=mallory, email=VICTIM)
    User.objects.filter(pk=bob.pk).update(email="Bob@Example.com")
    EmailAddress.objects.create(user=bob, email="bob@example.com", primary=True)
    migrate()
    assert set(EmailAddress.objects.values_list("user", "email", "verified")) == {
        (alice.pk, alice.email, True),
        (mallory.pk, mallory.email, True),
        (bob.pk, "bob@example.com", False),
    }
    assert set(User.objects.values_list("email", flat=True)) == {
        "alice@example.com",
        "mallory@example.com",
        "Bob@Example.com",
    }


@pytest.mark.parametrize("is_taken", [True, False])
def test_an_unconfirmed_login_yields_to_the_owner_who_confirmed_it(db, is_taken):
    """The state after `PATCH {"primary": true}` of an earlier release."""
    if is_taken:
        make_user("mallory")
    thief = make_user("victim")
    EmailAddress.objects.create(user=thief, email=VICTIM, primary=True)
    EmailAddress.objects.create(user=thief, email="mallory@example.com", verified=True)
    migrate()
    thief.refresh_from_db()
    assert thief.email == (VICTIM if is_taken else "mallory@example.com")
    left = [] if is_taken else [("mallory@example.com", True)]
    if is_taken:
        left = [(VICTIM, False)]
    assert list(EmailAddress.objects.values_list("email", "verified")) == left
