"""The candidates for near lines are read with as few look-ups as possible, and are the same."""

from itertools import combinations

from django.utils import timezone

from quotes.models import Quote
from quotes.search.candidates import ids_with_terms
from quotes.verification.term_candidates import _postings, credits_by_name
from tests.factories import make_quote

WORDS = ("amber", "birch", "cedar", "dune")


def test_pairs_that_follow_from_their_terms_have_the_lines_that_the_index_has(alice):
    for number in range(1, 16):  # each selection of the words is a line
        words = [word for place, word in enumerate(WORDS) if number >> place & 1]
        make_quote(alice, " ".join(words), is_apply=True)
    make_quote(alice, "amber birch", is_apply=False)
    alone = [(word,) for word in WORDS[:3]]
    groups = [*alone, *combinations(WORDS, 2)]
    counts = dict.fromkeys(WORDS, 8)
    expected = dict(zip(groups, map(sorted, ids_with_terms(groups, limit=300)), strict=True))
    found = {group: sorted(ids) for group, ids in _postings([groups], counts).items()}
    assert found == expected
    assert {len(ids) for ids in expected.values()} == {8, 4}


def test_a_term_with_more_lines_than_are_read_tells_nothing_of_its_pairs(alice):
    Quote.objects.bulk_create(
        Quote(user=alice, content=f"birch {n}", is_apply=True, applied_at=timezone.now())
        for n in range(300)
    )
    both = [make_quote(alice, f"amber birch {n}", is_apply=True).pk for n in range(2)]
    groups = [("amber",), ("birch",), ("amber", "birch")]
    found = _postings([groups], {"amber": 2, "birch": 302})
    assert len(found["birch",]) == 300
    assert sorted(found["amber", "birch"]) == both


def test_each_name_has_the_credits_of_its_own_lines(alice, django_assert_num_queries):
    make_quote(alice, "A line", speaker="Jane Doe", source="Letters", is_apply=True)
    make_quote(alice, "Another line", speaker="John Roe", is_apply=True)
    make_quote(alice, "A third line", speaker="Jane Poe", is_apply=False)
    with django_assert_num_queries(2):
        found = credits_by_name(["jane doe", "roe", "jane", "nobody else", ""])
    assert found == {
        "jane doe": [("Jane Doe", "Letters")],
        "roe": [("John Roe", "")],
        "jane": [("Jane Doe", "Letters")],
        "nobody else": [],
        "": [],
    }
