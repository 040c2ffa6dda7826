"""Connecting another way to sign in, listing and removing them, under Settings."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.utils import timezone

from accounts import social
from accounts.models import SecurityEvent, User
from accounts.providers.errors import Ended
from accounts.providers.identity import Identity
from accounts.sign_in_ways import LastWayToSignIn, demand_another_way
from tests.accounts.conftest import SESSION
from tests.accounts.social.conftest import KINDS, PAGE, SETTINGS, password_sign_in, query_of
from tests.factories import make_user

EVERY = pytest.mark.parametrize("name", KINDS)
CONNECTED = f"{SESSION}/account/providers"
CONNECT = {"process": "connect", "page": SETTINGS}


def connected(user: User) -> list[str]:
    return sorted(SocialAccount.objects.filter(user=user).values_list("provider", flat=True))


def listed(site: Any) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = site.browser.get(CONNECTED).json()["data"]
    return data


def remove(site: Any, name: str, uid: str | None = None) -> Any:
    uid = uid or SocialAccount.objects.get(provider=name, user=site.user()).uid
    return site.browser.send("DELETE", CONNECTED, {"provider": name, "account": uid})


def make_stale(site: Any) -> None:
    session = site.browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 601
    session.save()


def events(user: User) -> list[tuple[str, dict[str, str]]]:
    kinds = SecurityEvent.objects.filter(user=user, kind__startswith="provider_").order_by("pk")
    return list(kinds.values_list("kind", "details"))


@EVERY
def test_connecting(alices_site, another_site, alice, name):
    """From then on alice gets in by both; nothing else of her account changes."""
    before = User.objects.values("email", "nickname", "password").get(pk=alice.pk)
    assert alices_site.sign_in(name, **CONNECT) == SETTINGS
    assert alices_site.user() == alice
    assert connected(alice) == [name]
    assert User.objects.values("email", "nickname", "password").get(pk=alice.pk) == before
    assert events(alice) == [("provider_connected", {"provider": name})]
    [notice] = mail.outbox
    assert notice.to == [alice.email]
    assert "A way to sign in was connected" in notice.subject
    again = another_site()
    assert again.sign_in(name) == PAGE
    assert again.user() == alice


@EVERY
def test_her_own_address_at_the_provider_is_no_conflict(alices_site, alice, name):
    alices_site.running[name].person["email"] = alice.email
    assert alices_site.sign_in(name, **CONNECT) == SETTINGS
    assert connected(alice) == [name]


@EVERY
def test_connecting_twice_is_one(alices_site, alice, name):
    for _ in range(2):
        assert alices_site.sign_in(name, **CONNECT) == SETTINGS
    assert connected(alice) == [name]
    assert len(mail.outbox) == 1


@EVERY
def test_an_identity_that_another_account_has(alices_site, another_site, alice, name):
    other = another_site()
    other.sign_in(name)
    location = alices_site.sign_in(name, **CONNECT)
    assert location == f"{SETTINGS}?error=connected_elsewhere&provider={name}"
    assert connected(alice) == []
    assert connected(other.user()) == [name]
    assert alices_site.user() == alice


def test_strangers_connect_nothing(site):
    location = site.begin("kakao", **CONNECT)["Location"]
    assert location == f"{SETTINGS}?error=expired&provider=kakao"
    assert not site.running["kakao"].asked


def test_it_needs_a_fresh_sign_in(alices_site, alice):
    make_stale(alices_site)
    location = alices_site.begin("kakao", **CONNECT)["Location"]
    assert location == f"{SETTINGS}?error=fresh_sign_in_required&provider=kakao"
    assert not alices_site.running["kakao"].asked


def test_it_needs_a_fresh_sign_in_on_the_way_back(alices_site, alice):
    way_back = alices_site.visit("kakao", **CONNECT)
    make_stale(alices_site)
    location = alices_site.browser.get(way_back)["Location"]
    assert location == f"{SETTINGS}?error=fresh_sign_in_required&provider=kakao"
    assert connected(alice) == []
    assert not alices_site.running["kakao"].asked_for("/oauth/token")


def test_a_sign_in_by_the_provider_is_fresh(site):
    site.sign_in("kakao")
    make_stale(site)
    assert query_of(site.begin("naver", **CONNECT)["Location"])["error"] == "fresh_sign_in_required"
    site.sign_in("kakao")
    assert site.sign_in("naver", **CONNECT) == SETTINGS
    assert connected(site.user()) == ["kakao", "naver"]


def test_a_way_back_in_another_session(alices_site, another_site, bob):
    """The attacker's identity, sent to the victim: it is not connected to the victim's account."""
    victim = another_site()
    password_sign_in(victim.browser, bob)
    way_back = alices_site.visit("kakao", **CONNECT)
    assert query_of(victim.browser.get(way_back)["Location"])["error"] == "expired"
    assert connected(bob) == []


def test_the_user_changes_in_between(alices_site, alice, bob):
    """The state lives in the session, which ends with its user."""
    way_back = alices_site.visit("kakao", **CONNECT)
    alices_site.browser.send("DELETE", f"{SESSION}/auth/session")
    password_sign_in(alices_site.browser, bob)
    assert query_of(alices_site.browser.get(way_back)["Location"])["error"] == "expired"
    assert not SocialAccount.objects.exists()


def test_the_user_who_began_is_the_one_who_connects(rf, alice, bob):
    """Also where a session had both."""
    request = rf.get("/")
    request.user, request.session = bob, _fresh(bob)
    with pytest.raises(Ended, match="expired"):
        social.connect(request, Identity("kakao", "1"), user_id=alice.pk)


def _fresh(user: User) -> dict[str, Any]:
    return {
        "account_authentication_methods": [{"method": "password", "at": 9e9}],
        "account_authentication_methods_user": str(user.pk),
    }


@pytest.mark.parametrize("error", ["access_denied", "server_error"])
def test_connecting_is_cancelled(alices_site, alice, error):
    alices_site.running["kakao"].error = error
    location = alices_site.sign_in("kakao", **CONNECT)
    assert location.startswith(f"{SETTINGS}?error=")
    assert connected(alice) == []
    assert alices_site.user() == alice


def test_the_most_that_are_connected(alices_site, alice):
    SocialAccount.objects.bulk_create(
        SocialAccount(user=alice, provider="kakao", uid=str(n))
        for n in range(social.MOST_CONNECTED - 1)
    )
    assert alices_site.sign_in("naver", **CONNECT) == SETTINGS
    location = alices_site.sign_in("github", **CONNECT)
    assert query_of(location)["error"] == "too_many_connected"
    assert SocialAccount.objects.count() == social.MOST_CONNECTED


# --- The list ------------------------------------------------------------------------------------


def test_the_list(alices_site, alice, django_assert_num_queries):
    assert listed(alices_site) == []
    alices_site.sign_in("kakao", **CONNECT)
    alices_site.sign_in("oidc", **CONNECT)
    shown = [(one["provider"], one["display"]) for one in listed(alices_site)]
    assert shown == [
        ({"id": "kakao", "name": "Kakao"}, "Kakao"),
        ({"id": "oidc", "name": "Example ID"}, "Example ID"),
    ]
    assert set(listed(alices_site)[0]) == {
        *("uid", "provider", "display", "connected_at", "last_used_at")
    }


def test_the_list_is_one_s_own(alices_site, another_site, alice):
    another_site().sign_in("kakao")
    assert listed(alices_site) == []


def test_a_provider_that_is_not_offered_any_more(alices_site, alice, settings):
    """It is listed, and can be removed."""
    alices_site.sign_in("kakao", **CONNECT)
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert [one["provider"] for one in listed(alices_site)] == [{"id": "kakao", "name": "kakao"}]
    assert remove(alices_site, "kakao").status_code == 200
    assert connected(alice) == []


# --- Removing ------------------------------------------------------------------------------------


@EVERY
def test_removing(alices_site, another_site, alice, name):
    alices_site.sign_in(name, **CONNECT)
    mail.outbox.clear()
    response = remove(alices_site, name)
    assert (response.status_code, response.json()["data"]) == (200, [])
    assert events(alice)[-1] == ("provider_disconnected", {"provider": name})
    [notice] = mail.outbox
    assert "A way to sign in was removed" in notice.subject
    again = another_site()
    again.running[name].person["email"] = "x@example.com"
    again.sign_in(name)
    assert again.user() != alice


def test_removing_needs_a_fresh_sign_in(alices_site, alice):
    alices_site.sign_in("kakao", **CONNECT)
    make_stale(alices_site)
    response = remove(alices_site, "kakao")
    assert (response.status_code, response.json()["code"]) == (403, "fresh_sign_in_required")
    assert connected(alice) == ["kakao"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_strangers_see_and_remove_nothing(site, method):
    response = site.browser.send(method, CONNECTED, {"provider": "kakao", "account": "1"})
    assert response.status_code == 401


def test_removing_another_s(alices_site, another_site, alice):
    other = another_site()
    other.sign_in("kakao")
    other.sign_in("naver", **CONNECT)
    uid = SocialAccount.objects.get(provider="naver").uid
    assert remove(alices_site, "naver", uid).status_code == 400
    assert connected(other.user()) == ["kakao", "naver"]


@pytest.mark.parametrize("body", [{}, {"provider": "kakao"}, {"account": "1"}, {"provider": 7}])
def test_removing_what_is_not_named(alices_site, body):
    assert alices_site.browser.send("DELETE", CONNECTED, body).status_code == 400


def test_the_last_way_stays(site):
    site.sign_in("kakao")
    response = remove(site, "kakao")
    assert (response.status_code, response.json()["code"]) == (409, "last_way")
    assert connected(site.user()) == ["kakao"]


def test_one_of_two_ways(site):
    site.sign_in("kakao")
    site.sign_in("naver", **CONNECT)
    assert remove(site, "kakao").status_code == 200
    assert remove(site, "naver").json()["code"] == "last_way"


WAYS = [
    # email, password, verification, confirmed, another provider, passkey, passkeys enabled: enough?
    ("a@example.com", True, "none", False, "", None, False, True),
    ("a@example.com", True, "mandatory", True, "", None, False, True),
    ("a@example.com", True, "mandatory", False, "", None, False, False),
    ("a@example.com", False, "none", True, "", None, False, False),
    (None, True, "none", False, "", None, False, False),  # no address to type
    (None, False, "none", False, "", None, False, False),
    (None, False, "none", False, "naver", None, False, True),
    (None, False, "none", False, "oidc-of-before", None, False, False),  # not offered any more
    (None, False, "none", False, "", True, True, True),
    (None, False, "none", False, "", True, False, False),  # passkeys cannot sign in here
    (None, False, "none", False, "", False, True, False),  # a second factor alone
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.usefixtures("offered")
def test_what_counts_as_a_way(settings, db, way):
    email, password, verification, confirmed, other, passkey, passkeys, is_enough = way
    settings.ACCOUNT_EMAIL_VERIFICATION, settings.MFA_PASSKEY_LOGIN_ENABLED = verification, passkeys
    settings.MFA_SUPPORTED_TYPES = ["totp", "webauthn"]
    user = make_user()
    user.email = email
    if not password:
        user.set_unusable_password()
    user.save()
    if confirmed:
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    removed = SocialAccount.objects.create(user=user, provider="kakao", uid="1")
    if other:
        SocialAccount.objects.create(user=user, provider=other, uid="1")
    if passkey is not None:
        data = {"credential": {"clientExtensionResults": {"credProps": {"rk": passkey}}}}
        Authenticator.objects.create(user=user, type="webauthn", data=data)
    if is_enough:
        demand_another_way(user, removed)
    else:
        with pytest.raises(LastWayToSignIn):
            demand_another_way(user, removed)


def test_times_of_the_list(site):
    site.sign_in("kakao")
    now = timezone.now()
    SocialAccount.objects.update(last_login=now - timedelta(days=9))
    site.sign_in("kakao")
    assert SocialAccount.objects.get().last_login >= now
