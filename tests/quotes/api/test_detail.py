import pytest
from django.utils import timezone

from tests.factories import make_quote


def test_needs_a_sign_in(anonymous, alice):
    assert anonymous.get(f"/quote/{make_quote(alice, is_apply=True).pk}").status_code == 401


def test_tells_the_owner_why_it_was_declined(as_alice, alice):
    quote = make_quote(alice, "A line", declined_at=timezone.now(), reason="Not in the book")
    href = f"http://testserver/quote/{quote.pk}"
    response = as_alice.get(href)
    assert response.status_code == 200
    assert response.json() == {
        "id": quote.pk,
        "submitter": "alice",
        "mine": True,
        "content": "A line",
        "speaker": "",
        "source": "",
        "context": "",
        "language": "",
        "state": "declined",
        "is_apply": False,
        "applied_at": None,
        "reason": "Not in the book",
        "likes": 0,
        "liked": False,
        "version": 1,
        "created_at": timezone.localtime(quote.created_at).isoformat(),
        "updated_at": timezone.localtime(quote.updated_at).isoformat(),
        "links": [
            {"rel": "self", "href": href, "method": "GET"},
            {"rel": "edit", "href": href, "method": "PATCH"},
            {"rel": "delete", "href": href, "method": "DELETE"},
        ],
    }


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
