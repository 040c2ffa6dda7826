"""/accounts/oauth/token and the metadata of OAuth."""

from datetime import timedelta
from functools import partial
from urllib.parse import urlencode

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuthorizationCode, SecurityEvent, TokenFamily, User
from accounts.tokens import issue
from tests.accounts.native_program import (
    FORM,
    REDIRECT,
    TOKEN,
    VERIFIER,
    allow,
    challenge_of,
    code_from,
    exchange,
    opens,
    renew,
    send,
    signed_in,
)
from tests.concurrently import at_once
from tests.factories import make_user

METADATA = "/.well-known/oauth-authorization-server"
OTHER_VERIFIER = "another-verifier-of-forty-three-characters-"


def is_refused(response, error: str = "invalid_grant") -> bool:
    body = response.json()
    return (response.status_code, body["status"], body["error"]) == (400, 400, error)


# --- Tokens for a code --------------------------------------------------------------------------


def test_tokens(alice, alices_browser):
    response = exchange(code_from(alices_browser), headers={"User-Agent": "daesa-cli/1"})
    body = response.json()
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    assert list(body) == ["access_token", "refresh_token", "token_type", "expires_in"]
    assert (body["token_type"], 890 < body["expires_in"] <= 900) == ("Bearer", True)
    assert opens(body["access_token"])
    family = TokenFamily.objects.get()
    assert (family.user, family.user_agent) == (alice, "daesa-cli/1")
    assert not AuthorizationCode.objects.exists()


def test_the_trail_names_the_program(alice, alices_browser):
    code = code_from(alices_browser)
    exchange(code, headers={"User-Agent": "daesa-cli/1"})
    event = SecurityEvent.objects.exclude(kind="signed_in").get()
    assert (event.user, event.kind, event.reason) == (alice, "token_made", "program_allowed")
    assert event.details == {"program": "Daesa for the terminal"}
    assert event.user_agent == "daesa-cli/1"
    assert code not in str(SecurityEvent.objects.values().get(pk=event.pk))


def test_it_is_listed_among_the_sessions(alices_browser):
    exchange(code_from(alices_browser), headers={"User-Agent": "daesa-cli/1"})
    [program] = [
        one
        for one in alices_browser.get("/accounts/sessions").json()["results"]
        if one["kind"] == "program"
    ]
    assert (program["program"], program["user_agent"]) == ("Daesa for the terminal", "daesa-cli/1")
    ended = alices_browser.send("DELETE", f"/accounts/sessions/{program['id']}")
    assert ended.status_code == 204
    assert not TokenFamily.objects.exists()


def test_they_are_renewed_in_either_form(alices_browser):
    first = exchange(code_from(alices_browser)).json()
    second = renew(first["refresh_token"])
    assert (second.status_code, second["Cache-Control"]) == (200, "no-store")
    assert opens(second.json()["access_token"])
    refresh = {"refresh": second.json()["refresh_token"]}
    third = APIClient().post("/accounts/token/refresh", refresh)
    assert third.status_code == 200
    assert TokenFamily.objects.get().client_name == "Daesa for the terminal"


def test_a_spent_refresh_token_ends_them(alice, alices_browser):
    first = exchange(code_from(alices_browser)).json()
    second = renew(first["refresh_token"]).json()
    assert is_refused(renew(first["refresh_token"]))
    assert not opens(second["access_token"])
    assert is_refused(renew(second["refresh_token"]))
    assert [message.to for message in mail.outbox] == [[alice.email]]


