"""Which sign-ins are fresh, and what a refusal offers."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from accounts.fresh_sign_in import FreshSignInRequired, demand_fresh_sign_in, is_fresh


def request_of(user, *, seconds_ago=None):
    """A request of the user's session, in which they signed in that long ago."""
    request = RequestFactory().get("/")
    request.user, request.session = user, SessionStore()
    if seconds_ago is not None:
        record = {"method": "password", "at": time.time() - seconds_ago}
        request.session["account_authentication_methods"] = [record]
        request.session["account_authentication_methods_user"] = str(user.pk)
    return request


@pytest.mark.parametrize(
    ("seconds_ago", "expected"), [(None, False), (0, True), (590, True), (610, False)]
)
def test_a_sign_in_is_fresh_for_ten_minutes(alice, seconds_ago, expected):
    assert is_fresh(request_of(alice, seconds_ago=seconds_ago)) is expected


def test_a_bearer_token_is_never_fresh(alice):
    request = request_of(alice, seconds_ago=0)
    request.auth = object()
    assert not is_fresh(request)


def with_factors(user):
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(user=user, type=kind, data={})


def with_provider_alone(user):
    user.set_unusable_password()
    user.save()
    for uid in ("1", "2"):
        SocialAccount.objects.create(user=user, provider="kakao", uid=uid)


PASSWORD = {"id": "reauthenticate"}


@pytest.mark.parametrize(
    ("prepare", "flows"),
    [
        (lambda user: None, [PASSWORD]),
        (
            with_factors,
            [PASSWORD, {"id": "mfa_reauthenticate", "types": ["recovery_codes", "totp"]}],
        ),
        (with_provider_alone, [{"id": "provider_redirect", "providers": ["kakao"]}]),
    ],
)
def test_a_refusal_has_the_ways_to_confirm(alice, bob, prepare, flows):
    with_factors(bob)
    prepare(alice)
    with pytest.raises(FreshSignInRequired) as refusal:
        demand_fresh_sign_in(request_of(alice))
    assert refusal.value.members == {"flows": flows}
