"""A part of a line, word for word, is one in every form that credits it, and never "not on the
board": also where it has small words alone, and where a name stands right behind it.
"""

import pytest
from django.utils import timezone

from quotes.models import Quote
from quotes.search.index import optimize
from quotes.verification.verify import verify
from tests.factories import make_quote

TO_BE = "To be, or not to be"
HAMLET = f"{TO_BE}: that is the question"
DONE = "What you do not want done to yourself"
CONFUCIUS = f"{DONE}, do not do to others."
LEAF = "잎새에 이는 바람에도"
YUN = f"{LEAF} 나는 괴로워했다."
PARTS = [
    (HAMLET, "Hamlet", TO_BE),
    (HAMLET, "Hamlet", "that is the question"),
    (CONFUCIUS, "Confucius", DONE),
    (CONFUCIUS, "Confucius", "do not do to others"),
    (YUN, "윤동주", LEAF),
    (YUN, "윤동주", "바람에도 나는 괴로워했다"),
]
CREDITED = [
    "“{part}” — {name}",
    "He said “{part}” once. — {name}",
    "> {part}\n> — {name}",
    "> {part} — {name}",
    "> “{part}”\n> — {name}",
    "> {part}\n>\n> — {name}",
    "> {part} ({name})",
    "> {part}",
]
LISTED = [
    "| Line | Speaker |\n|---|---|\n| {part} | {name} |",
    "- {name}: {part}",
    "- {part} — {name}",
    "1. {part}",
]
ASKED = "Give me a line for today"

pytestmark = pytest.mark.django_db


def judged(answer: str, question: str = "") -> list[tuple[str, str]]:
    return [(one.verdict, one.span.text) for one in verify(answer, [], question=question)]


def assert_is_a_part(found: list[tuple[str, str]], part: str) -> None:
    [(verdict, text)] = found
    assert verdict in {"excerpt", "same_words"}
    assert text.strip("“”") == part


@pytest.mark.parametrize(("line", "name", "part"), PARTS)
@pytest.mark.parametrize("form", CREDITED)
def test_a_part_that_is_credited(alice, form, line, name, part):
    make_quote(alice, line, speaker=name, is_apply=True)
    assert_is_a_part(judged(form.format(part=part, name=name)), part)


@pytest.mark.parametrize(("line", "name", "part"), PARTS)
@pytest.mark.parametrize("form", LISTED)
def test_a_part_in_a_list_that_was_asked_for(alice, form, line, name, part):
    make_quote(alice, line, speaker=name, is_apply=True)
    assert_is_a_part(judged(form.format(part=part, name=name), ASKED), part)


@pytest.mark.parametrize("form", LISTED)
def test_nobody_has_asked_for_it(alice, form):
    make_quote(alice, HAMLET, speaker="Hamlet", is_apply=True)
    assert judged(form.format(part=TO_BE, name="the second act"), "Sum it up") == []


@pytest.mark.parametrize("form", CREDITED)
def test_other_words_are_not_a_part(alice, form):
    make_quote(alice, CONFUCIUS, speaker="Confucius", is_apply=True)
    said = "What you do not want done to your brother"
    [(verdict, _)] = judged(form.format(part=said, name="Confucius"))
    assert verdict == "altered"


def test_small_words_on_a_large_board(alice):
    """More lines have each two of its words than are read; one line has them all."""
    others = (
        "He wants to be the first or the last, number {}",
        "She asked him not to be late, number {}",
        "Let it be this or not, number {}",
        "Go or do not go to them, number {}",
    )
    Quote.objects.bulk_create(
        Quote(user=alice, content=text.format(n), is_apply=True, applied_at=timezone.now())
        for text in others
        for n in range(310)
    )
    optimize()
    make_quote(alice, HAMLET, speaker="Hamlet", is_apply=True)
    assert_is_a_part(judged(f"“{TO_BE}” — Hamlet"), TO_BE)
