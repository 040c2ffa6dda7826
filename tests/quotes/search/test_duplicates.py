import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from quotes.models import Quote
from quotes.search.duplicates import WAITING, find_similar, find_similar_for_review
from tests.factories import make_quote, make_user

LINE = "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를"


def ask(client: APIClient, content: str, **more) -> list[tuple[str, str]]:
    response = client.post("/quote/similar", {"content": content, **more})
    assert response.status_code == 200, response.content
    return [(found["verdict"], found["quote"]["content"]) for found in response.json()["results"]]


def test_needs_a_sign_in(anonymous):
    assert anonymous.post("/quote/similar", {"content": "A line"}).status_code == 401


def test_only_post_is_allowed(as_alice):
    assert as_alice.get("/quote/similar?content=A+line").status_code == 405


def test_body(as_alice, bob):
    quote = make_quote(bob, LINE, speaker="윤동주", is_apply=True)
    response = as_alice.post("/quote/similar", {"content": LINE + "!"})
    assert response.json() == {
        "results": [
            {
                "verdict": "same",
                "score": 1.0,
                "quote": as_alice.get(f"/quote/{quote.pk}").json(),
            }
        ]
    }


def test_stores_nothing(as_alice):
    assert ask(as_alice, "Nothing like it is here") == []
    assert not Quote.objects.exists()


@pytest.mark.parametrize(
    ("written", "verdict"),
    [
        (LINE, "same"),
        ("죽는날까지 하늘을 우러러, 한점 부끄럼이 없기를.", "same"),
        ("“죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를”", "same"),
        ("죽는 날까지 하늘을 보며 한 점 부끄럼이 없기를", "near"),
        ("살아가는 날까지 하늘을 우러러 한 점 부끄럼이 없기를", "near"),
        ("하늘을 우러러 한 점 부끄럼이", "near"),
        (f"{LINE} 잎새에 이는 바람에도 나는 괴로워했다", "near"),
    ],
)
def test_finds_it_in_other_wordings(as_alice, bob, written, verdict):
    make_quote(bob, LINE, is_apply=True)
    assert ask(as_alice, written) == [(verdict, LINE)]


@pytest.mark.parametrize(
    "written",
    ["하늘", "한 점 의혹도 없기를", "별을 노래하는 마음으로 모든 죽어 가는 것을 사랑해야지", "…!"],
)
def test_does_not_find_other_lines(as_alice, bob, written):
    make_quote(bob, LINE, is_apply=True)
    assert ask(as_alice, written) == []


def test_lines_of_punctuation_alone_are_compared_exactly(as_alice, bob):
    make_quote(bob, "!!!", is_apply=True)
    assert ask(as_alice, "???") == []
    assert ask(as_alice, "!!!") == [("same", "!!!")]


def test_finds_lines_of_the_board_and_own_ones_but_no_drafts_of_others(as_alice, alice, bob):
    make_quote(bob, "The rest is silence", is_apply=True)
    make_quote(bob, "The rest is silence.")
    make_quote(bob, "The rest was silence", declined_at=timezone.now())
    make_quote(alice, "The rest is but silence")
    make_quote(alice, "The best is silence", declined_at=timezone.now())
    assert set(ask(as_alice, "the rest is silence")) == {
        ("same", "The rest is silence"),
        ("near", "The rest is but silence"),
        ("near", "The best is silence"),
    }


def test_leaves_out_the_line_that_is_edited(as_alice, alice):
    quote = make_quote(alice, "The rest is silence")
    assert ask(as_alice, "The rest is silence", besides=quote.pk) == []


def test_shows_five_at_most_most_similar_first(as_alice, bob):
    for n in range(8):
        make_quote(bob, "All the world is a stage" + " now" * n, is_apply=True)
    response = as_alice.post("/quote/similar", {"content": "All the world is a stage"})
    scores = [found["score"] for found in response.json()["results"]]
    assert len(scores) == 5
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "content", "required"),
        ({"content": " "}, "content", "blank"),
        ({"content": "x" * 1001}, "content", "max_length"),
        ({"content": "a\x07b"}, "content", "control_characters"),
        ({"content": "a", "besides": "x"}, "besides", "invalid"),
        ({"content": "a", "besides": 2**63}, "besides", "max_value"),
    ],
)
def test_refuses_bad_input(as_alice, body, field, code):
    response = as_alice.post("/quote/similar", body)
    assert response.status_code == 400
    assert [(e["field"], e["code"]) for e in response.json()["errors"]] == [(field, code)]


def test_has_a_limit_per_user(as_alice, as_bob):
    with time_machine.travel(timezone.now(), tick=False):
        answers = [as_alice.post("/quote/similar", {"content": "A line"}) for _ in range(121)]
    assert [answer.status_code for answer in answers] == [*[200] * 120, 429]
    assert answers[-1].json()["code"] == "throttled"
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert as_bob.post("/quote/similar", {"content": "A line"}).status_code == 200


@pytest.mark.parametrize("lines", [1, 30])
def test_query_count_is_constant(alice, lines, django_assert_max_num_queries):
    for n in range(lines):
        make_quote(make_user(), f"All the world is a stage, {n}", is_apply=True)
        make_quote(alice, f"All the world is but a stage, {n}")
    with django_assert_max_num_queries(7):  # two of them for SQLite's counts of terms
        assert find_similar("All the world is a stage", user=alice)


# --- What a reviewer sees ------------------------------------------------------------------------


def test_a_reviewer_sees_the_lines_of_all_users(alice, bob):
    quote = make_quote(alice, "The rest is silence")
    make_quote(bob, "The rest is silence!", is_apply=True)
    make_quote(bob, "The rest is but silence")
    make_quote(bob, "the rest is silence", declined_at=timezone.now())
    make_quote(
        bob, "The rest was silence", declined_at=timezone.now()
    )  # not found: near and declined
    make_quote(bob, "To be, or not to be")
    found = {(f.quote.content, f.is_same) for f in find_similar_for_review(quote)}
    assert found == {
        ("The rest is silence!", True),
        ("the rest is silence", True),
        ("The rest is but silence", False),
    }


def test_of_the_waiting_lines_the_newest_are_compared(alice, bob):
    quote = make_quote(alice, "The rest is silence")
    near = make_quote(bob, "The rest is but silence")
    Quote.objects.bulk_create(Quote(user=bob, content=f"Number {n}") for n in range(WAITING - 1))
    assert [found.quote for found in find_similar_for_review(quote)] == [near]
    make_quote(bob, "One more")
    assert find_similar_for_review(quote) == []
