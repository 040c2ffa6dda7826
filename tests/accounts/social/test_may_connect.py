"""POST /_allauth/browser/v1/account/providers: whether connecting may begin."""

from typing import Any

import pytest

from tests.accounts.conftest import SESSION

URL = f"{SESSION}/account/providers"


def ask(site: Any, **body: str) -> tuple[int, dict[str, Any]]:
    answer = site.browser.send("POST", URL, body)
    return answer.status_code, answer.json()


def test_after_a_fresh_sign_in(alices_site):
    assert ask(alices_site, provider="kakao") == (200, {"status": 200})


def test_not_after_a_while(alices_site):
    session = alices_site.browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 601
    session.save()
    status, body = ask(alices_site, provider="kakao")
    assert (status, body["code"]) == (403, "fresh_sign_in_required")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"provider": "myspace"}, "provider", "unknown_provider"),
        ({}, "provider", "required"),
    ],
)
def test_a_provider_that_is_not_offered(alices_site, body, field, code):
    status, answer = ask(alices_site, **body)
    assert status == 400
    assert [(error["param"], error["code"]) for error in answer["errors"]] == [(field, code)]


def test_not_without_a_session(site):
    assert ask(site, provider="kakao")[0] == 401
