"""Judging quoted spans: altered or invented words are never verbatim."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quotes.models import Quote
from quotes.search.find import find_text
from quotes.verification.verify import verify
from tests.factories import make_quote

KOREAN = "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를"
ENGLISH = "Cowards die many times before their deaths; The valiant never taste of death but once."


@pytest.fixture(autouse=True)
def board(alice) -> dict[str, Quote]:
    lines = [
        (KOREAN, "윤동주", "서시"),
        (ENGLISH, "Caesar", "Julius Caesar"),
        ("Call me Ishmael.", "Ishmael", "Moby-Dick"),
        ("To be, or not to be: that is the question", "Hamlet", "Hamlet"),
        ("必死則生 必生則死", "이순신", "난중일기"),
    ]
    return {
        content: make_quote(alice, content, speaker=speaker, source=source, is_apply=True)
        for content, speaker, source in lines
    }


def judged(answer: str) -> list[tuple[str, str]]:
    return [(judgement.verdict, judgement.match) for judgement in verify(answer, [])]


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (f"“{KOREAN}”", "exact"),
        (f"> {KOREAN}\n> — 윤동주", "exact"),
        ("“죽는 날까지  하늘을\n우러러 한 점 부끄럼이 없기를”", "exact"),
        ("“죽는 날까지\u200b 하늘을 우러러 한 점 부끄럼이 없기를”", "exact"),
        (f"“{ENGLISH.lower()}”", "folded"),
        ("“죽는날까지 하늘을 우러러, 한점 부끄럼이 없기를!”", "skeleton"),
        ("'Call me Ishmael'", "skeleton"),
        ("「必死則生 必生則死」", "exact"),
    ],
)
def test_true_lines_are_verbatim(answer, match):
    assert judged(answer) == [("verbatim", match)]


@pytest.mark.parametrize(
    "answer",
    [
        "“하늘을 우러러 한 점 부끄럼이 없기를”",
        "“죽는 날까지 … 한 점 부끄럼이 없기를”",
        "“Cowards die many times before their deaths”",
        "“Cowards die many times [...] but once.”",
    ],
)
def test_parts_are_excerpts(answer):
    assert judged(answer) == [("excerpt", "excerpt")]


@pytest.mark.parametrize(
    "text",
    [
        "죽는 날까지 땅을 우러러 한 점 부끄럼이 없기를",
        "죽는 날까지 하늘을 한 점 부끄럼이 없기를",
        "죽는 날까지 저 하늘을 우러러 한 점 부끄럼이 없기를",
        "하늘을 날까지 죽는 우러러 한 점 부끄럼이 없기를",
        "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없다",
        "죽는 날까지 하늘을 우러러 한 점 부끄럼이 있기를",
        "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를 바라",
        "Cowards die many times before their deaths; The valiant always taste of death but once.",
        "Cowards die few times before their deaths; The valiant never taste of death but once.",
        "Cowards die many times before deaths; The valiant never taste of death but once.",
        "Cowards do not die many times before their deaths; The valiant never taste of death.",
        "The valiant … many times before their deaths",
        "必死則生 必生則生",
    ],
)
def test_altered_lines_are_never_verbatim(text):
    [(verdict, _)] = judged(f"“{text}”")
    assert verdict in {"altered", "unknown"}
    if "…" not in text:
        assert verdict == "altered"


@pytest.mark.parametrize(
    "text",
    [
        "한국의 어느 시인도 이런 문장은 쓰지 않았을 것이다",
        "Nobody has ever written these very words anywhere.",
        "하늘과 땅과 바다가 모두 나의 집이로다",
    ],
)
def test_invented_lines_are_unknown(text):
    assert judged(f"“{text}”") == [("unknown", "")]


@pytest.mark.parametrize("answer", ["“인생”", "‘be’", "“not to be”", "plain words", "", "『서시』"])
def test_short_spans_and_text_outside_quotations_are_not_judged(answer):
    assert judged(answer) == []


def test_the_difference_is_by_words():
    [judgement] = verify("“죽는 날까지 땅을 우러러 한 점 부끄럼이 없기를”", [])
    assert judgement.difference == [
        ("same", "죽는 날까지"),
        ("missing", "하늘을"),
        ("added", "땅을"),
        ("same", "우러러 한 점 부끄럼이 없기를"),
    ]


def test_several_spans_are_each_judged():
    answer = f"“{KOREAN}” 그리고 “Cowards die many times” — 또 “아무도 쓴 적이 없는 문장입니다”"
    assert [verdict for verdict, _ in judged(answer)] == ["verbatim", "excerpt", "unknown"]


def test_of_nested_spans_the_known_one_counts():
    assert judged("“She cried ‘Call me Ishmael.’ and left the room”") == [("verbatim", "exact")]


@pytest.mark.parametrize(
    ("behind", "notes"),
    [
        (" — 윤동주", ()),
        (" — 윤동주, 「서시」", ()),
        (" — 김소월", ("wrong_speaker",)),
        ("\n— 김소월, 「진달래꽃」", ("wrong_speaker",)),
        (" (이순신)", ("wrong_speaker",)),
        (" 참 좋은 말입니다.", ()),
        (" [999999]", ("wrong_id",)),
        (" [999999] — 김소월", ("wrong_speaker", "wrong_id")),
    ],
)
def test_notes_a_wrong_speaker_and_a_wrong_id(behind, notes):
    [judgement] = verify(f"“{KOREAN}”{behind}", [])
    assert (judgement.verdict, judgement.notes) == ("verbatim", notes)


def test_the_right_id_is_no_note(board):
    [judgement] = verify(f"“{KOREAN}” [{board[KOREAN].pk}]", [])
    assert judgement.notes == ()


def test_lines_off_the_board_do_not_count(alice, bob):
    make_quote(bob, "This line still waits for its review.")
    assert judged("“This line still waits for its review.”") == [("unknown", "")]


def invented(count: int) -> str:
    return " ".join(f"“아무도 쓴 적이 없는 문장 {n}번입니다”" for n in range(count))


def altered(count: int) -> str:
    return " ".join(f"“죽는 날까지 땅을 우러러 {n} 점 부끄럼이 없기를”" for n in range(count))


@pytest.mark.parametrize("answer", [invented, altered])
def test_statements_do_not_grow_with_the_spans(answer, django_assert_num_queries):
    verify(answer(1), [])  # may read PostgreSQL's statistics
    with CaptureQueriesContext(connection) as one:
        assert len(verify(answer(1), [])) == 1
    with django_assert_num_queries(len(one)):
        assert len(verify(answer(200), [])) == 40


def test_true_lines_cost_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        verify(f"“{KOREAN}” and “{ENGLISH}” and ‘Call me Ishmael.’", [])


def test_a_true_line_that_was_shown_costs_none(django_assert_num_queries):
    shown = find_text(KOREAN, limit=5)
    with django_assert_num_queries(0):
        [judgement] = verify(f"“{KOREAN}” — 윤동주", shown)
    assert (judgement.verdict, judgement.match, judgement.line) == ("verbatim", "exact", shown[0])


def test_of_lines_that_differ_in_punctuation_the_closest_counts(alice):
    make_quote(alice, "Call me Ishmael!", is_apply=True)
    assert [judged(f"“Call me Ishmael{mark}”") for mark in ".!?"] == [
        [("verbatim", "exact")],
        [("verbatim", "exact")],
        [("verbatim", "skeleton")],
    ]


def test_an_answer_without_a_quotation_costs_none(django_assert_num_queries):
    shown = find_text(KOREAN, limit=5)
    with django_assert_num_queries(0):
        assert verify("The board does not have it. " * 70, shown) == []
        assert verify('『서시』는 윤동주의 시입니다. `"code"` too.' * 40, shown) == []
