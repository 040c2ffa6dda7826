"""A line attributed to another speaker is noted; one with its own speaker or none never is."""

import pytest

from quotes.search.find import find_text
from quotes.verification.verify import verify
from tests.factories import make_quote

SILENCE = "The rest is silence, and the night is long."
SKY = "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를"
NAMELESS = "A line whose speaker nobody remembers today"


@pytest.fixture(autouse=True)
def board(alice) -> None:
    for content, speaker, source in [
        (SILENCE, "Hamlet", "Hamlet"),
        ("Brevity is the soul of wit, my lord.", "Polonius", "Hamlet"),
        ("All that we see is but a dream within a dream.", "Edgar Allan Poe", ""),
        (SKY, "윤동주", "서시"),
        ("나 보기가 역겨워 가실 때에는 말없이 고이 보내 드리오리다", "김소월", "진달래꽃"),
        (NAMELESS, "", ""),
    ]:
        make_quote(alice, content, speaker=speaker, source=source, is_apply=True)


def notes(answer: str) -> list[tuple[str, ...]]:
    return [judgement.notes for judgement in verify(answer, [])]


WRONG = [
    f"“{SILENCE}” — Polonius",
    f"“{SILENCE}” (Polonius)",
    f"“{SILENCE}” — Somebody Else",
    f"> {SILENCE}\n> — Polonius",
    f"As Polonius says, “{SILENCE}”",
    f'Polonius once said that "{SILENCE}"',
    f"In the words of Edgar Allan Poe: “{SILENCE}”",
    f"According to Poe, “{SILENCE}”",
    f"Polonius: “{SILENCE}”",
    f"**Polonius:** “{SILENCE}”",
    f"“{SILENCE}” said Polonius.",
    f"“{SILENCE},” Edgar Allan Poe wrote.",
    f"김소월은 “{SKY}”라고 썼습니다.",
    f"김소월의 말처럼 “{SKY}”",
    f"시인 김소월이 “{SKY}”라고 노래했다.",
    f"김소월: 「{SKY}」",
    f"“{SKY}”라고 김소월이 말했다.",
    f"“{SKY}” — 김소월, 「진달래꽃」",
]


@pytest.mark.parametrize("answer", WRONG)
def test_another_speaker_is_noted(answer):
    assert notes(answer) == [("wrong_speaker",)]


@pytest.mark.parametrize(
    "answer",
    [
        f"“{SILENCE}” — Hamlet",
        f"As Hamlet says, “{SILENCE}”",
        f"Hamlet tells Polonius: “{SILENCE}”",
        f"Polonius hears how Hamlet says: “{SILENCE}”",
        f"“{SILENCE}” said Hamlet to Polonius.",
        f"“{SILENCE}” — a fine line, I think.",
        f"“{SILENCE}” (Act V, Scene 2)",
        f"“{SILENCE}” - it closes the play.",
        f"Polonius is dead by then. “{SILENCE}” is how it ends.",
        f"As nobody says, “{SILENCE}”",
        f"As Fortinbras says, “{SILENCE}”",
        f"He said: “{SILENCE}”",
        f"“{NAMELESS}” — Polonius",
        f"Polonius says: “{NAMELESS}”",
        f"윤동주는 “{SKY}”라고 썼습니다.",
        f"「서시」에서 시인은 “{SKY}”라고 노래합니다.",
        f"김소월에게 윤동주가 “{SKY}”라고 했다면",
        f"김소월과 달리 “{SKY}”",
        f"이런 말이 있습니다. “{SKY}” (제1연)",
        f"“{SKY}” — 참 아름다운 시입니다",
        f"“{SKY}”라고 윤동주가 말했다.",
        f"Edgar Allan Poe never wrote it.\n\n“{SILENCE}”",
    ],
)
def test_no_false_alarm(answer):
    assert notes(answer) == [()]


def test_each_quotation_has_its_own_speaker():
    answer = (
        f"Hamlet says “{SILENCE}” and Polonius “Brevity is the soul of wit, my lord.” [1], "
        f"but 김소월은 “{SKY}”라고 했다."
    )
    assert [("wrong_speaker" in each) for each in notes(answer)] == [False, False, True]


def test_altered_words_have_a_speaker_too():
    altered = SILENCE.replace("silence", "violence")
    [judgement] = verify(f"As Polonius says, “{altered}”", [])
    assert (judgement.verdict, judgement.notes) == ("altered", ("wrong_speaker",))


def test_any_number_of_names_costs_two_statements(django_assert_num_queries):
    shown = [*find_text(SILENCE, limit=1), *find_text(SKY, limit=1)]
    with django_assert_num_queries(2):
        verify(" ".join([WRONG[4], WRONG[12], *WRONG[5:9]]), shown)
    with django_assert_num_queries(0):
        verify(f"As Hamlet says, “{SILENCE}” 윤동주는 “{SKY}”라고 썼습니다.", shown)


@pytest.mark.parametrize(
    "answer",
    [
        f"The board has an answer to that: “{SILENCE}”",
        f"He said: “{SILENCE}” It was written late.",
        f"이런 대사가 있습니다: “{SKY}”",
        f"시인은 “{SKY}”라고 했습니다.",
        f"그 구절은 “{SKY}”입니다.",
    ],
)
def test_without_a_name_it_costs_no_statement(answer, django_assert_num_queries):
    shown = [*find_text(SILENCE, limit=1), *find_text(SKY, limit=1)]
    with django_assert_num_queries(0):
        assert [judgement.notes for judgement in verify(answer, shown)] == [()]


@pytest.mark.parametrize(
    "name", ["A " * 60, "Ab " * 60, "가 " * 60, "(" * 100, "* " * 60, "은 는 " * 40]
)
def test_surrounding_text_takes_no_long_time(name):
    verify(f"{name}“{SILENCE}”{name}", [])
