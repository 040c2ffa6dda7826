"""What the policies change in an answer, and the places of its quotations afterwards."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotes.models import Quote
from quotes.text.normalization import exact
from quotes.verification.repair import RepairedAnswer, Replacement, repair_answer, replace_all
from quotes.verification.verify import verify
from tests.factories import make_quote

SEOSI = "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를"
SEOSI_ALTERED = "죽는 날까지 땅을 우러러 한 점 부끄럼이 없기를"
CAESAR = "Cowards die many times before their deaths; The valiant never taste of death but once."
CAESAR_ALTERED = CAESAR.replace("never", "always")
POEM = "Two roads diverged in a yellow wood,\nAnd sorry I could not travel both"
POEM_ALTERED = "Two roads diverged in a yellow wood, And sorry I could not take both"
ASKED = "Is there a line about this?"
INVENTED = "Nobody has ever written these very words anywhere."


@pytest.fixture(autouse=True)
def board(alice) -> None:
    for content, speaker in [(SEOSI, "윤동주"), (CAESAR, "Caesar"), (POEM, "Frost")]:
        make_quote(alice, content, speaker=speaker, is_apply=True)


def repaired(answer: str, policy: str) -> RepairedAnswer:
    """Of an answer to a question for a line, so that what it quotes is claimed to be one."""
    return repair_answer(answer, verify(answer, [], question=ASKED), policy=policy)


def verdicts_of(result: RepairedAnswer) -> list[tuple[str, tuple[str, ...]]]:
    return [(judged.verdict, judged.notes) for judged in result.judgements]


def assert_places(result: RepairedAnswer, answer: str) -> None:
    """Invariants of every repair: the replacements lead from one text to the other, and each span
    is at its place.
    """
    assert replace_all(answer, result.replacements) == result.text
    for judged in result.judgements:
        assert result.text[judged.span.start : judged.span.end] == judged.span.text
        if judged.verdict == "verbatim":
            words = re.sub(r"\n *(?:> ?)+", "\n", judged.span.text)
            assert exact(words) == exact(judged.line.content)


def test_mark_changes_nothing():
    answer = f"“{SEOSI_ALTERED}” and “{INVENTED}”"
    result = repaired(answer, "mark")
    assert (result.text, result.replacements) == (answer, ())
    assert verdicts_of(result) == [("altered", ()), ("unknown", ())]


def test_repair_replaces_altered_words_by_the_boards():
    answer = f"앞 “{SEOSI_ALTERED}”라고, 👩‍👧 “{CAESAR_ALTERED}”, “{INVENTED}”, “{CAESAR}”."
    result = repaired(answer, "repair")
    assert result.text == f"앞 “{SEOSI}”라고, 👩‍👧 “{CAESAR}”, “{INVENTED}”, “{CAESAR}”."
    assert verdicts_of(result) == [
        ("verbatim", ("repaired",)),
        ("verbatim", ("repaired",)),
        ("unknown", ()),
        ("verbatim", ()),
    ]
    assert result.judgements[0].difference[1:3] == [("missing", "하늘을"), ("added", "땅을")]
    assert result.replacements[0] == Replacement(3, 3 + len(SEOSI_ALTERED), SEOSI)
    assert_places(result, answer)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (f"> {POEM_ALTERED}\n> — Frost", f"> {POEM.replace(chr(10), chr(10) + '> ')}\n> — Frost"),
        (f"> {CAESAR_ALTERED} — Caesar\n\nSo.", f"> {CAESAR} — Caesar\n\nSo."),
        (f"> “{SEOSI_ALTERED}”\n> — 윤동주", f"> “{SEOSI}”\n> — 윤동주"),
        (f"**“{POEM_ALTERED}”**", f"**“{POEM.replace(chr(10), ' ')}”**"),
        (f"- 1. 「{SEOSI_ALTERED}」 [3]", f"- 1. 「{SEOSI}」 [3]"),
        (f"> > {CAESAR_ALTERED}", f"> > {CAESAR}"),
        (f'As "{CAESAR_ALTERED}" goes', f'As "{CAESAR}" goes'),
        (f"“She cried ‘{CAESAR_ALTERED}’”", f"“She cried ‘{CAESAR}’”"),
        (f'```\n"{CAESAR_ALTERED}"\n```', f'```\n"{CAESAR_ALTERED}"\n```'),
        (f"『{SEOSI_ALTERED}』", f"『{SEOSI}』"),
        (f"《{INVENTED}》", f"《{INVENTED}》"),
        (f"- > {CAESAR_ALTERED}\n", f"- > {CAESAR}\n"),
        (f"- > {POEM_ALTERED}", f"- > {POEM.replace(chr(10), chr(10) + '  > ')}"),
        (f"| “{SEOSI_ALTERED}” | a |\n|---|---|\n", f"| “{SEOSI}” | a |\n|---|---|\n"),
        (f"“{SEOSI.replace(' ', '')}”", f"“{SEOSI}”"),
        (f"“{CAESAR.lower()}”", f"“{CAESAR}”"),
        (f"The line is not “{SEOSI_ALTERED}”.", f"The line is not “{SEOSI_ALTERED}”."),
    ],
)
def test_repair_keeps_what_is_around_the_words(answer, text):
    result = repaired(answer, "repair")
    assert result.text == text
    assert_places(result, answer)


def test_a_part_is_repaired_as_a_part():
    answer = "“Cowards die few times before their deaths” is all."
    result = repaired(answer, "repair")
    assert result.text == "“Cowards die many times before their deaths” is all."
    assert verdicts_of(result) == [("excerpt", ("repaired",))]
    assert_places(result, answer)


def test_what_was_repaired_is_not_repaired_again():
    answer = f"“{SEOSI_ALTERED}” > “{CAESAR_ALTERED}”\n\n> {POEM_ALTERED}"
    once = repaired(answer, "strict")
    again = repaired(once.text, "strict")
    assert (again.text, list(again.replacements)) == (once.text, [])


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (f"So “{INVENTED}” it is", f"So {INVENTED} it is"),
        (f'So "{INVENTED}" and ‘{INVENTED}’', f"So {INVENTED} and {INVENTED}"),
        (f"> {INVENTED}\n> — Nobody\n\nSo.", f"{INVENTED}\n— Nobody\n\nSo."),
        (f"> “{INVENTED}”\n> — Nobody", f"{INVENTED}\n— Nobody"),
        (f"> “{INVENTED}”\n> “{SEOSI}”", f"> {INVENTED}\n> “{SEOSI}”"),
        (f"> > {INVENTED}", INVENTED),
        (f"“She cried ‘{INVENTED}’ aloud”", f"She cried {INVENTED} aloud"),
        (f"“She cried ‘{SEOSI}’ aloud”", f"“She cried ‘{SEOSI}’ aloud”"),
        (f"“{SEOSI_ALTERED}” and “{INVENTED}”", f"“{SEOSI}” and {INVENTED}"),
        ("He is “great”, ‘so to say’.", "He is “great”, ‘so to say’."),
        (f'`"{INVENTED}"` in 《{INVENTED}》', f'`"{INVENTED}"` in 《{INVENTED}》'),
        (f"Don't say it's “{SEOSI}”", f"Don't say it's “{SEOSI}”"),
    ],
)
def test_strict_removes_the_marks_of_invented_lines_only(answer, text):
    result = repaired(answer, "strict")
    assert result.text == text
    assert_places(result, answer)


def test_strict_still_says_that_invented_words_are_not_on_the_board():
    result = repaired(f"So “{INVENTED}” it is", "strict")
    [judged] = result.judgements
    assert (judged.verdict, judged.notes) == ("unknown", ("unquoted",))
    assert judged.span.text == INVENTED


PIECES = [
    f"“{SEOSI_ALTERED}”",
    f"> {CAESAR_ALTERED}\n> — Caesar\n",
    f"「{INVENTED}」",
    f"> “{INVENTED}”\n\n",
    f'"{CAESAR}" [1]',
    "그는 ‘그’라고 했다 👩‍👧. ",
    "\n\n",
    "> ",
    "“",
    "```",
    f"'{POEM_ALTERED}'",
    " and ",
]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(PIECES), max_size=7), st.sampled_from(["repair", "strict"]))
def test_places_are_right_in_any_answer(pieces, policy):
    answer = "".join(pieces)
    result = repaired(answer, policy)
    assert_places(result, answer)
    assert "altered" not in [judged.verdict for judged in result.judgements]
    assert Quote.objects.count() == 3