def test_expires_in_is_not_later_than_the_family(alices_browser, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    refresh = exchange(code_from(alices_browser)).json()["refresh_token"]
    for days in (13, 13):
        time_machine.shift(timedelta(days=days))
        refresh = renew(refresh).json()["refresh_token"]
    time_machine.shift(timedelta(days=3, hours=23, minutes=50))
    assert renew(refresh).json()["expires_in"] == 600


@pytest.mark.parametrize("address", ["http://[::1]:51004/callback", "http://127.0.0.1:7/"])
def test_every_loopback_address(alices_browser, address):
    code = code_from(alices_browser, redirect_uri=address)
    assert exchange(code, redirect_uri=address).status_code == 200


@pytest.mark.parametrize(
    ("at_first", "then"), [("cli", "cli"), ("cli", None), (None, None), ("cli", "")]
)
def test_the_client_id_may_be_left_out(alices_browser, at_first, then):
    code = code_from(alices_browser, client_id=at_first)
    assert exchange(code, client_id=then).status_code == 200


def test_clients_that_authenticate_with_their_id_alone(alices_browser):
    """As some libraries do for clients without a secret (RFC 6749, 2.3.1)."""
    headers = {"Authorization": "Basic Y2xpOg=="}
    code = code_from(alices_browser)
    assert exchange(code, headers=headers, client_id=None).status_code == 200


# --- Attacks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": OTHER_VERIFIER},
        {"code_verifier": challenge_of(VERIFIER)},  # as `plain` would have it
        {"redirect_uri": "http://127.0.0.1:51005/callback"},
        {"redirect_uri": REDIRECT + "/"},
        {"redirect_uri": "https://evil.example/"},
        {"client_id": "another"},
    ],
    ids=" ".join,
)
def test_a_code_is_its_programs_alone(alices_browser, changes):
    code = code_from(alices_browser)
    assert is_refused(exchange(code, **changes))
    assert is_refused(exchange(code)), "and it is used up"
    assert not TokenFamily.objects.exists()


def test_a_code_put_into_another_programs_answer(alices_browser, bob):
    """Code injection: the attacker's own code, or the victim's, in a sign-in with another key."""
    hers = code_from(alices_browser, code_challenge=challenge_of(OTHER_VERIFIER))
    his = code_from(signed_in(bob))
    assert is_refused(exchange(hers))
    assert is_refused(exchange(his, code_verifier=OTHER_VERIFIER))
    assert not TokenFamily.objects.exists()


def test_a_code_that_comes_again_ends_what_it_gave(alice, alices_browser):
    code, other = code_from(alices_browser), issue(alice)
    given = exchange(code).json()
    renewed = renew(given["refresh_token"]).json()
    assert is_refused(exchange(code, code_verifier=OTHER_VERIFIER))
    assert not opens(renewed["access_token"])
    assert is_refused(renew(renewed["refresh_token"]))
    assert opens(other["access"]), "of another sign-in"
    event = SecurityEvent.objects.filter(kind="token_reused").get()
    assert (event.user, event.reason) == (alice, "code_reused")
    [message] = mail.outbox
    assert message.to == [alice.email]
    assert code not in message.body


def test_it_does_so_days_later(alices_browser, time_machine):
    code = code_from(alices_browser)
    given = exchange(code).json()
    time_machine.move_to(timezone.now() + timedelta(days=10))
    assert renew(given["refresh_token"]).status_code == 200
    assert is_refused(exchange(code))
    assert not TokenFamily.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [2, 4])
def test_at_once_one_gets_tokens_and_the_others_end_them(number):
    code = code_from(signed_in(make_user("alice")))
    answers = at_once(*[partial(exchange, code) for _ in range(number)])
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * (number - 1)
    [given] = [answer.json() for answer in answers if answer.status_code == 200]
    assert not opens(given["access_token"])
    assert not TokenFamily.objects.exists()
    assert SecurityEvent.objects.filter(reason="program_allowed").count() == 1
    assert SecurityEvent.objects.filter(reason="code_reused").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", ["deactivate", "new password"])
def test_at_once_with_the_end_of_access(end):
    alice = make_user("alice")
    code = code_from(signed_in(alice))

    def finish() -> None:
        user = User.objects.get(pk=alice.pk)
        if end == "deactivate":
            user.is_active = False
        else:
            user.set_password("another horse battery")
        user.save()

    answer, _none = at_once(partial(exchange, code), finish)
    User.objects.update(is_active=True)
    if answer.status_code == 200:
        assert not opens(answer.json()["access_token"])
    assert is_refused(exchange(code))
    assert not TokenFamily.objects.filter(user=alice).exists() or end == "new password"


