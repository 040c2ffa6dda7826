"""Which words that no line is like are claimed to be a line, and which the answer calls wrong."""

import json
from pathlib import Path

import pytest

from config.budget import Budget
from quotes.columns import BoardLine
from quotes.verification.claims import is_claim, is_told_as_wrong
from quotes.verification.judgement import is_long_enough
from quotes.verification.reading import read
from quotes.verification.spans import BLOCK, MARKED, find_spans
from tests.quotes.verification.quoted import span_of

BRIDGE = "Love is a bridge over a quiet river."
KOREAN = "사랑은 조용한 강을 건너는 다리이다"
# Questions and answers without any line of a board.
EVERYDAY = Path(__file__).with_name("everyday.jsonl").read_text(encoding="utf-8").splitlines()
ASKED, ASKED_IN_KOREAN = "Give me a quote about love", "사랑에 관한 명언 알려줘"


def claimed(answer: str, words: str, question: str = "Hello", *shown: BoardLine) -> bool:
    kind = BLOCK if answer.startswith(">") else MARKED
    reading, span = span_of(answer, words, kind)
    return is_claim(reading, span, question=question, shown=shown)


@pytest.mark.parametrize(
    "answer",
    [
        f"“{BRIDGE}” — Albert Schweitzer",
        f"As Albert Schweitzer once said, “{BRIDGE}”",
        f"“{BRIDGE},” wrote Albert Schweitzer.",
        f"> {BRIDGE}\n> — Maya Angelou",
        f"“{BRIDGE}” [12]",
        f"As the old proverb goes, “{BRIDGE}”",
        f"The famous quote “{BRIDGE}” fits.",
        f"“{BRIDGE}” is a line from Hamlet.",
        f"| Line | Speaker |\n|---|---|\n| “{BRIDGE}” | Maya Angelou |",
    ],
)
def test_claims(answer):
    assert claimed(answer, BRIDGE)


@pytest.mark.parametrize(
    "answer",
    [
        f"“{KOREAN}” — 이순신",
        f"이순신은 “{KOREAN}”라고 말했습니다.",
        f"시인 김영랑의 말처럼 “{KOREAN}”",
        f"“{KOREAN}”라는 속담이 있습니다.",
        f"속담에 “{KOREAN}”라는 말이 있죠.",
        f"“{KOREAN}”라는 윤동주의 시구가 있습니다.",
        f"“{KOREAN}” [12]",
    ],
)
def test_claims_in_korean(answer):
    assert claimed(answer, KOREAN)


@pytest.mark.parametrize(
    ("question", "answer", "words"),
    [
        (ASKED, f"“{BRIDGE}”", BRIDGE),
        (ASKED, f"Here is one: “{BRIDGE}”", BRIDGE),
        (ASKED, f"> {BRIDGE}", BRIDGE),
        ("Is there a line on the board that fits this evening?", f"> {BRIDGE}", BRIDGE),
        (ASKED_IN_KOREAN, f"“{KOREAN}”", KOREAN),
        ("오늘 저녁에 어울리는 명언이 있을까?", f"1. “{KOREAN}”", KOREAN),
    ],
)
def test_what_answers_a_question_for_lines_is_claimed(question, answer, words):
    assert claimed(answer, words, question)
    assert not claimed(answer, words, "Hello")


def test_a_known_name_is_enough():
    answer = f"“{BRIDGE}” (Voltaire)"
    assert not claimed(answer, BRIDGE)
    assert claimed(answer, BRIDGE, "What do you know of Voltaire?")
    assert claimed(answer, BRIDGE, "Hello", BoardLine(1, "Another line.", "Voltaire", ""))


def test_words_without_marks_are_claimed_only_with_a_credit_that_was_asked_for():
    reading, span = span_of(f"- {BRIDGE} — Maya Angelou", BRIDGE, "silent")
    assert is_claim(reading, span, question=ASKED, shown=[])
    assert not is_claim(reading, span, question="Hello", shown=[])


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Translate it: Die Liebe ist eine Brücke", f"It means “{BRIDGE}”"),
        (f"Who said “{BRIDGE}”?", f"“{BRIDGE}” — I don't know. Perhaps Maya Angelou."),
        ("Write a story", f"“{BRIDGE}” said Maya Miller."),
        ("What does the quote mean?", f"It says “{BRIDGE}”"),
        ("Hello", f"She says “{BRIDGE}” and leaves."),
        ("Hello", f"> Dear Maya,\n> {BRIDGE}\n> Sincerely, Tom Miller"),
        ("Hello", f"The command line “{BRIDGE}” fails."),
    ],
)
def test_other_words_are_no_claims(question, answer):
    assert not claimed(answer, BRIDGE, question)


