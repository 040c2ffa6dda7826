"""Nothing that reads a text takes more than linear time: neither an expression nor a parser, for
nothing that may be repeated. What takes more is given a bounded text, and tested with that.
"""

import re
import unicodedata
from difflib import SequenceMatcher
from typing import Any

import pytest

from accounts import nicknames
from quotes.text import normalization
from quotes.verification import compare, surroundings
from tests.architecture.linear import expressions, parsers, shapes, timing

EXPRESSIONS = {**expressions.compiled(), **expressions.given_at_once()}
DIFFERENT = {
    (one.pattern, one.flags, name.startswith("route")): name for name, one in EXPRESSIONS.items()
}
# Where an expression gets a bounded text. Routes are bounded by gunicorn's `limit_request_line`.
BOUNDS = {
    "accounts.nicknames._LATIN": 100,  # the name of a character
    "accounts.nicknames._RESERVED_NAME": 18 * nicknames.LONGEST,  # in NFKD
    "quotes.search.query_text._REFERENCE": 40,
    "quotes.search.query_text.": parsers.QUESTION,
    "quotes.verification.attribution._REST_OF_MARKS": 600,
    "quotes.verification.attribution._": 2 * surroundings.AROUND,
    "quotes.verification.claims._ASKS": 1000,  # a question
    "quotes.verification.claims._MAKES": 1000,
    "quotes.verification.claims._LETTER_FORM": 2 * 300 + surroundings.AROUND,
    "quotes.verification.claims._": surroundings.AROUND + 40,
    "quotes.verification.divided._CLAUSE": 60,
    "quotes.verification.forms.": surroundings.AROUND + 80,
    "quotes.verification.names.": surroundings.AROUND,
    "quotes.verification.spans._BY_ON_THE_LINE": 200,
    "route ": parsers.HEADER,
}
WITH_SINGLE_SPACES = (
    "quotes.search.query_text._KOREAN",
    "quotes.search.query_text._ENGLISH",
    "quotes.search.query_text._MEANING",
)


def anew(work: timing.Work) -> timing.Work:
    """Without the forms that are kept: a text would take no time when it is looked at again."""

    def forget_and_work(text: str) -> Any:
        normalization._known_folded.cache_clear()
        normalization._known_skeleton.cache_clear()
        compare._words_of_line.cache_clear()
        return work(text)

    return forget_and_work


def bound_of(name: str) -> int:
    return next((bound for begun, bound in BOUNDS.items() if name.startswith(begun)), 0)


def searching(expression: "re.Pattern[Any]") -> timing.Work:
    """All that it finds, which costs the most that any use of it costs."""
    if isinstance(expression.pattern, bytes):
        return lambda text: [None for _ in expression.finditer(text.encode())]
    return lambda text: [None for _ in expression.finditer(text)]


def test_expressions_are_found():
    """In modules, in lists, in validators, in routes, and in functions."""
    found = " ".join(EXPRESSIONS)
    for name in (
        "quotes.verification.markdown._SHOWN[2]",
        "chat.history.markdown._DEFINITION",
        "quotes.text.input.QuoteInput.content",
        "route ^quote/(?P<pk>",
        "quotes/verification/attribution.py:",
    ):
        assert name in found
    assert len(DIFFERENT) > 100


@pytest.mark.parametrize("name", sorted(DIFFERENT.values()))
def test_expression(name):
    expression, bound = EXPRESSIONS[name], bound_of(name)
    work, some_shapes = searching(expression), [*shapes.GENERAL, *own_shapes(expression)]
    if bound:
        assert_bounded(work, bound, some_shapes, single_spaces=name in WITH_SINGLE_SPACES)
    else:
        assert_long(work, some_shapes)


def test_every_parser_is_in_the_table():
    known = {*parsers.PARSERS, *parsers.OTHERS}
    assert not sorted(set(parsers.functions_of_a_text()) - known)


@pytest.mark.parametrize("name", parsers.PARSERS)
def test_parser(name):
    work, bound = parsers.PARSERS[name], parsers.BOUNDED.get(name)
    if bound:
        sizes = (bound // 100, bound // 10, bound)
        assert_linear(work, shapes.FEW if name in parsers.PLAIN else shapes.GENERAL, sizes)
    elif name in parsers.PLAIN:
        assert_linear(work, shapes.FEW)
    else:
        assert_long(work, shapes.GENERAL)


def own_shapes(expression: "re.Pattern[Any]") -> list[shapes.Shape]:
    flags = expression.flags
    if isinstance(expression.pattern, str):
        flags &= ~re.UNICODE
    return list(shapes.of_expression(expression.pattern, flags))


def assert_linear(work, some_shapes, sizes=timing.SIZES, *, enough=timing.ENOUGH):
    for shape in some_shapes:
        too_much = timing.superlinear(anew(work), shape, sizes, enough=enough)
        assert not too_much, f"{shape}: {too_much}"


def assert_long(work, some_shapes, *, enough=timing.ENOUGH):
    """Long texts only in the shapes that tell most: what is quadratic shows before."""
    assert_linear(work, some_shapes, timing.SHORT, enough=enough)
    assert_linear(work, shapes.TELLING, timing.LONG, enough=enough)


def assert_bounded(work, bound, some_shapes, *, single_spaces=False):
    """With the longest text that it gets, it takes no longer than three plain looks at a long one
    do, which is some 20 ms.
    """
    most = 3 * timing.plain_look()
    for shape in some_shapes:
        text = shape(bound)[:bound]
        text = " ".join(text.split()) if single_spaces else text
        spent = timing.cpu_seconds(anew(work), text)
        if spent > most:
            spent = timing.cpu_seconds(anew(work), text, timing.ATTEMPTS)
        assert spent <= most, f"{shape}: {spent / most:.1f} times what it may take"


# --- The suite itself ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "flags"),
    [
        # What blocked a worker for 40 seconds.
        (r"\s+(?:[-–—―]{1,2}\s*|\()[^\n()]{1,80}\)?\s*\Z", 0),
        (r"\s+$", 0),
        (r"(\w+\s?)*!", 0),
        (r"(a|a)*b", 0),
        (r"<.*?>", re.DOTALL),
        (r"x*y*x*z", 0),
        (r"^(`{3,}|~{3,})[^\n]*\n", re.MULTILINE),
    ],
)
def test_slow_expressions_are_noticed(expression, flags):
    compiled = re.compile(expression, flags)
    with pytest.raises(AssertionError):
        assert_long(searching(compiled), own_shapes(compiled), enough=1.0)


def quadratic(text: str) -> None:
    rest = ""
    for character in text:
        rest = (character + rest)[:-1] + character


@pytest.mark.parametrize(
    "work",
    [
        lambda text: [text[at:] for at in range(0, len(text), 8)],
        lambda text: [text.count("x", at) for at in range(0, len(text), 16)],
        lambda text: unicodedata.normalize("NFC", text),
        lambda text: SequenceMatcher(None, text, text, autojunk=False).ratio(),
        quadratic,
    ],
)
def test_slow_parsers_are_noticed(work):
    with pytest.raises(AssertionError):
        assert_linear(work, shapes.TELLING)


@pytest.mark.parametrize("work", [str.split, str.casefold, sorted, lambda text: [*map(ord, text)]])
def test_linear_work_passes(work):
    assert_linear(work, shapes.TELLING)