@pytest.mark.parametrize(("seconds", "works"), [(59, True), (61, False)])
def test_a_code_lives_a_minute(alices_browser, time_machine, seconds, works):
    time_machine.move_to(timezone.now(), tick=False)
    code = code_from(alices_browser)
    time_machine.shift(seconds)
    assert (exchange(code).status_code == 200) == works


def test_the_next_code_replaces_it(alices_browser):
    former, code = code_from(alices_browser), code_from(alices_browser)
    assert is_refused(exchange(former))
    assert exchange(code).status_code == 200


@pytest.mark.parametrize(
    "end", ["password", "deactivated", "deactivated and activated", "left", "signed out elsewhere"]
)
def test_what_ends_access_ends_the_code(alice, alices_browser, end):
    code = code_from(alices_browser)
    if end == "left":
        alice.delete()
    elif end == "signed out elsewhere":
        assert alices_browser.send("DELETE", "/accounts/sessions", {}).status_code == 204
    else:
        if end == "password":
            alice.set_password("another horse battery")
        alice.is_active = end == "password"
        alice.save()
    if end == "deactivated and activated":
        alice.is_active = True
        alice.save()
    assert not AuthorizationCode.objects.exists()
    assert is_refused(exchange(code))
    assert not TokenFamily.objects.exists()


def test_a_stamp_that_is_not_todays(alice, alices_browser):
    """As if the code had been stored just after the password was changed."""
    code = code_from(alices_browser)
    AuthorizationCode.objects.update(stamp="0" * 32)
    assert is_refused(exchange(code))


def test_an_unconfirmed_address(alice, alices_browser, settings):
    code = code_from(alices_browser)
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    assert is_refused(exchange(code))


def test_staff_need_their_second_factor(staff, settings):
    settings.REQUIRE_STAFF_MFA = True
    access = exchange(code_from(signed_in(staff))).json()["access_token"]
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {access}")
    response = client.get("/quote/export")
    assert (response.status_code, response.json()["code"]) == (403, "staff_need_second_factor")


def test_of_another_kind(alice, alices_browser):
    pair = issue(alice)
    assert is_refused(exchange(pair["refresh"][:100]))
    for wrong in (pair["access"], code_from(alices_browser), "x", "." * 4096):
        assert is_refused(renew(wrong))


# --- Requests and errors ------------------------------------------------------------------------

GRANT = {
    "grant_type": "authorization_code",
    "code": "x",
    "redirect_uri": REDIRECT,
    "code_verifier": VERIFIER,
}


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ("", "invalid_request"),
        ("grant_type=", "invalid_request"),
        ("grant_type=password&username=a&password=b", "unsupported_grant_type"),
        ("grant_type=client_credentials", "unsupported_grant_type"),
        ("grant_type=refresh_token", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=" + "a" * 4097, "invalid_request"),
        *((urlencode({**GRANT, name: ""}), "invalid_request") for name in GRANT),
        (urlencode({**GRANT, "code": "a" * 101}), "invalid_request"),
        (urlencode({**GRANT, "code_verifier": "a" * 42}), "invalid_request"),
        (urlencode({**GRANT, "code_verifier": "a" * 129}), "invalid_request"),
        (urlencode({**GRANT, "code_verifier": "a" * 42 + "/"}), "invalid_request"),
        (urlencode({**GRANT, "client_id": "a" * 51}), "invalid_request"),
        (urlencode(GRANT) + "&code=y", "invalid_request"),
        (urlencode(GRANT) + "&a=%ff", "invalid_request"),
        (urlencode(GRANT).encode() + b"&a=\xff", "invalid_request"),
        (urlencode(GRANT) + "&a=%00&code_=%ed%a0%80", "invalid_request"),
        (urlencode({**GRANT, "code": "a\x00b"}), "invalid_request"),
        ("&".join(f"a{number}=b" for number in range(51)), "invalid_request"),
        (urlencode(GRANT), "invalid_grant"),
        (urlencode({**GRANT, "audience": "x", "scope": "y", "codes": "z"}), "invalid_grant"),
        (urlencode(GRANT) + "&unused=&unused=", "invalid_grant"),
    ],
)
def test_requests(db, form, error):
    response = send(form)
    assert is_refused(response, error), response.content
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"


