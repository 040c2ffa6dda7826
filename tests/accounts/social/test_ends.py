"""Every way in which a sign-in by a provider can end: always on the page, never as an error of the
server, and nobody is signed in who should not be.
"""

import socket
import time
from typing import Any

import jwt
import pytest
from allauth.socialaccount.internal import statekit

from accounts.models import User
from accounts.providers import wire
from tests.accounts.conftest import SESSION
from tests.accounts.social.conftest import (
    CALLBACKS,
    KINDS,
    PAGE,
    goes_to,
    query_of,
)
from tests.providers.openid import key
from tests.providers.server import Reply

pytestmark = pytest.mark.any_database

EVERY = pytest.mark.parametrize("name", KINDS)
OPENID = pytest.mark.parametrize("name", ["google", "oidc"])
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


@EVERY
@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("access_denied", "cancelled"),
        ("consent_required", "denied"),
        ("invalid_scope", "denied"),
        ("unauthorized_client", "denied"),
        ("<script>", "denied"),
        ("server_error", "unknown"),
        ("temporarily_unavailable", "unknown"),
    ],
)
def test_the_provider_sends_back_with_an_error(site, name, error, code):
    site.running[name].error = error
    site.running[name].error_description = "Canceled By User"
    assert end(site, name) == code


@EVERY
def test_a_way_back_is_good_once(site, name):
    way_back = site.visit(name)
    assert site.browser.get(way_back)["Location"] == PAGE
    site.browser.send("DELETE", f"{SESSION}/auth/session")
    again = site.browser.get(way_back)
    assert again["Location"] == f"{PAGE}?error=expired&provider={name}"
    assert site.user() is None


@EVERY
def test_a_way_back_in_another_browser_signs_nobody_in(site, another_site, name):
    """Login CSRF: the attacker's own way back, opened by the victim."""
    victim = another_site()
    way_back = site.visit(name)
    assert query_of(victim.browser.get(way_back)["Location"])["error"] == "expired"
    assert victim.user() is None
    assert not User.objects.exists()


@EVERY
@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=x",
        "code=x&state=",
        "code=x&state=unknown",
        "state=unknown&error=access_denied",
        "code=x&state=%00",
        "code=x&state=" + "y" * 5000,
    ],
)
def test_an_unknown_state(site, name, query):
    location = site.browser.get(f"{CALLBACKS[name]}?{query}")["Location"]
    assert location == f"{PAGE}?error=expired&provider={name}"
    assert not site.running[name].asked


def test_a_state_of_another_provider(site):
    """Mix-up: the code would go to the wrong one."""
    way_back = site.visit("kakao").replace(CALLBACKS["kakao"], CALLBACKS["naver"])
    assert query_of(site.browser.get(way_back)["Location"])["error"] == "expired"
    assert not site.running["naver"].asked


def test_a_state_is_good_for_ten_minutes(site, time_machine):
    time_machine.move_to("2026-03-01T03:00:00Z", tick=False)
    way_back = site.visit("kakao")
    time_machine.shift(statekit.STATE_TTL + 1)
    assert query_of(site.browser.get(way_back)["Location"])["error"] == "expired"


@EVERY
@pytest.mark.parametrize("query", ["", "&code=", "&code=" + "x" * 5000])
def test_a_way_back_without_a_usable_code(site, name, query):
    state = query_of(goes_to(site.begin(name)))["state"]
    location = site.browser.get(f"{CALLBACKS[name]}?state={state}{query}")["Location"]
    assert query_of(location) == {"error": "unknown", "provider": name}


@EVERY
def test_a_code_that_the_provider_has_seen_before(site, name):
    way_back = site.visit(name)
    site.running[name].codes.clear()
    location = site.browser.get(way_back)["Location"]
    assert query_of(location) == {"error": "expired", "provider": name}


@EVERY
def test_a_stolen_code_is_worth_nothing_without_the_verifier(site, another_site, name):
    """PKCE: the attacker puts the victim's code into a way back of their own."""
    victim, attacker = another_site(), site
    stolen = query_of(victim.visit(name))["code"]
    own = query_of(attacker.visit(name))
    location = attacker.browser.get(f"{CALLBACKS[name]}?state={own['state']}&code={stolen}")
    assert query_of(location["Location"])["error"] == "expired"
    assert attacker.user() is None


def drip(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    try:
        for _ in range(1000):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.01)
    except OSError:
        pass


def silent(handler: Any) -> None:
    handler.rfile.read(1)


def close(handler: Any) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def nonsense(handler: Any) -> None:
    handler.wfile.write(b"\x00\x01 nothing of HTTP\r\n\r\n")


