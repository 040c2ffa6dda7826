import pytest
from django.utils import timezone

from tests.factories import make_quote
from tests.quotes.api.bodies import body_of_pending


def test_needs_a_sign_in_where_the_board_is_closed(anonymous, alice, settings):
    settings.PUBLIC_BOARD = False
    assert anonymous.get(f"/quote/{make_quote(alice, is_apply=True).pk}").status_code == 401


def test_tells_the_owner_why_it_was_declined(as_alice, alice):
    quote = make_quote(alice, "A line", declined_at=timezone.now(), reason="Not in the book")
    href = f"http://testserver/quote/{quote.pk}"
    response = as_alice.get(href)
    assert response.status_code == 200
    assert response.json() == body_of_pending(quote, state="declined", reason="Not in the book")


def test_shows_others_an_applied_one_without_the_address(as_carol, alice):
    quote = make_quote(alice, is_apply=True, reason="taken back")
    response = as_carol.get(f"/quote/{quote.pk}")
    assert response.status_code == 200
    assert response.json()["mine"] is False
    assert response.json()["reason"] == ""
    assert b"example.com" not in response.content


@pytest.mark.parametrize("fields", [{}, {"declined_at": timezone.now()}])
def test_others_quotes_off_the_board_do_not_exist(as_carol, as_staff, alice, fields):
    quote = make_quote(alice, **fields)
    for client in (as_carol, as_staff):
        response = client.get(f"/quote/{quote.pk}")
        assert response.status_code == 404
        assert response.json()["code"] == "not_found"


def test_an_id_beyond_the_database_is_not_found(as_alice):
    assert as_alice.get(f"/quote/{10**30}").status_code == 404


def test_is_deleted_with_its_owner(as_bob, alice):
    quote = make_quote(alice, is_apply=True)
    alice.delete()
    assert as_bob.get(f"/quote/{quote.pk}").status_code == 404
