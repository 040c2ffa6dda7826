"""Quotations that their speaker divides: each part is judged as a part of the whole quotation."""

import pytest

from config.budget import Budget
from quotes.columns import BoardLine
from quotes.verification.divided import with_quotations
from quotes.verification.reading import read
from quotes.verification.repair import repair_answer
from quotes.verification.spans import MARKED, find_spans
from quotes.verification.verify import verify
from tests.factories import make_quote

GREATNESS = "The price of greatness is responsibility."
REBUKE = "Open rebuke is better than secret love."
KOREAN = "낮말은 새가 듣고 밤말은 쥐가 듣는다"
ASKED = "Is there a line on the board about this?"


def quotations(answer: str) -> list[str]:
    reading = read(answer)
    spans = with_quotations(reading, find_spans(reading, Budget()))
    return [span.quotation for span in spans if span.kind == MARKED]


def judged(answer: str, *shown: BoardLine, question: str = ASKED) -> list[tuple[str, str]]:
    return [(one.verdict, one.span.text) for one in verify(answer, shown, question=question)]


@pytest.mark.parametrize(
    "clause",
    [
        "she said,",
        "said Winston Churchill,",
        "as Churchill's friends wrote,",
        "the old man replied, smiling,",
        "그는 말했고,",
        "노인이 이렇게 덧붙이며,",
    ],
)
def test_both_parts_have_the_words_of_the_quotation(clause):
    assert (
        quotations(f"“The price of,” {clause} “greatness is and.”")
        == ["The price of, greatness is and."] * 2
    )


@pytest.mark.parametrize(
    "between",
    [
        "she said. ",  # another sentence of hers may follow
        "and ",
        "is what she meant, but then ",
        "she said, and she went on for a long while about something else, until she said, ",
        "she said:\n\n",
        "(나쓰메 소세키) ",
        "나쓰메 소세키, ",
        "하지만 ",
    ],
)
def test_other_quotations_are_two(between):
    assert quotations(f"“The price of,” {between}“greatness is and.”") == ["", ""]


def test_the_title_of_a_work_is_no_part():
    assert quotations("“The price of” (그가 말했고, 「나는 고양이로소이다」)") == ["", ""]
    assert quotations("“The price of,” 그가 말했고, 「나는 고양이로소이다」") == ["", ""]


def test_of_a_quotation_inside_another_the_outer_one_is_continued():
    assert quotations("“They say ‘no’ now,” she said, “and then.”") == [
        "They say ‘no’ now, and then.",
        "",
        "They say ‘no’ now, and then.",
    ]


def test_a_long_chain_does_not_repeat_all_of_its_words():
    found = quotations("“One more word of mine,” she said, " * 200)
    assert max(map(len, found)) < 100


@pytest.mark.parametrize("is_shown", [True, False])
@pytest.mark.parametrize(
    ("line", "answer", "expected"),
    [
        (
            GREATNESS,
            "“The price of,” she said, “greatness is and.”",
            [("excerpt", "The price of,"), ("altered", "greatness is and.")],
        ),
        (
            KOREAN,
            "“낮말은 새가,” 그가 말했고, “먹고 밤말은 쥐가 듣는다”",
            [("excerpt", "낮말은 새가,"), ("altered", "먹고 밤말은 쥐가 듣는다")],
        ),
    ],
)
def test_short_parts_of_an_altered_line_are_judged(alice, line, answer, expected, is_shown):
    quote = make_quote(alice, line, is_apply=True)
    shown = [BoardLine(quote.pk, line, "", "")] if is_shown else []
    assert judged(answer, *shown) == expected


def test_the_parts_are_replaced_by_those_of_the_line(alice):
    make_quote(alice, GREATNESS, is_apply=True)
    answer = "“The price of,” she said, “greatness is and.”"
    found = verify(answer, [], question=ASKED)
    assert repair_answer(answer, found, policy="repair").text == (
        "“The price of,” she said, “greatness is responsibility.”"
    )


@pytest.mark.django_db
def test_a_quotation_that_is_like_no_line_is_claimed_as_a_whole():
    line = BoardLine(1, REBUKE, "", "")
    answer = "“Open rebuke is,” she said, “even in behold him”"
    unknown = [("unknown", "Open rebuke is,"), ("unknown", "even in behold him")]
    assert judged(answer, line) == unknown
    assert judged(answer, line, question="Tell me a story") == []


def test_a_few_words_of_a_line_in_another_quotation_are_no_part_of_it(alice):
    make_quote(alice, REBUKE, is_apply=True)
    answer = "“Open rebuke is,” she said, “nothing that any of us had expected of the new king.”"
    assert judged(answer, question="Tell me a story") == []