FAULTS = {
    "html": Reply(200, b"<html>Sign in to the hotel's network</html>"),
    "empty": Reply(200, b""),
    "no json": Reply(200, b"{"),
    "list": Reply(200, [1]),
    "number": Reply(200, 7),
    "null": Reply(200, None),
    "object": Reply(200, {}),
    "deep": Reply(200, b"[" * 100_000),
    "digits": Reply(200, b'{"id": ' + b"9" * 10_000 + b"}"),
    "no text": Reply(200, b"\xff\xfe\x00"),
    "huge": Reply(200, b" " * (wire.LONGEST_ANSWER + 1) + b"{}"),
    "not there": Reply(404, {"message": "not found"}),
    "forbidden": Reply(403, {"message": "no"}),
    "down": Reply(503, b"down"),
    "redirect": Reply(302, b"", {"Location": "/stolen"}),
    "compressed": Reply(200, b"\x1f\x8b\x08\x00", {"Content-Encoding": "gzip"}),
    "drip": drip,
    "silent": silent,
    "close": close,
    "nonsense": nonsense,
}


@pytest.fixture
def impatient(request, settings):
    """Where the provider says nothing for too long; all other faults are answered at once."""
    if request.node.callspec.params["fault"] in {"drip", "silent"}:
        settings.PROVIDER_TIMEOUT = 0.5


@EVERY
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("where", ["TOKEN", "ME"])
@pytest.mark.usefixtures("impatient")
def test_a_broken_answer_of_the_provider(site, name, fault, where):
    provider = site.running[name]
    if hasattr(provider, "claims_in"):
        provider.claims_in = "userinfo"
    provider.faults[getattr(provider, where)] = FAULTS[fault]
    assert end(site, name) == "unknown"
    assert not provider.asked_for("/stolen")


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - {"not there", "forbidden"}))
@pytest.mark.usefixtures("impatient")
def test_a_broken_list_of_addresses(site, fault):
    provider = site.running["github"]
    provider.faults[provider.EMAILS] = FAULTS[fault]
    if fault == "list":  # of something else: there is no primary address
        assert site.sign_in("github") == PAGE
    else:
        assert end(site, "github") == "unknown"


@pytest.mark.parametrize("status", [403, 404])
def test_a_list_of_addresses_that_is_not_for_us(site, status):
    site.running["github"].faults[site.running["github"].EMAILS] = Reply(status, {})
    assert site.sign_in("github") == PAGE
    assert site.user().email is None


@OPENID
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.usefixtures("impatient")
def test_a_broken_discovery_document(site, name, fault):
    """The sign-in ends before it begins."""
    provider = site.running[name]
    provider.faults[provider.DISCOVERY] = FAULTS[fault]
    response = site.begin(name, page=NEXT)
    assert (response.status_code, query_of(response["Location"])) == (
        302,
        {"next": "/quotes/mine", "error": "unknown", "provider": name},
    )


@OPENID
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.usefixtures("impatient")
def test_broken_keys(site, name, fault):
    provider = site.running[name]
    provider.faults[provider.KEYS] = FAULTS[fault]
    assert end(site, name) == "unknown"


@EVERY
def test_the_provider_is_gone(site, name):
    way_back = site.visit(name)
    site.running[name].__exit__()
    assert query_of(site.browser.get(way_back)["Location"]) == {
        "error": "unknown",
        "provider": name,
    }
    assert site.user() is None


SUBJECTS = [None, "", " ", True, False, 1.5, [], {}, "x\x00y", "é", "\ud800", "x" * 5000, [1]]


@pytest.mark.parametrize("value", SUBJECTS)
@pytest.mark.parametrize(("name", "member"), [("kakao", "id"), ("naver", "id"), ("github", "id")])
def test_a_person_without_a_subject(site, name, member, value):
    site.running[name].person[member] = value
    assert end(site, name) == "unknown"


@OPENID
@pytest.mark.parametrize("value", SUBJECTS)
def test_an_id_token_without_a_subject(site, name, value):
    site.running[name].person["sub"] = value
    assert end(site, name) == "unknown"


ID_TOKENS: dict[str, dict[str, Any]] = {
    "no nonce": {"nonce": None},
    "another nonce": {"nonce": "another"},
    "a nonce of another kind": {"nonce": 7},
    "another audience": {"aud": "another-client"},
    "several audiences": {"aud": ["daesa-client", "another"]},
    "for another party": {"aud": ["daesa-client", "another"], "azp": "another"},
    "azp of another": {"azp": "another"},
    "no audience": {"aud": None},
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "expired": {"exp": 1_000_000},
    "no expiry": {"exp": None},
    "from the future": {"iat": 99_999_999_999},
    "no time": {"iat": None},
}


@OPENID
@pytest.mark.parametrize("wrong", ID_TOKENS)
def test_an_id_token_that_is_not_for_this_sign_in(site, name, wrong):
    site.running[name].changed = ID_TOKENS[wrong]
    assert end(site, name) == "unknown"


