"""Every way by which people join or get in, in every mode."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import call_command
from django.http import HttpRequest

from accounts.joining.models import InvitationUse
from accounts.models import PendingJoin, SecurityEvent, User
from tests.accounts.conftest import SESSION, Browser
from tests.accounts.joining.conftest import JOIN, fields, mailed_key
from tests.factories import PASSWORD

SIGNUP, LOGIN = f"{SESSION}/auth/signup", f"{SESSION}/auth/login"
RESET, SET_PASSWORD = f"{SESSION}/auth/password/request", f"{SESSION}/auth/password/reset"
VERIFY = f"{SESSION}/auth/email/verify"
REFUSED = {"invite": "signup_invite", "closed": "signup_closed"}
WAYS = ["token", "session"]


@dataclass(frozen=True)
class Way:
    """`made` is the status of a join that is done, `mailed` of one that waits for its mail."""

    join: Callable[[dict[str, str]], Any]
    made: int
    mailed: int

    def __call__(self, body: dict[str, str]) -> Any:
        return self.join(body)


@pytest.fixture(params=WAYS)
def send(request, anonymous, db) -> Way:
    """Joins at one of the ways; returns the response."""
    if request.param == "token":
        return Way(lambda body: anonymous.post(JOIN, body), made=201, mailed=202)
    return Way(lambda body: Browser().send("POST", SIGNUP, body), made=200, mailed=401)


@pytest.fixture
def verified(settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def events(user):
    return list(SecurityEvent.objects.filter(user=user).values_list("kind", "reason"))


# --- Joining -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", REFUSED)
@pytest.mark.parametrize("verification", ["none", "mandatory"])
def test_refused(send, settings, alice, mode, verification):
    settings.SIGNUP, settings.ACCOUNT_EMAIL_VERIFICATION = mode, verification
    alice.emailaddress_set.create(email=alice.email, verified=True, primary=True)
    for email in ("dora@example.com", alice.email):
        response = send(fields(email))
        assert (response.status_code, response.json()["code"]) == (403, REFUSED[mode])
    assert User.objects.count() == 1
    assert not PendingJoin.objects.exists()
    assert mail.outbox == []


def test_approval(send, settings, staff, login, anonymous, django_capture_on_commit_callbacks):
    settings.SIGNUP = "approval"
    with django_capture_on_commit_callbacks(execute=True):
        response = send(fields())
    assert response.status_code == 202
    body = response.json()
    assert body.get("data", body)["waits_for"] == "approval"
    dora = User.objects.get(email="dora@example.com")
    assert (dora.is_active, dora.approval, dora.last_login) == (False, "waiting", None)
    assert [message.to for message in mail.outbox] == [[staff.email]]
    assert "1 person waits" in mail.outbox[0].body
    assert "dora" not in mail.outbox[0].body


@pytest.mark.parametrize("mode", ["open", "approval", "invite"])
def test_invited(send, settings, invite, mode):
    settings.SIGNUP = mode
    invitation, token = invite(groups=[Group.objects.create(name="Class 3")])
    assert send(fields(invitation=token)).status_code == send.made
    dora = User.objects.get(email="dora@example.com")
    assert dora.is_active
    assert [group.name for group in dora.groups.all()] == ["Class 3"]
    use = InvitationUse.objects.get()
    assert (use.invitation, use.user) == (invitation, dora)
    assert ("invited", "") in events(dora)
    invitation.refresh_from_db()
    assert invitation.used == 1


def test_a_use_is_spent_once(send, settings, invite):
    settings.SIGNUP = "invite"
    _invitation, token = invite()
    assert send(fields(invitation=token)).status_code == send.made
    response = send(fields("eve@example.com", invitation=token))
    assert (response.status_code, response.json()["code"]) == (403, "signup_invite")
    assert not User.objects.filter(email="eve@example.com").exists()


def test_a_join_that_fails_spends_nothing(send, settings, invite, alice):
    settings.SIGNUP = "invite"
    invitation, token = invite()
    assert send(fields(alice.email, invitation=token)).status_code == 400
    invitation.refresh_from_db()
    assert invitation.used == 0


def test_an_invitation_for_another_address(send, settings, invite):
    settings.SIGNUP = "invite"
    _invitation, token = invite(email="dora@example.com")
    assert send(fields("eve@example.com", invitation=token)).status_code == 403
    assert send(fields(invitation=token)).status_code == send.made


@pytest.mark.parametrize(
    "email",
    [
        "dora@other.com",
        "dora@allowed.com.evil.org",
        '"x@allowed.com"@evil.org',
        "dora@xn--llowed-2fg.com",  # allowed.com with a Cyrillic a
        "dora@sub.allowed.com",
    ],
)
@pytest.mark.usefixtures("verified")
def test_another_domain(send, settings, email):
    settings.SIGNUP_DOMAINS = ["allowed.com"]
    response = send(fields(email))
    assert response.json().get("code") == "signup_domain" or response.status_code == 400
    assert not PendingJoin.objects.exists()
    assert mail.outbox == []


@pytest.mark.usefixtures("verified")
def test_an_allowed_domain_in_another_spelling(send, settings):
    settings.SIGNUP_DOMAINS = ["allowed.com"]
    assert send(fields("Dora@ALLOWED.com")).status_code == send.mailed
    assert PendingJoin.objects.get().email == "dora@allowed.com"


# --- The link of a mail --------------------------------------------------------------------------


@pytest.mark.usefixtures("verified")
@pytest.mark.parametrize(
    ("mode", "domains", "code"),
    [
        ("closed", [], "signup_closed"),
        ("invite", [], "signup_invite"),
        ("open", ["allowed.com"], "signup_domain"),
    ],
)
def test_a_join_begun_before_the_policy_changed(anonymous, browser, settings, mode, domains, code):
    anonymous.post(JOIN, fields())
    settings.SIGNUP, settings.SIGNUP_DOMAINS = mode, domains
    response = browser.send("POST", VERIFY, {"key": mailed_key()})
    assert (response.status_code, response.json()["code"]) == (403, code)
    assert not User.objects.exists()


@pytest.mark.usefixtures("verified")
def test_a_join_begun_before_waits_now(anonymous, browser, settings):
    anonymous.post(JOIN, fields())
    settings.SIGNUP = "approval"
    response = browser.send("POST", VERIFY, {"key": mailed_key()})
    assert (response.status_code, response.json()["data"]) == (202, {"waits_for": "approval"})
    dora = User.objects.get()
    assert (dora.is_active, dora.approval) == (False, "waiting")
    again = browser.send("POST", VERIFY, {"key": mailed_key()})
    assert again.status_code == 400, "a link is for once"


@pytest.mark.usefixtures("verified")
def test_the_invitation_is_used_when_the_link_is_opened(anonymous, browser, settings, invite):
    settings.SIGNUP = "invite"
    invitation, token = invite()
    assert anonymous.post(JOIN, fields(invitation=token)).status_code == 202
    invitation.refresh_from_db()
    assert invitation.used == 0
    browser.send("POST", VERIFY, {"key": mailed_key()})
    invitation.refresh_from_db()
    assert invitation.used == 1
    assert User.objects.filter(email="dora@example.com", is_active=True).exists()


@pytest.mark.usefixtures("verified")
def test_revoked_before_the_link_was_opened(anonymous, browser, settings, invite):
    settings.SIGNUP = "invite"
    invitation, token = invite()
    anonymous.post(JOIN, fields(invitation=token))
    invitation.revoked_at = invitation.created_at
    invitation.save()
    response = browser.send("POST", VERIFY, {"key": mailed_key()})
    assert (response.status_code, response.json()["code"]) == (403, "signup_invite")
    assert not User.objects.filter(email="dora@example.com").exists()


@pytest.mark.usefixtures("verified")
@pytest.mark.parametrize("mode", ["open", "approval", "invite"])
def test_answers_do_not_tell_who_has_an_account(send, settings, alice, invite, mode):
    settings.SIGNUP = mode
    _invitation, token = invite()
    alice.emailaddress_set.create(email=alice.email, verified=True, primary=True)
    for more in ({}, {"invitation": token}):
        new, known = (send(fields(email, **more)) for email in ("dora@example.com", alice.email))
        assert new.status_code == known.status_code
        random = {"request_id", "instance", "confirmation"}
        new, known = (
            {k: v for k, v in one.json().items() if k not in random} for one in (new, known)
        )
        assert new == known


# --- People who are not approved -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("approval", "code"), [("waiting", "waits_for_approval"), ("declined", "join_declined")]
)
@pytest.mark.parametrize("way", WAYS)
def test_sign_in(waiting, anonymous, browser, login, approval, code, way):
    User.objects.update(approval=approval)

    def sign_in(body):
        if way == "token":
            return anonymous.post("/accounts/login", body)
        return browser.send("POST", LOGIN, body)

    response = sign_in(login)
    assert (response.status_code, response.json()["code"]) == (403, code)
    assert "_auth_user_id" not in browser.session
    assert ("sign_in_refused", code) in events(waiting)
    wrong = sign_in({**login, "password": "not the right one"})
    assert wrong.status_code in {400, 401}
    assert "approv" not in wrong.content.decode()


def test_inactive_people_are_told_nothing(waiting, anonymous, login):
    User.objects.update(approval="", is_active=False)
    response = anonymous.post("/accounts/login", login)
    assert (response.status_code, response.json()["code"]) == (401, "invalid_credentials")


def test_the_administration(waiting, client, login):
    User.objects.update(is_staff=True)
    body = {"username": login["email"], "password": PASSWORD}
    response = client.post("/admin/login/?next=/admin/", body)
    assert response.status_code == 200
    assert "waits for approval" in response.content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("approval", ["waiting", "declined"])
def test_no_mail_to_set_a_password(waiting, browser, approval):
    User.objects.update(approval=approval)
    waiting.emailaddress_set.create(email=waiting.email, verified=True, primary=True)
    assert browser.send("POST", RESET, {"email": waiting.email}).status_code == 200
    assert mail.outbox == []


def test_a_link_to_set_a_password_from_before(waiting, browser, login, anonymous):
    User.objects.update(approval="", is_active=True)
    browser.send("POST", RESET, {"email": waiting.email})
    key = mail.outbox[0].body.split("/reset#")[1].split()[0]
    User.objects.update(approval="waiting", is_active=False)
    body = {"key": key, "password": "quite another one"}
    assert browser.send("POST", SET_PASSWORD, body).status_code == 400
    waiting.refresh_from_db()
    assert waiting.check_password(PASSWORD)


def test_tokens_and_sessions_from_before_end(alice, client_for, alices_browser):
    as_alice = client_for(alice)
    User.objects.update(approval="waiting", is_active=False)
    assert as_alice.get("/accounts/profile").status_code == 401
    assert alices_browser.get("/accounts/profile").status_code == 401


# --- Other ways ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "domains", "is_open"),
    [
        ("open", [], True),
        ("open", ["allowed.com"], False),
        ("approval", [], False),
        ("invite", [], False),
        ("closed", [], False),
    ],
)
def test_ways_of_the_library_without_a_check_of_their_own(settings, db, mode, domains, is_open):
    settings.SIGNUP, settings.SIGNUP_DOMAINS = mode, domains
    assert get_adapter().is_open_for_signup(HttpRequest()) is is_open


@pytest.mark.parametrize("mode", ["approval", "invite", "closed"])
def test_staff_add_whom_they_like(as_super, settings, monkeypatch, mode):
    settings.SIGNUP, settings.SIGNUP_DOMAINS = mode, ["allowed.com"]
    body = {
        "email": "eve@other.com",
        "nickname": "",
        "usable_password": "true",
        "password1": "staple of paper",
        "password2": "staple of paper",
    }
    assert as_super.post("/admin/accounts/user/add/", body).status_code == 302
    assert User.objects.get(email="eve@other.com").is_active
    monkeypatch.setenv("ADMIN_EMAIL", "root@other.com")
    monkeypatch.setenv("ADMIN_PASSWORD", "staple of paper")
    call_command("create_admin")
    assert User.objects.get(email="root@other.com").is_superuser


def test_create_admin_lets_in_who_waits(waiting, monkeypatch):
    monkeypatch.setenv("ADMIN_EMAIL", waiting.email)
    call_command("create_admin")
    waiting.refresh_from_db()
    assert (waiting.is_active, waiting.approval) == (True, "")


def test_what_the_form_says(anonymous, settings):
    settings.SIGNUP, settings.SIGNUP_DOMAINS = "approval", ["allowed.com"]
    assert anonymous.get(JOIN).json()["signup"] == {"mode": "approval", "domains": ["allowed.com"]}


def test_open_an_invitation(browser, settings, invite):
    settings.SIGNUP = "invite"
    _invitation, token = invite(email="dora@example.com")
    response = browser.send("POST", f"{JOIN}/invitation", {"invitation": token})
    assert response.status_code == 200
    assert response.json()["email"] == "dora@example.com"
    assert browser.send("POST", SIGNUP, fields()).status_code == 200, "the session keeps it"
    assert "invitation" not in browser.session
    again = browser.send("POST", f"{JOIN}/invitation", {"invitation": token})
    assert (again.status_code, again.json()["code"]) == (403, "signup_invite")


def test_a_closed_site_opens_no_invitation(browser, settings, invite):
    settings.SIGNUP = "closed"
    response = browser.send("POST", f"{JOIN}/invitation", {"invitation": invite()[1]})
    assert (response.status_code, response.json()["code"]) == (403, "signup_closed")


def test_guesses_at_invitations_are_limited(anonymous, db):
    codes = [
        anonymous.post(f"{JOIN}/invitation", {"invitation": "x"}).status_code for _ in range(31)
    ]
    assert codes == [403] * 30 + [429]


def test_an_account_that_lost_its_address_waits_no_longer(waiting, anonymous, browser, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    anonymous.post(JOIN, fields())
    assert browser.send("POST", VERIFY, {"key": mailed_key()}).status_code == 401
    waiting.refresh_from_db()
    assert (waiting.approval, waiting.is_active) == ("", False)
    assert User.objects.get(email="dora@example.com").is_active
