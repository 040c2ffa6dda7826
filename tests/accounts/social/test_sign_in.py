"""Joining and signing in by each of the five providers."""

import hashlib
from base64 import urlsafe_b64encode

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core import mail
from rest_framework.test import APIClient

from accounts.models import SecurityEvent, SignInSource, User
from tests.accounts.conftest import SESSION
from tests.accounts.social.conftest import CALLBACKS, KINDS, NAMES, PAGE, goes_to, query_of

EVERY = pytest.mark.parametrize("name", KINDS)
# The address that each provider has verified, and the name.
JOINED = {
    "kakao": ("hong@example.com", "홍길동"),
    "naver": (None, "나비"),
    "google": ("jane@example.com", "Jane Doe"),
    "github": ("octocat@example.com", "The Octocat"),
    "oidc": ("jane@example.com", "Jane Doe"),
}


@pytest.mark.parametrize("path", ["/accounts/login", "/accounts/join"])
@pytest.mark.usefixtures("offered")
def test_they_are_listed_in_their_order(db, path):
    listed = APIClient().get(path).json()["providers"]
    assert listed == [{"id": name, "name": NAMES[name]} for name in KINDS]


@pytest.mark.parametrize("path", ["/accounts/login", "/accounts/join"])
def test_without_variables_there_are_none(db, path):
    assert APIClient().get(path).json()["providers"] == []


@EVERY
def test_a_new_person_joins(site, name):
    assert site.sign_in(name) == PAGE
    user, (email, nickname) = site.user(), JOINED[name]
    assert (user.email, user.nickname, user.has_usable_password()) == (email, nickname, False)
    addresses = EmailAddress.objects.values_list("email", "verified", "primary")
    assert list(addresses) == ([(email, True, True)] if email else [])
    account = SocialAccount.objects.get()
    assert (account.user, account.provider, account.extra_data) == (user, name, {})
    assert not SocialToken.objects.exists()
    session = site.browser.get(f"{SESSION}/auth/session").json()
    assert session["meta"]["is_authenticated"]


@EVERY
def test_the_same_person_comes_again(site, another_site, name):
    site.sign_in(name)
    again = another_site()
    assert again.sign_in(name) == PAGE
    assert again.user() == site.user()
    assert User.objects.count() == SocialAccount.objects.count() == 1


@EVERY
def test_the_request_to_the_provider(site, name):
    """PKCE, a state, our redirect URI, and a nonce where there is an id_token."""
    asked = query_of(goes_to(site.begin(name)))
    assert asked["redirect_uri"] == f"http://testserver{CALLBACKS[name]}"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 16
    assert ("nonce" in asked) is (name in {"google", "oidc"})
    assert "prompt" not in asked


@EVERY
def test_the_request_for_the_token_has_the_verifier(site, name):
    asked = query_of(goes_to(site.begin(name)))
    site.sign_in(name)
    provider = site.running[name]
    [token] = provider.asked_for(provider.TOKEN)
    verifier = token.fields["code_verifier"]
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    [authorize] = provider.asked_for(provider.AUTHORIZE)
    assert challenge == authorize.fields["code_challenge"] != asked["code_challenge"]


@pytest.mark.parametrize(
    ("headers", "proxies", "base"),
    [
        ({}, 0, "http://testserver"),
        ({"X-Forwarded-Proto": "https"}, 0, "http://testserver"),
        ({"Host": "localhost", "X-Forwarded-Proto": "https"}, 1, "https://localhost"),
        ({"X-Forwarded-Host": "evil.example"}, 1, "http://testserver"),
    ],
)
def test_the_redirect_uri_behind_a_proxy(settings, site, headers, proxies, base):
    if proxies:
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    if base.startswith("https"):
        headers = {**headers, "Referer": f"{base}/login"}
    asked = query_of(goes_to(site.begin("kakao", **headers)))
    assert asked["redirect_uri"] == f"{base}/accounts/kakao/callback"


@EVERY
def test_what_a_sign_in_records(site, name):
    site.sign_in(name)
    user = site.user()
    assert user.last_login is not None
    assert user.ip_address == "127.0.0.1"
    sources = SignInSource.objects.filter(user=user).exclude(signed_in_at=None)
    assert sorted(source.split(":")[0] for source in sources.values_list("source", flat=True)) == [
        "device",
        "network",
    ]
    events = SecurityEvent.objects.filter(user=user).order_by("pk")
    assert list(events.values_list("kind", "reason", "details")) == [
        ("joined", "", {"provider": name}),
        ("signed_in", "", {"by": "session", "provider": name}),
    ]
    assert mail.outbox == []


def test_a_password_s_sign_in_is_not_one_by_a_provider(alices_browser, alice):
    assert not SecurityEvent.objects.filter(details__has_key="provider").exists()