def test_an_error_in_full(db):
    response = send(urlencode(GRANT))
    body = response.json()
    assert body.pop("request_id")
    assert body == {
        "type": "urn:daesa:problem:invalid_grant",
        "title": "Bad Request",
        "status": 400,
        "detail": "The code or token is invalid, was used before, or is too old.",
        "instance": TOKEN,
        "code": "invalid_grant",
        "error": "invalid_grant",
    }


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("application/problem+json, application/json", "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("application/problem+json;q=0.5, application/json", "application/json"),
    ],
)
def test_the_kind_of_an_error(db, accept, kind):
    """Libraries that accept JSON alone read no other kind (RFC 6749, 5.2)."""
    response = send("grant_type=x", {"Accept": accept})
    assert is_refused(response, "unsupported_grant_type")
    assert response["Content-Type"] == kind


def test_it_takes_forms_alone(db):
    response = APIClient().post(TOKEN, GRANT, format="json")
    body = response.json()
    assert (response.status_code, body["code"], body["error"]) == (
        415,
        "unsupported_media_type",
        "invalid_request",
    )
    assert APIClient().get(TOKEN).status_code == 405


def test_a_large_body(db):
    response = send("a=" + "b" * (1024 * 1024))
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_credentials_beside_it_are_ignored(alice, alices_browser):
    code = code_from(alices_browser)
    headers = {"Authorization": "Bearer expired"}
    assert exchange(code, headers=headers).status_code == 200


def test_thirty_a_minute_from_one_address(db, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    statuses = [send(urlencode(GRANT)).status_code for _ in range(31)]
    assert statuses == [400] * 30 + [429]
    refused = send(urlencode(GRANT))
    assert refused.json()["code"] == "too_many_attempts"
    assert int(refused["Retry-After"]) > 0


def test_renewals_count_as_writes_of_their_owner(alice, settings):
    settings.WRITES_PER_MINUTE = 1
    pair = issue(alice)
    again = renew(pair["refresh"]).json()["refresh_token"]
    assert renew(again).json()["code"] == "too_many_writes"


def test_queries(alices_browser):
    code = code_from(alices_browser)
    with CaptureQueriesContext(connection) as captured:
        assert exchange(code).status_code == 200
    statements = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    assert [sql.split()[0] for sql in statements] == [
        *("SELECT", "SELECT", "DELETE"),  # the code, its user, its end
        *("INSERT", "DELETE"),  # the event, and events beyond the trail's bound
        *("INSERT", "SELECT", "SELECT"),  # the family, and whether there are too many
    ]


# --- Metadata -----------------------------------------------------------------------------------


def test_metadata(db):
    response = APIClient().get(METADATA)
    base = "http://testserver"
    assert (response["Content-Type"], response.json()) == (
        "application/json",
        {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}{TOKEN}",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "authorization_response_iss_parameter_supported": True,
        },
    )


@pytest.mark.parametrize("path", [TOKEN, "/accounts/authorize", METADATA])
def test_cors(alice, settings, path):
    settings.CORS_ALLOWED_ORIGINS = ["https://page.example"]
    headers = {"Access-Control-Request-Method": "POST"}
    for origin, allowed in (("https://page.example", True), ("https://evil.example", False)):
        response = APIClient().options(path, headers={**headers, "Origin": origin})
        assert ("Access-Control-Allow-Origin" in response) == allowed


def test_what_is_allowed_is_told_to_no_program(alices_browser):
    """The code is in the answer to the page alone, in no header and no log line."""
    response = allow(alices_browser)
    assert "Location" not in response


def test_a_form_with_a_charset(alices_browser):
    code = code_from(alices_browser)
    form = urlencode({**GRANT, "code": code})
    kind = f"{FORM}; charset=UTF-8"
    assert APIClient().generic("POST", TOKEN, form, kind).status_code == 200
