import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from quotes.board.likes import like_quote
from quotes.models import Quote, QuoteLike
from tests.factories import make_quote, make_user


@pytest.fixture
def quote(bob) -> Quote:
    return make_quote(bob, "A line", is_apply=True)


def path(quote: Quote) -> str:
    return f"/quote/{quote.pk}/like"


def count(quote: Quote) -> tuple[int, int]:
    """The count of the line, and the number of rows."""
    return Quote.objects.get(pk=quote.pk).likes, QuoteLike.objects.filter(quote=quote).count()


def test_needs_a_sign_in(anonymous, quote):
    assert anonymous.put(path(quote)).status_code == 401
    assert anonymous.delete(path(quote)).status_code == 401


def test_likes_once(as_alice, as_carol, quote):
    bodies = [as_alice.put(path(quote)) for _ in range(2)]
    for response in bodies:
        assert response.status_code == 200
        assert (response.json()["likes"], response.json()["liked"]) == (1, True)
    assert as_carol.put(path(quote)).json()["likes"] == 2
    assert count(quote) == (2, 2)


def test_body_is_the_quote(as_alice, quote):
    body = as_alice.put(path(quote)).json()
    assert body == as_alice.get(f"/quote/{quote.pk}").json()
    href = f"http://testserver/quote/{quote.pk}/like"
    assert {"rel": "unlike", "href": href, "method": "DELETE"} in body["links"]


def test_unlikes(as_alice, as_carol, quote):
    as_alice.put(path(quote))
    as_carol.put(path(quote))
    for _ in range(2):
        response = as_alice.delete(path(quote))
        assert response.status_code == 200
        assert (response.json()["likes"], response.json()["liked"]) == (1, False)
    assert count(quote) == (1, 1)


def test_everybody_sees_the_count_and_their_own_like(as_alice, as_carol, quote):
    as_alice.put(path(quote))
    for client, liked in ((as_alice, True), (as_carol, False)):
        [found] = client.get("/quote").json()["results"]
        assert (found["likes"], found["liked"]) == (1, liked)


def test_does_not_change_the_line(as_alice, quote):
    as_alice.put(path(quote))
    now = Quote.objects.get()
    assert (now.version, now.updated_at) == (quote.version, quote.updated_at)


@pytest.mark.parametrize("fields", [{}, {"declined_at": timezone.now()}])
def test_others_lines_off_the_board_do_not_exist(as_alice, bob, fields):
    quote = make_quote(bob, **fields)
    assert as_alice.put(path(quote)).status_code == 404
    assert as_alice.delete(path(quote)).status_code == 404
    assert count(quote) == (0, 0)


def test_an_own_line_off_the_board_is_a_conflict(as_alice, alice):
    quote = make_quote(alice)
    response = as_alice.put(path(quote))
    assert response.status_code == 409
    assert response.json()["code"] == "not_on_board"
    assert count(quote) == (0, 0)


def test_a_line_off_the_board_keeps_its_likes_hidden(as_alice, as_bob, quote):
    as_alice.put(path(quote))
    as_bob.put(path(quote))
    as_bob.patch(f"/quote/{quote.pk}", {"context": "Changed"})
    body = as_bob.get(f"/quote/{quote.pk}").json()
    assert (body["state"], body["likes"], body["liked"]) == ("pending", 0, False)
    assert as_alice.delete(path(quote)).status_code == 404
    Quote.objects.update(is_apply=True, applied_at=timezone.now())
    body = as_bob.get(f"/quote/{quote.pk}").json()
    assert (body["likes"], body["liked"]) == (2, True)


def test_withdrawing_a_line_deletes_its_likes(as_alice, as_bob, quote):
    as_alice.put(path(quote))
    assert as_bob.delete(f"/quote/{quote.pk}").status_code == 204
    assert not QuoteLike.objects.exists()


def test_deleting_a_user_removes_their_likes(as_alice, as_carol, alice, carol, quote):
    other = make_quote(carol, is_apply=True)
    for client in (as_alice, as_carol):
        client.put(path(quote))
        client.put(path(other))
    alice.delete()
    assert count(quote) == (1, 1)
    assert count(other) == (1, 1)
    type(carol).objects.filter(pk=carol.pk).delete()
    assert count(quote) == (0, 0)


def test_the_database_enforces_one_like_and_a_count_of_at_least_zero(alice, quote):
    like_quote(quote_id=quote.pk, user=alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        QuoteLike.objects.create(quote=quote, user=alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Quote.objects.update(likes=-1)


def test_has_a_limit_per_person(alice, carol, quote, settings, client_for, time_machine):
    time_machine.move_to("2026-03-01T03:00:00Z", tick=False)  # within one minute
    settings.WRITES_PER_MINUTE = 2
    as_alice, as_carol = client_for(alice), client_for(carol)
    assert [as_alice.put(path(quote)).status_code for _ in range(3)] == [200, 200, 429]
    assert as_carol.put(path(quote)).status_code == 200


@pytest.mark.parametrize("likes", [0, 20])
def test_query_count_is_constant(alice, quote, likes, django_assert_max_num_queries, client_for):
    for _ in range(likes):
        like_quote(quote_id=quote.pk, user=make_user())
    client = client_for(alice)
    with django_assert_max_num_queries(14):
        client.put(path(quote))