@pytest.mark.parametrize("row", EVERYDAY)
def test_everyday_answers_claim_nothing(row):
    one = json.loads(row)
    reading = read(one["answer"])
    spans = find_spans(reading, Budget())
    assert spans
    long = [span for span in spans if is_long_enough(span.text)]  # no other gets a verdict
    assert not [s.text for s in long if is_claim(reading, s, question=one["question"], shown=[])]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (f"It is often misquoted as “{BRIDGE}”.", BRIDGE),
        (f"The line is not “{BRIDGE}” but “Love is a river.”", BRIDGE),
        (f"“{BRIDGE}” is a common misquotation.", BRIDGE),
        (f"He never said “{BRIDGE}”.", BRIDGE),
        (f"Instead of “{BRIDGE}” he wrote “Love is a river.”", BRIDGE),
        (f"흔히 “{KOREAN}”로 잘못 인용됩니다.", KOREAN),
        (f"‘{KOREAN}’가 아니라 ‘사랑은 강이다’입니다.", KOREAN),
        (f"“{KOREAN}”라고 잘못 알려져 있습니다.", KOREAN),
    ],
)
def test_a_misquotation_told_as_such_is_no_claim(answer, words):
    reading, span = span_of(answer, words)
    assert is_told_as_wrong(reading, span)
    assert not is_claim(reading, span, question=ASKED, shown=[])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("The line is not “Love is a lake.” but “Love is a river.”", "Love is a river."),
        (f"“{BRIDGE}” — Maya Angelou. It is not long.", BRIDGE),
        (f"I can't help, but “{BRIDGE}” — Maya Angelou", BRIDGE),
        ("‘사랑은 호수이다’가 아니라 ‘사랑은 강이다’입니다.", "사랑은 강이다"),
        (f"“{KOREAN}”라는 말이 있습니다.", KOREAN),
    ],
)
def test_other_quotations_are_not_told_as_wrong(answer, words):
    assert not is_told_as_wrong(*span_of(answer, words))


@pytest.mark.parametrize(
    ("intro", "question"),
    [
        ("I am the board, not a language model. These reviewed lines match:", "lines by Angelou"),
        ("I am the board, not a language model. This is the line of the day:", ASKED),
        ("Here is a line about love that may fit your evening.", ASKED),
        ("저는 언어 모델이 아니라 대사 게시판입니다. 다음이 일치합니다.", "윤동주의 명언 알려줘"),
        ("## A few lines about love for you tonight", ASKED),
    ],
)
@pytest.mark.parametrize(
    "quoted",
    [
        f"> “{BRIDGE}”\n> — Maya Angelou",
        f"> {BRIDGE}\n>\n> — Maya Angelou",
        f"- Maya Angelou: {BRIDGE}",
    ],
)
def test_what_introduces_a_line_is_no_claim(intro, question, quoted):
    reading = read(f"{intro}\n\n{quoted}")
    words = intro.lstrip("# ")
    spans = [span for span in find_spans(reading, Budget()) if words in span.text]
    assert spans
    assert not [s for s in spans if is_claim(reading, s, question=question, shown=[])]


@pytest.mark.parametrize(
    "answer",
    [
        f"**Maya Angelou:** {BRIDGE}",
        f"* *{BRIDGE}* (Maya Angelou)",
        f"| Speaker | Line |\n|---|---|\n| Maya Angelou | {BRIDGE} |",
    ],
)
def test_words_without_marks_are_claimed_by_a_name_beside_them(answer):
    reading = read(answer)
    spans = [span for span in find_spans(reading, Budget()) if span.text == BRIDGE]
    assert [s for s in spans if is_claim(reading, s, question=ASKED, shown=[])]
    assert not [s for s in spans if is_claim(reading, s, question="Hello", shown=[])]


LINES = (
    "| Line | Speaker | Why it matters to all of us |\n|---|---|---|\n"
    f"| {BRIDGE} | Maya Angelou | it is the very first sentence of the book |\n"
)


@pytest.mark.parametrize(
    ("words", "is_claimed"),
    [
        (BRIDGE, True),
        ("it is the very first sentence of the book", False),
        ("Why it matters to all of us", False),
    ],
)
def test_of_a_table_with_a_column_of_lines_only_that_is_claimed(words, is_claimed):
    reading = read(LINES)
    [span] = [span for span in find_spans(reading, Budget()) if span.text == words]
    assert is_claim(reading, span, question=ASKED, shown=[]) is is_claimed


def test_each_column_of_lines_is_claimed():
    table = f"| 대사 (원문) | 말한 이 | 명대사 |\n|---|---|---|\n| {BRIDGE} | 이순신 | {KOREAN} |\n"
    reading = read(table)
    spans = [span for span in find_spans(reading, Budget()) if span.text in {BRIDGE, KOREAN}]
    assert [is_claim(reading, one, question=ASKED, shown=[]) for one in spans] == [True, True]
