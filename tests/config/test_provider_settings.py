"""The variables of sign-in providers."""

from typing import Any

import pytest

from tests.config.conftest import complaint

PAIR = {"client_id": "id", "secret": "secret"}


def of_environment(start, **variables: str) -> dict[str, Any]:
    found: dict[str, Any] = start(DEBUG="true", **variables)["SOCIALACCOUNT_PROVIDERS"]
    return found


def test_without_variables_no_provider_is_offered(start):
    assert of_environment(start) == {}
    assert of_environment(start, OIDC_NAME="A name alone") == {}


@pytest.mark.parametrize("name", ["kakao", "naver", "google", "github"])
def test_a_provider(start, name):
    prefix = name.upper()
    variables = {f"{prefix}_CLIENT_ID": "id", f"{prefix}_CLIENT_SECRET": "secret"}
    [(found, given)] = of_environment(start, **variables).items()
    [app] = given["APPS"]
    assert (found, given["OAUTH_PKCE_ENABLED"]) == (name, True)
    assert PAIR.items() <= app.items()
    assert app["settings"] == {"base_url": ""}


def test_any_openid_provider(start):
    issuer = "https://id.example/realms/all"
    given = {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": "id", "OIDC_CLIENT_SECRET": "secret"}
    [app] = of_environment(start, **given)["openid_connect"]["APPS"]
    assert (app["provider_id"], app["name"]) == ("oidc", "OpenID Connect")
    assert app["settings"] == {"base_url": issuer}
    [app] = of_environment(start, **given, OIDC_NAME="회사 계정")["openid_connect"]["APPS"]
    assert app["name"] == "회사 계정"


def test_providers_are_in_the_order_in_which_they_are_shown(start):
    names = ("OIDC", "GITHUB", "GOOGLE", "NAVER", "KAKAO")
    given = {f"{name}_CLIENT_{part}": "x" for name in names for part in ("ID", "SECRET")}
    found = of_environment(start, **given, OIDC_ISSUER="https://id.example")
    assert list(found) == ["kakao", "naver", "google", "github", "openid_connect"]


OIDC = {
    "OIDC_ISSUER": "https://id.example",
    "OIDC_CLIENT_ID": "id",
    "OIDC_CLIENT_SECRET": "secret",
}
KAKAO = {"KAKAO_CLIENT_ID": "id", "KAKAO_CLIENT_SECRET": "secret"}
WRONG_PROVIDERS = [
    ({"KAKAO_CLIENT_ID": "id"}, "KAKAO_CLIENT_ID"),
    ({"KAKAO_CLIENT_SECRET": "secret"}, "KAKAO_CLIENT_SECRET"),
    ({"KAKAO_BASE_URL": "https://kakao.example"}, "KAKAO_BASE_URL"),
    ({"GITHUB_CLIENT_ID": "id"}, "GITHUB_CLIENT_ID"),
    *(({name: value}, name) for name, value in OIDC.items()),
    *(
        ({name: value for name, value in OIDC.items() if name != left_out}, None)
        for left_out in OIDC
    ),
    *(
        ({**OIDC, "OIDC_ISSUER": issuer}, "OIDC_ISSUER")
        for issuer in (
            *("http://id.example", "id.example", "https://", "ftp://id.example"),
            *("https://id.example?realm=1", "https://id.example#a", "https://me:pw@id.example"),
            *("https://id.example/ realm", "https://id.example:port", "https://아이디.example"),
        )
    ),
    ({**KAKAO, "KAKAO_BASE_URL": "http://kakao.example"}, "KAKAO_BASE_URL"),
    ({**KAKAO, "KAKAO_CLIENT_ID": "i d"}, "KAKAO_CLIENT_ID"),
    ({**KAKAO, "KAKAO_CLIENT_SECRET": "비밀"}, "KAKAO_CLIENT_SECRET"),
    ({**KAKAO, "KAKAO_CLIENT_SECRET": "x" * 256}, "KAKAO_CLIENT_SECRET"),
    ({**OIDC, "OIDC_NAME": "x" * 41}, "OIDC_NAME"),
    ({**OIDC, "OIDC_NAME": "two\nlines"}, "OIDC_NAME"),
]


@pytest.mark.parametrize(("variables", "name"), WRONG_PROVIDERS, ids=str)
def test_wrong_variables_of_providers_stop_the_start(start, variables, name):
    message = complaint(start, DEBUG="true", **variables)
    assert message.startswith(f'daesa: Environment variable "{name or ""}')
    assert "\n" not in message
    assert "secret" not in message.replace("_SECRET", "")
    assert "비밀" not in message


@pytest.mark.parametrize(
    "issuer",
    ["http://127.0.0.1:9000", "http://localhost:9000/", "http://[::1]:9", "https://id.example/"],
)
def test_issuers_that_may_be_named(start, issuer):
    [app] = of_environment(start, **{**OIDC, "OIDC_ISSUER": issuer})["openid_connect"]["APPS"]
    assert app["settings"]["base_url"] == issuer
