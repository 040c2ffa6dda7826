from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import RevokedToken, SecurityEvent, TokenFamily
from accounts.tokens import issue
from tests.accounts.conftest import INVALID_TOKEN, former_token, without_id

URL, PROFILE, REFRESH = "/accounts/logout", "/accounts/profile", "/accounts/token/refresh"


@pytest.fixture
def pair(alice):
    return issue(alice)


@pytest.fixture
def program(anonymous, pair):
    anonymous.credentials(HTTP_AUTHORIZATION=f"bearer {pair['access']}")
    return anonymous


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("minutes", [0, 60])
def test_the_access_token_alone_ends_both(program, pair, method, minutes, time_machine):
    """Also one that has expired: who has signed out must be signed out."""
    time_machine.move_to(timezone.now() + timedelta(minutes=minutes))
    response = getattr(program, method)(URL)
    assert (response.status_code, response.content) == (204, b"")
    assert program.get(PROFILE).status_code == 401
    assert program.post(REFRESH, pair).status_code == 401
    event = SecurityEvent.objects.get()
    assert (event.kind, event.reason) == ("signed_out", "")


def test_post_ends_both(program, pair):
    assert program.post(URL, {"refresh": pair["refresh"]}).status_code == 204
    assert program.get(PROFILE).status_code == 401
    assert program.post(REFRESH, pair).status_code == 401


def test_post_with_only_a_refresh_token(anonymous, pair):
    assert anonymous.post(URL, {"refresh": pair["refresh"]}).status_code == 204
    assert anonymous.post(REFRESH, pair).status_code == 401


def test_twice_is_no_error(program, pair):
    for _ in range(2):
        assert program.post(URL, {"refresh": pair["refresh"]}).status_code == 204
        assert program.get(URL).status_code == 204
    assert SecurityEvent.objects.count() == 1


def test_a_spent_refresh_token_signs_out_too(anonymous, pair):
    following = anonymous.post(REFRESH, pair).json()
    assert anonymous.post(URL, {"refresh": pair["refresh"]}).status_code == 204
    assert anonymous.post(REFRESH, following).status_code == 401


def test_after_their_end(program, pair):
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        assert program.get(URL).status_code == 204
        assert program.post(URL, {"refresh": pair["refresh"]}).status_code == 204
    assert not RevokedToken.objects.exists()


def test_other_tokens_live_on(alice, program, client_for):
    other = client_for(alice)
    program.get(URL)
    assert other.get(PROFILE).status_code == 200


@pytest.fixture
def former_program(alice, anonymous):
    """Its access token is of the release before, which knew no families."""
    end = timezone.now() + timedelta(minutes=15)
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {former_token(alice, exp=end)}")
    return anonymous


def test_a_row_lasts_as_long_as_its_token(former_program):
    for _ in range(2):
        former_program.get(URL)
    assert former_program.get(PROFILE).status_code == 401
    left = RevokedToken.objects.get().expires_at - timezone.now()
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)


def test_tokens_not_issued_here(anonymous, db):
    responses = [anonymous.post(URL, {"refresh": "a.b.c"})]
    anonymous.credentials(HTTP_AUTHORIZATION="Bearer a.b.c")
    responses += [anonymous.get(URL), anonymous.post(URL)]
    for response in responses:
        assert response.status_code == 401
        assert without_id(response.json()) == INVALID_TOKEN


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody(anonymous, db, method):
    response = getattr(anonymous, method)(URL)
    assert response.status_code == 401
    assert response.json()["code"] == "not_authenticated"


def test_post_ends_the_session(alices_browser):
    assert alices_browser.send("POST", URL, {}).status_code == 204
    assert alices_browser.get(PROFILE).status_code == 401


def test_a_session_is_ended_by_its_own_page_only(alices_browser):
    assert alices_browser.get(URL).status_code == 401
    forged = alices_browser.post(URL, b"{}", content_type="application/json")
    assert forged.status_code == 403
    assert forged.json()["code"] == "csrf_failed"
    assert alices_browser.get(PROFILE).status_code == 200


def test_rows_that_have_expired_go_when_another_is_written(former_program):
    old = timezone.now() - timedelta(seconds=61)  # beyond the leeway
    rows = [RevokedToken(jti=f"old{n}", expires_at=old) for n in range(150)]
    RevokedToken.objects.bulk_create(rows)
    assert former_program.get(URL).status_code == 204
    assert RevokedToken.objects.count() == 51
    assert former_program.get(URL).status_code == 204
    assert RevokedToken.objects.count() == 1


def test_a_family_that_ended_is_gone(anonymous, pair):
    assert anonymous.post(URL, {"refresh": pair["refresh"]}).status_code == 204
    assert not TokenFamily.objects.exists()
