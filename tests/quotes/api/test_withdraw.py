import pytest

from quotes.models import Quote, Review
from tests.factories import make_quote


@pytest.mark.parametrize("is_apply", [True, False])
def test_removes_the_quote_with_its_history(as_alice, alice, is_apply):
    quote = make_quote(alice, is_apply=is_apply)
    Review.objects.create(quote=quote, from_state="declined", to_state="pending", version=1)
    response = as_alice.delete(f"/quote/{quote.pk}")
    assert response.status_code == 204
    assert response.content == b""
    assert not Quote.objects.exists()
    assert not Review.objects.exists()


def test_a_second_time_is_not_found(as_alice, alice):
    quote = make_quote(alice)
    as_alice.delete(f"/quote/{quote.pk}")
    assert as_alice.delete(f"/quote/{quote.pk}").status_code == 404


@pytest.mark.parametrize("is_apply", [True, False])
def test_others_cannot_find_it(as_bob, as_staff, alice, is_apply):
    quote = make_quote(alice, is_apply=is_apply)
    for client in (as_bob, as_staff):
        assert client.delete(f"/quote/{quote.pk}").status_code == 404
    assert Quote.objects.filter(pk=quote.pk).exists()
