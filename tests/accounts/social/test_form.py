"""The form that begins a sign-in by a provider, and who may join by it."""

from typing import Any

import pytest
from allauth.socialaccount.internal import statekit
from django.test import Client

from accounts.joining import approval
from accounts.models import User
from tests.accounts.conftest import SESSION
from tests.accounts.social.conftest import PAGE, SETTINGS, goes_to, query_of

NEXT = f"{PAGE}?next=%2Fquotes%2Fmine"


def end(site: Any, name: str, **options: Any) -> str:
    """The code with which it ends on the page that asked."""
    location = site.sign_in(name, page=NEXT, **options)
    assert location.startswith(PAGE)
    query = query_of(location)
    assert query.pop("next") == "/quotes/mine"
    assert query.pop("provider") == name
    assert site.user() is None
    assert not User.objects.exists()
    [code] = query.values()
    return code


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "///evil.example",
    "javascript:alert(1)",
    "http://testserver/login",
    "login/callback",
    "",
    "/login/callback?next=https://evil.example",
    "/login/callback?next=//evil.example",
    "/login/callback?next=%2F%2Fevil.example",
    "/login/callback?next=/%5Cevil.example",
    "/login/callback?next=%252F%252Fevil.example",
    "/login/callback?next=javascript:alert(1)",
    "/login/callback?next=/&next=//evil.example",
    "/" + "x" * 3000,
]


@pytest.mark.parametrize("page", ELSEWHERE)
def test_no_sign_in_leads_elsewhere(site, page):
    response = site.begin("kakao", page=page)
    assert response["Location"] == f"{PAGE}?error=unknown&provider=kakao"
    assert not site.browser.session.get(statekit.STATES_SESSION_KEY)


@pytest.mark.parametrize("page", [PAGE, NEXT, SETTINGS, f"{PAGE}?next=/c/1%3Fa%3Db"])
def test_own_paths(site, page):
    assert site.sign_in("kakao", page=page) == page


@pytest.mark.parametrize(
    ("provider", "process"),
    [("facebook", "login"), ("", "login"), ("kakao", ""), ("kakao", "redirect"), ("\x00", "login")],
)
def test_a_form_that_makes_no_sense(site, provider, process):
    response = site.begin(provider, process=process)
    assert (response.status_code, query_of(response["Location"])["error"]) == (302, "unknown")


def test_a_provider_that_is_not_offered(browser, settings):
    token = browser.cookies["csrftoken"].value
    fields = {"provider": "kakao", "process": "login", "callback_url": PAGE}
    response = browser.post(
        f"{SESSION}/auth/provider/redirect", {**fields, "csrfmiddlewaretoken": token}
    )
    assert response["Location"] == f"{PAGE}?error=unknown"
    assert browser.get("/accounts/kakao/callback?state=x&code=y")["Location"] == (
        f"{PAGE}?error=expired&provider=kakao"
    )


@pytest.mark.parametrize("token", ["", "wrong" * 8, None])
def test_the_form_needs_its_csrf_token(offered, db, token):
    client = Client(enforce_csrf_checks=True)
    client.get(f"{SESSION}/auth/session")
    fields = {"provider": "kakao", "process": "login", "callback_url": PAGE}
    if token is not None:
        fields["csrfmiddlewaretoken"] = token
    assert client.post(f"{SESSION}/auth/provider/redirect", fields).status_code == 403
    assert client.get(f"{SESSION}/auth/provider/redirect", fields).status_code == 405


def test_parameters_of_the_address_change_nothing(site):
    """By itself, allauth would take a scope and further parameters from there."""
    token = site.browser.cookies["csrftoken"].value
    fields = {"provider": "kakao", "process": "login", "callback_url": PAGE}
    response = site.browser.post(
        f"{SESSION}/auth/provider/redirect?scope=all&auth_params=redirect_uri%3Dhttps://evil.example",
        {**fields, "csrfmiddlewaretoken": token},
    )
    asked = query_of(goes_to(response))
    assert "scope" not in asked or asked["scope"] == ""
    assert asked["redirect_uri"].startswith("http://testserver/")


def test_the_document_that_goes_on(site):
    response = site.begin("kakao")
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert response["Cache-Control"] == "no-store"
    text = response.content.decode()
    assert 'href="http://127.0.0.1' in text
    assert "&amp;state=" in text


def test_too_many_begun(site):
    for _ in range(30):
        assert site.begin("kakao").status_code == 200
    assert query_of(site.begin("kakao")["Location"])["error"] == "too_many_attempts"


def test_too_many_come_back(site, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "provider_callback": "1/m/ip"}
    site.sign_in("kakao")
    site.browser.send("DELETE", f"{SESSION}/auth/session")
    assert query_of(site.sign_in("kakao"))["error"] == "too_many_attempts"


def test_too_many_join(site, another_site, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "join": "1/m/ip"}
    site.sign_in("kakao")
    assert query_of(another_site().sign_in("naver"))["error"] == "too_many_attempts"
    assert another_site().sign_in("kakao") == PAGE  # who has joined before comes in
    assert User.objects.count() == 1


@pytest.mark.parametrize("mode", ["closed", "invite"])
def test_a_site_that_takes_nobody(site, settings, mode):
    settings.SIGNUP = mode
    assert end(site, "naver") == end(site, "google") == f"signup_{mode}"
    assert not User.objects.exists()


def test_only_a_verified_address_is_in_a_domain(site, another_site, settings):
    settings.SIGNUP_DOMAINS = ["example.com"]
    assert end(site, "naver") == "signup_domain"
    assert another_site().sign_in("google") == PAGE
    assert User.objects.get().email == "jane@example.com"


def test_a_site_that_approves(site, another_site, settings, staff):
    """The account waits, inactive, until staff let it in."""
    settings.SIGNUP = "approval"
    for _ in range(2):
        assert query_of(site.sign_in("kakao"))["error"] == "signup_approval"
    assert site.user() is None
    waiting = User.objects.get(email="hong@example.com")
    assert approval.decline(waiting, actor=staff, reason="")
    assert query_of(site.sign_in("kakao"))["error"] == "join_declined"
    assert approval.approve(waiting, actor=staff, base="http://testserver")
    again = another_site()
    assert again.sign_in("kakao") == PAGE
    assert again.user().email == "hong@example.com"
