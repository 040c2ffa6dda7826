"""What staff find in the list of lines: words, beginnings of words, and submitters."""

import pytest
from django.utils import timezone

from quotes.models import Quote
from quotes.review.line_search import search_lines
from tests.factories import make_quote

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines(alice, bob):
    make_quote(alice, "The rest is silence", speaker="Hamlet", is_apply=True)
    make_quote(alice, "하늘을 우러러", source="서시", is_apply=True)
    make_quote(bob, "Silent night, silences", context="A carol")
    make_quote(bob, "하늘과 바람", declined_at=timezone.now(), reason="Whose?")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("silence", ["The rest", "Silent n"]),
        ("SILENCE hamlet", ["The rest"]),
        ("sil", ["The rest", "Silent n"]),
        ("si", []),
        ("carol nig", ["Silent n"]),
        ("lence", []),
        ("하늘", ["하늘을 우러러", "하늘과 바람"]),
        ("하늘을", ["하늘을 우러러"]),
        ("서시", ["하늘을 우러러"]),
        ("alice@example", ["The rest", "하늘을 우러러"]),
        ("BOB@", ["Silent n", "하늘과 바람"]),
        ("bob", ["Silent n", "하늘과 바람"]),
        ("%", []),
        ("s_l", []),
        ("'x' & \"y\" | !z:*", []),
    ],
)
@pytest.mark.usefixtures("lines")
def test_finds(text, found):
    shown = search_lines(Quote.objects.order_by("pk"), text, limit=10)
    assert [line.content[: len(start)] for line, start in zip(shown, found, strict=True)] == found


@pytest.mark.usefixtures("lines")
def test_keeps_the_filters_of_the_list():
    pending = Quote.objects.in_state("pending")
    assert [line.content[:8] for line in search_lines(pending, "sil", limit=10)] == ["Silent n"]


def test_of_many_the_newest(bob):
    made = [make_quote(bob, "Same words", is_apply=n % 2 == 0) for n in range(7)]
    shown = search_lines(Quote.objects.order_by("pk"), "same words", limit=3)
    assert list(shown) == made[-3:]