@OPENID
@pytest.mark.parametrize(
    ("signed_with", "kid", "algorithm"),
    [
        (key("another"), "first", "RS256"),
        (key("another"), "another", "RS256"),
        ("daesa-secret-daesa-secret-daesa-secret", "first", "HS256"),
        (None, "first", "none"),
        (key(), "first", "RS512"),  # the key is for RS256
    ],
)
def test_an_id_token_with_another_signature(site, name, signed_with, kid, algorithm):
    provider = site.running[name]
    provider.signed_with, provider.kid, provider.algorithm = signed_with, kid, algorithm
    assert end(site, name) == "unknown"


@OPENID
@pytest.mark.parametrize("token", [None, "", "a.b.c", 7, "x" * 100_000, jwt.encode({}, "x" * 32)])
def test_no_id_token(site, name, token):
    provider = site.running[name]
    provider.token_body = lambda _granted: {"token_type": "bearer", "id_token": token}
    assert end(site, name) == "unknown"


@OPENID
def test_a_new_key_is_asked_for(site, another_site, name):
    """The provider changes its keys, while the former ones are kept here."""
    site.sign_in(name)
    provider = site.running[name]
    provider.published["second"] = provider.signed_with = key("second")
    provider.kid = "second"
    again = another_site()
    assert again.sign_in(name) == PAGE
    assert again.user() == site.user()
    assert len(provider.asked_for(provider.KEYS)) == 2


@OPENID
def test_documents_and_keys_are_kept(site, another_site, name):
    for browser in (site, another_site()):
        assert browser.sign_in(name) == PAGE
    provider = site.running[name]
    assert len(provider.asked_for(provider.DISCOVERY)) == 1
    assert len(provider.asked_for(provider.KEYS)) == 1


@OPENID
@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("issuer", "https://evil.example"),
        ("authorization_endpoint", None),
        ("authorization_endpoint", "http://evil.example/authorize"),
        ("authorization_endpoint", "javascript:alert(1)"),
        ("token_endpoint", "http://evil.example/token"),
        ("token_endpoint", 7),
    ],
)
def test_a_discovery_document_that_leads_elsewhere(site, name, member, value):
    site.running[name].document[member] = value
    assert query_of(site.begin(name)["Location"])["error"] == "unknown"


@OPENID
@pytest.mark.parametrize("member", ["userinfo_endpoint", "jwks_uri"])
@pytest.mark.parametrize("value", ["http://evil.example/", "file:///etc/passwd", 7])
def test_endpoints_without_https(site, name, member, value):
    provider = site.running[name]
    provider.claims_in = "userinfo"
    provider.document[member] = value
    assert end(site, name) == "unknown"


def test_userinfo_of_another_person(site):
    provider = site.running["oidc"]
    provider.claims_in = "userinfo"
    provider.faults[provider.ME] = Reply(200, {"sub": "another", "email": "a@example.com"})
    assert end(site, "oidc") == "unknown"


@pytest.mark.parametrize("methods", [["client_secret_post"], ["client_secret_basic"], None])
def test_how_the_client_says_who_it_is(site, methods):
    provider = site.running["oidc"]
    provider.document["token_endpoint_auth_methods_supported"] = methods
    assert site.sign_in("oidc") == PAGE
    [asked] = provider.asked_for(provider.TOKEN)
    is_basic = methods != ["client_secret_post"]
    assert ("Authorization" in asked.headers) is is_basic
    assert ("client_secret" in asked.fields) is not is_basic


@pytest.mark.parametrize(
    ("said", "must", "code"),
    [
        ({"iss": "own"}, True, None),
        ({"iss": "own"}, False, None),
        ({}, False, None),
        ({}, True, "unknown"),
        ({"iss": "https://evil.example"}, False, "unknown"),
    ],
)
def test_the_issuer_beside_the_code(site, said, must, code):
    """RFC 9207."""
    provider = site.running["oidc"]
    provider.document["authorization_response_iss_parameter_supported"] = must
    provider.beside_code = lambda: {
        name: provider.url if value == "own" else value for name, value in said.items()
    }
    assert query_of(site.sign_in("oidc")).get("error") == code


@EVERY
def test_a_wrong_secret(site, settings, name):
    for provider in settings.SOCIALACCOUNT_PROVIDERS.values():
        provider["APPS"][0]["secret"] = "wrong"
    assert end(site, name) == "unknown"


def test_nothing_personal_is_logged(site, caplog):
    site.running["kakao"].error = "<script>alert(1)</script>"
    end(site, "kakao")
    site.running["github"].codes.clear()
    site.running["google"].changed = {"nonce": "another"}
    end(site, "google")
    text = caplog.text
    assert "sign-in by google: unknown id_token: another nonce" in text
    for secret in ("jane", "Jane", "script", "daesa-secret", "248289761001"):
        assert secret not in text
