"""/accounts/authorize: a native program asks, its user allows it or not."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuthorizationCode, SecurityEvent, TokenFamily
from accounts.tokens import issue
from tests.accounts.native_program import (
    ASKED,
    AUTHORIZE,
    REDIRECT,
    allow,
    answer_in,
    ask,
    code_from,
    with_changes,
)
from tests.factories import client_with, make_personal_token

ISSUER = "http://testserver"


# --- Asking -------------------------------------------------------------------------------------


def test_what_is_shown(alices_browser):
    response = ask(alices_browser)
    refusal = {"error": "access_denied", "state": "a state", "iss": ISSUER}
    assert (response.status_code, response.json()) == (
        200,
        {
            "client_name": "Daesa for the terminal",
            "address": "127.0.0.1:51004",
            "refusal": f"{REDIRECT}?{urlencode({'error': 'access_denied'})}"
            "&state=a+state&iss=http%3A%2F%2Ftestserver",
        },
    )
    assert answer_in(response.json()["refusal"]) == refusal
    assert not AuthorizationCode.objects.exists()


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"client_name": None}, "cli"),
        ({"client_name": ""}, "cli"),
        ({"client_name": None, "client_id": None}, ""),
        ({"client_name": "대사 명령줄"}, "대사 명령줄"),
        ({"client_name": "<b>not bold</b>"}, "<b>not bold</b>"),  # the page shows it as it is
        ({"client_name": "zero\u200bwidth"}, "zerowidth"),
    ],
)
def test_the_name(alices_browser, changes, name):
    assert ask(alices_browser, **changes).json()["client_name"] == name


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a\u202eb", "control_characters"),
        ("a\u2066b", "control_characters"),
        ("a\nb", "control_characters"),
        ("a" * 51, "max_length"),
        ("Daesa", "reserved"),
        ("관리자", "reserved"),
        ("Dаеsа", "reserved"),  # Cyrillic letters that look alike
    ],
)
@pytest.mark.parametrize("field", ["client_name", "client_id"])
def test_a_name_that_deceives(alices_browser, field, name, code):
    for response in (ask(alices_browser, **{field: name}), allow(alices_browser, **{field: name})):
        assert response.status_code == 400
        [error] = response.json()["errors"]
        assert (error["field"], error["code"]) == (field, code)


@pytest.mark.parametrize("state", ["x", "~" * 255, '{"a": 1}&iss=evil#', None, "", " 1.0 "])
def test_the_state_comes_back_as_it_was(alices_browser, state):
    refusal = answer_in(ask(alices_browser, state=state).json()["refusal"])
    redirect = answer_in(allow(alices_browser, state=state).json()["redirect_to"])
    assert refusal.get("state", "") == redirect.get("state", "") == (state or "")
    assert refusal["iss"] == redirect["iss"] == ISSUER


def test_parameters_of_extensions_are_ignored(alices_browser):
    changes = {"nonce": "n", "prompt": "consent", "response_mode": "query", "code_challeng": "x"}
    assert ask(alices_browser, **changes).status_code == 200
    assert allow(alices_browser, **changes).status_code == 200


@pytest.mark.parametrize(
    "redirect",
    [
        "http://127.0.0.1:1",
        "http://127.0.0.1:65535/",
        "http://127.0.0.1:51004/a/b-c_d~e.f",
        "http://[::1]:51004/callback",
        "http://127.0.0.1:51004//evil.example/../x",  # a path on the user's own machine
    ],
)
def test_loopback_addresses(alices_browser, redirect):
    assert allow(alices_browser, redirect_uri=redirect).json()["redirect_to"].startswith(redirect)


@pytest.mark.parametrize(
    "redirect",
    [
        *("http://localhost:51004/", "https://127.0.0.1:51004/", "http://127.0.0.2:51004/"),
        *("http://127.0.0.1/", "http://127.0.0.1:/", "http://127.0.0.1:0/", "http://127.1:80/"),
        *("http://127.0.0.1:65536/", "http://127.0.0.1:051004/", "http://127.0.0.1:99999/"),
        *("http://127.0.0.1@evil.example/", "http://127.0.0.1:51004@evil.example/"),
        *("http://user@127.0.0.1:51004/", "http://:@127.0.0.1:51004/", "http://@127.0.0.1:5/"),
        *("http://127.0.0.1.evil.example:51004/", "http://evil.example:51004/127.0.0.1"),
        *("//127.0.0.1:51004/", "///127.0.0.1:51004/", "/callback", "127.0.0.1:51004/"),
        *("http:/127.0.0.1:51004/", "http:\\\\127.0.0.1:51004/", "http://127.0.0.1:51004\\@evil/"),
        *("http://127.0.0.1:51004/#part", "http://127.0.0.1:51004/?a=b", "http://127.0.0.1:5/a;b"),
        *("javascript:alert(1)//http://127.0.0.1:51004/", "data:text/html,x", "app:/callback"),
        *("http://127.0.0.1:51004/%2e%2e", "http://127.0.0.1%3A51004/", "http://127.0.0.1%00:5/"),
        *("http://127.0.0.1:51004/a\r\nSet-Cookie:b", "http://127.0.0.1:5/a b", "http://[::2]:5/"),
        *("http://[::ffff:127.0.0.1]:5/", "http://0x7f000001:5/", "http://2130706433:5/"),
        *("http://127.0.0.1:5100４/", "http://１27.0.0.1:51004/", "http://127.0.0.1:51004/é"),
        *("HTTP://127.0.0.1:51004/", "http://127.0.0.1:51004/" + "a" * 121, "x" * 100_000, ""),
    ],
)
def test_other_addresses_are_sent_nobody(alices_browser, redirect):
    answers = [allow(alices_browser, redirect_uri=redirect)]
    if len(redirect) < 1000:  # else the request line is refused by the server before
        answers.append(ask(alices_browser, redirect_uri=redirect))
    for response in answers:
        assert response.status_code == 400
        assert [error["field"] for error in response.json()["errors"]] == ["redirect_uri"]
        assert "Location" not in response
    assert not AuthorizationCode.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("response_type", value) for value in (None, "token", "code id_token", "code ")),
        *(("code_challenge_method", value) for value in (None, "plain", "s256")),
        *(("code_challenge", value) for value in (None, "a" * 42, "a" * 44, "a" * 42 + "=")),
        *(("state", value) for value in ("a" * 256, "é", "a\nb", "a\n", "\x00")),
        ("scope", "chat:read"),
    ],
)
def test_other_parameters(alices_browser, field, value):
    for response in (
        ask(alices_browser, **{field: value}),
        allow(alices_browser, **{field: value}),
    ):
        assert response.status_code == 400
        assert {error["field"] for error in response.json()["errors"]} == {field}
    assert not AuthorizationCode.objects.exists()


@pytest.mark.parametrize("body", [[], [ASKED], "x", None, {}, {"redirect_uri": [REDIRECT]}])
def test_other_bodies(alices_browser, body):
    assert alices_browser.send("POST", AUTHORIZE, body).status_code == 400


# --- Allowing -----------------------------------------------------------------------------------


def test_what_is_stored(alice, alices_browser):
    response = allow(alices_browser)
    assert list(response.json()) == ["redirect_to"]
    assert response["Cache-Control"] == "no-store"
    answer = answer_in(response.json()["redirect_to"])
    assert list(answer) == ["code", "state", "iss"]
    assert len(answer["code"]) == 43
    stored = AuthorizationCode.objects.get()
    assert stored.user == alice
    assert answer["code"] not in str(AuthorizationCode.objects.values().get())
    left = stored.expires_at - timezone.now()
    assert timedelta(seconds=50) < left <= timedelta(seconds=60)
    # Nobody is signed in yet.
    assert not TokenFamily.objects.exists()
    assert not SecurityEvent.objects.exclude(kind="signed_in").exists()


def test_a_user_has_one_code(alices_browser):
    codes = {code_from(alices_browser) for _ in range(3)}
    assert len(codes) == 3
    assert AuthorizationCode.objects.count() == 1


def test_it_needs_the_csrf_token(alices_browser):
    body = '{"response_type": "code"}'
    response = alices_browser.post(AUTHORIZE, body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (403, "csrf_failed")


def test_a_form_of_another_site_is_refused(alices_browser):
    response = alices_browser.post(AUTHORIZE, ASKED)
    assert response.status_code in {403, 415}
    assert not AuthorizationCode.objects.exists()


def test_it_needs_a_fresh_sign_in(alices_browser, time_machine):
    time_machine.move_to(timezone.now() + timedelta(minutes=11))
    response = allow(alices_browser)
    assert (response.status_code, response.json()["code"]) == (403, "fresh_sign_in_required")
    assert not AuthorizationCode.objects.exists()
    assert ask(alices_browser).status_code == 200, "to look and to refuse needs none"


def test_a_token_allows_nothing(alice):
    bearer = APIClient(HTTP_AUTHORIZATION=f"Bearer {issue(alice)['access']}")
    assert bearer.post(AUTHORIZE, ASKED).json()["code"] == "fresh_sign_in_required"
    _token, raw = make_personal_token(alice)
    assert client_with(raw).post(AUTHORIZE, ASKED).json()["code"] == "insufficient_scope"
    assert client_with(raw).get(AUTHORIZE, ASKED).json()["code"] == "insufficient_scope"
    assert not AuthorizationCode.objects.exists()


def test_nobody_is_asked(db):
    assert APIClient().get(AUTHORIZE, ASKED).status_code == 401
    assert APIClient().post(AUTHORIZE, ASKED).status_code == 401


def test_ten_an_hour_with_the_pairs_of_a_session(alices_browser, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    assert alices_browser.send("POST", "/accounts/token").status_code == 201
    statuses = [allow(alices_browser).status_code for _ in range(10)]
    assert statuses == [200] * 9 + [429]
    assert int(allow(alices_browser)["Retry-After"]) == 3600
    assert ask(alices_browser).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods(alices_browser, method):
    assert alices_browser.send(method, AUTHORIZE, ASKED).status_code == 405


def test_the_host_that_a_program_sees_is_the_issuer(alices_browser):
    headers = {"Host": "127.0.0.1"}
    path = f"{AUTHORIZE}?{urlencode(with_changes(ASKED, {}))}"
    refusal = alices_browser.get(path, headers=headers).json()["refusal"]
    assert answer_in(refusal)["iss"] == "http://127.0.0.1"