@EVERY
def test_the_session_gets_another_key(site, name):
    """A key that somebody has planted before is worth nothing afterwards."""
    way_back = site.visit(name)
    planted = site.browser.session.session_key
    site.browser.get(way_back)
    assert site.user() is not None
    assert site.browser.session.session_key != planted
    assert not type(site.browser.session)().exists(planted)


def test_a_sign_in_as_somebody_else_leaves_nothing_of_the_former_session(alices_site):
    session = alices_site.browser.session
    session["left"] = "by alice"
    session.save()
    alices_site.sign_in("kakao")
    assert alices_site.user().nickname == "홍길동"
    assert "left" not in alices_site.browser.session
    assert alices_site.begin("naver", process="connect").status_code == 200  # it is fresh


def test_a_sign_in_as_oneself_leaves_nothing_of_the_former_session(site):
    site.sign_in("kakao")
    session = site.browser.session
    session["left"] = "before"
    session.save()
    site.sign_in("kakao")
    assert site.user().nickname == "홍길동"
    assert "left" not in site.browser.session


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        ("kakao", {"prompt": "login"}),
        ("naver", {"auth_type": "reauthenticate"}),
        ("google", {"prompt": "select_account"}),
        ("oidc", {"prompt": "login"}),
    ],
)
def test_who_confirms_is_asked_again_by_the_provider(site, name, parameter):
    site.sign_in(name)
    assert parameter.items() <= query_of(goes_to(site.begin(name))).items()


@EVERY
def test_a_second_factor_is_asked_for(site, another_site, name):
    """The provider's sign-in is no way around it, and counts once it is complete."""
    site.sign_in(name)
    Authenticator.objects.create(user=site.user(), type="totp", data={"secret": "x"})
    signed_in = SecurityEvent.objects.filter(kind="signed_in")
    before, again = signed_in.count(), another_site()
    assert again.sign_in(name) == PAGE
    assert again.user() is None
    flows = again.browser.get(f"{SESSION}/auth/session").json()["data"]["flows"]
    assert [flow["id"] for flow in flows if flow.get("is_pending")] == ["mfa_authenticate"]
    assert again.browser.get("/accounts/profile").status_code == 401
    assert signed_in.count() == before


@EVERY
def test_somebody_inactive_is_refused(site, another_site, name):
    site.sign_in(name)
    User.objects.update(is_active=False)
    again = another_site()
    assert query_of(again.sign_in(name)) == {"error": "inactive", "provider": name}
    assert again.user() is None
    refused = SecurityEvent.objects.filter(kind="sign_in_refused")
    assert list(refused.values_list("reason", "details")) == [("inactive", {"provider": name})]


@EVERY
def test_the_provider_changes_the_address_later(site, another_site, name):
    """The account stays, and so does its login."""
    site.sign_in(name)
    before = User.objects.values().get()
    person = site.running[name].person
    person["email"] = "moved@example.com"
    if name == "github":
        person["emails"] = [{"email": "moved@example.com", "primary": True, "verified": True}]
    again = another_site()
    assert again.sign_in(name) == PAGE
    after = User.objects.values().get()
    assert (after["id"], after["email"]) == (before["id"], before["email"])
    assert not EmailAddress.objects.filter(email="moved@example.com").exists()


@EVERY
def test_people_without_an_address(site, name):
    person = site.running[name].person
    for member in ("email", "email_verified", "is_email_valid", "is_email_verified", "emails"):
        person.pop(member, None)
    assert site.sign_in(name) == PAGE
    assert site.user().email is None
    profile = site.browser.get("/accounts/profile").json()
    assert (profile["email"], profile["nickname"]) == (None, JOINED[name][1])


def test_two_people_without_an_address_are_two(site, another_site):
    site.sign_in("naver")
    site.running["naver"].person["id"] = "another"
    other = another_site()
    other.sign_in("naver")
    assert User.objects.filter(email=None).count() == 2
    assert other.user() != site.user()


NICKNAMES = [
    ("  길동\u200b이  ", "길동이"),
    ("\u202egnp.exe", "gnp.exe"),
    ("admin", ""),
    ("관리자", ""),
    ("Аdmin", ""),  # with a Cyrillic letter
    ("two\nlines", "two lines"),
    ("x" * 80, "x" * 50),
    ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
    ("\u3164", ""),
    ("\x00nul", "nul"),
    ("\ud800", ""),
    (7, ""),
    (None, ""),
    ({"a": 1}, ""),
]


@pytest.mark.parametrize(("given", "kept"), NICKNAMES)
def test_nicknames_of_providers(site, given, kept):
    site.running["kakao"].person["nickname"] = given
    assert site.sign_in("kakao") == PAGE
    assert site.user().nickname == kept


def test_a_user_name_that_is_an_address_is_no_nickname(site):
    site.running["oidc"].person |= {"preferred_username": "jane@example.com", "name": None}
    site.sign_in("oidc")
    assert site.user().nickname == ""
