"""The judge by itself: modes, domains, invitations."""

from datetime import timedelta

import pytest
from django.http import HttpRequest
from django.utils import timezone

from accounts.joining.invitations import digest_of, keep_in_session
from accounts.signup_policy import domain_is_allowed, may_join

ADDRESS = "dora@example.com"


def asked(*, email: str | None = ADDRESS, token: str | None = None, provider: str = "") -> str:
    digest = None if token is None else digest_of(token)
    return may_join(HttpRequest(), email=email, provider=provider, invitation=digest)


@pytest.mark.parametrize(
    ("mode", "answer", "invited"),
    [
        ("open", "", ""),
        ("approval", "signup_approval", ""),
        ("invite", "signup_invite", ""),
        ("closed", "signup_closed", "signup_closed"),
    ],
)
@pytest.mark.parametrize("provider", ["", "kakao", "openid_connect"])
def test_modes(invite, settings, mode, answer, invited, provider):
    settings.SIGNUP = mode
    _invitation, token = invite()
    assert asked(provider=provider) == answer
    assert asked(token="", provider=provider) == answer
    assert asked(token="another", provider=provider) == answer
    assert asked(token=token, provider=provider) == invited
    if provider:
        assert asked(email=None, provider=provider) == answer


DOMAINS = ["allowed.com", ".wide.org", "xn--2j5b95n.example"]


@pytest.mark.parametrize(
    ("email", "is_allowed"),
    [
        ("a@allowed.com", True),
        ("A@ALLOWED.COM", True),
        ("a@allowed.com.", True),
        ("a@ａｌｌｏｗｅｄ.com", True),
        ("a@allowed。com", True),
        ("a@sub.allowed.com", False),
        ("a@wide.org", True),
        ("a@sub.wide.org", True),
        ("a@a.b.wide.org", True),
        ("a@notwide.org", False),
        ("a@学校.example", False),
        ("a@xn--2j5b95n.example", True),
        ("a@allowed.com.evil.org", False),
        ("a@evil.org#allowed.com", False),
        ("a@allowed.com@evil.org", False),
        ('"x@allowed.com"@evil.org', False),
        ("a%allowed.com@evil.org", False),
        ("a@аllowed.com", False),  # a Cyrillic letter
        ("a@a11owed.com", False),
        ("a@allowed.com\u200b", True),  # an invisible character is no part of the address
        ("a@allowed.comm", False),
        ("a@xallowed.com", False),
        ("allowed.com", False),
        ("@allowed.com", False),
        ("a@", False),
        ("", False),
        (None, False),
    ],
)
def test_domains(settings, email, is_allowed):
    settings.SIGNUP_DOMAINS = DOMAINS
    assert domain_is_allowed(email) is is_allowed
    settings.SIGNUP_DOMAINS = []
    assert domain_is_allowed(email)


@pytest.mark.parametrize("mode", ["open", "approval", "invite"])
def test_domains_hold_for_the_invited(invite, settings, mode):
    settings.SIGNUP, settings.SIGNUP_DOMAINS = mode, ["allowed.com"]
    _invitation, token = invite()
    assert asked(token=token) == "signup_domain"
    assert asked(token=token, email="dora@allowed.com") == ""
    assert asked(token=token, email=None, provider="kakao") == "signup_domain"


def test_an_invitation_for_an_address_is_for_no_other(invite, settings):
    settings.SIGNUP = "invite"
    _invitation, token = invite(email="Dora@Example.com")
    assert asked(token=token) == ""
    assert asked(token=token, email="DORA@example.com ") == ""
    for email in ("eve@example.com", "dora@example.com.evil.org", "", None):
        assert asked(token=token, email=email) == "signup_invite"


@pytest.mark.parametrize("end", ["used", "expired", "revoked"])
def test_an_invitation_that_has_ended(invite, settings, end):
    settings.SIGNUP = "invite"
    invitation, token = invite()
    assert asked(token=token) == ""
    if end == "used":
        invitation.used = 1
    elif end == "expired":
        invitation.expires_at = timezone.now() - timedelta(seconds=1)
    else:
        invitation.revoked_at = timezone.now()
    invitation.save()
    assert asked(token=token) == "signup_invite"
    settings.SIGNUP = "open"
    assert asked(token=token) == "", "everybody may join; it counts as none"


def test_the_session_keeps_an_invitation(invite, settings):
    settings.SIGNUP = "invite"
    _invitation, token = invite()
    request = HttpRequest()
    request.session = {}  # type: ignore[assignment]
    assert may_join(request, email=None, provider="kakao") == "signup_invite"
    keep_in_session(request, token)
    assert token not in str(request.session)
    assert may_join(request, email=None, provider="kakao") == ""


def test_the_digest_is_not_the_token(invite):
    invitation, token = invite()
    assert token not in invitation.digest
    assert len(token) >= 43
