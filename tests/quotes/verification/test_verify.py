"""Judging quoted spans: altered or invented words are never verbatim."""

from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from quotes.models import Quote
from quotes.search.find import find_text
from quotes.text.normalization import skeleton
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
        ("나 보기가 역겨워 가실 때에는", "김소월", "진달래꽃"),
    ]
    return {
        content: make_quote(alice, content, speaker=speaker, source=source, is_apply=True)
        for content, speaker, source in lines
    }


ASKED = "Is there a line about this?"  # so that what is quoted is claimed to be one


def judged(answer: str) -> list[tuple[str, str]]:
    found = verify(answer, [], question=ASKED)
    return [(judgement.verdict, judgement.match) for judgement in found]


@pytest.mark.parametrize("said", ["said", "wrote", "has reminded us", "insists"])
def test_finds_what_a_long_paragraph_reports_without_marks(said):
    assert judged(f"Cassius {said} that {ENGLISH} {'The play goes on from there. ' * 8}") == [
        ("verbatim", "exact")
    ]


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (f"“{KOREAN}”", "exact"),
        (f"> {KOREAN}\n> — 윤동주", "exact"),
        ("“죽는 날까지  하늘을\n우러러 한 점 부끄럼이 없기를”", "exact"),
        ("“죽는 날까지\u200b 하늘을 우러러 한 점 부끄럼이 없기를”", "exact"),
        ("'Call me Ishmael'", "exact"),
        ("“Call me Ishmael,” he said.", "exact"),
        ("“Call **me** Ishmael.”", "exact"),
        ("「必死則生 必生則死」", "exact"),
        (f"‘{KOREAN}’라는 구절", "exact"),
        (f"그는“{KOREAN}”라고 했다.", "exact"),
        ("“죽는 날까지 하늘을 / 우러러 한 점 부끄럼이 없기를”", "exact"),
        (f"“{KOREAN}[^1]”", "exact"),
    ],
)
def test_true_lines_are_verbatim(answer, match):
    assert judged(answer) == [("verbatim", match)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("It took 1.5 hours to get there.", "It took 15 hours to get there."),
        ("She ate 3/4 of the whole cake.", "She ate 34 of the whole cake."),
        ("At -5 degrees the pipes freeze.", "At 5 degrees the pipes freeze."),
        ("I would rather write it in C++.", "I would rather write it in C#."),
        ("We're going home this evening.", "Were going home this evening."),
        ("There is nowhere like this home.", "There is now here like this home."),
        ("아버지가 방에 들어가신다고 한다.", "아버지 가방에 들어가신다고 한다."),
        ("Is this the end of the story?", "Is this the end of the story."),
        ("I ❤️ the city where I live now.", "I 💔 the city where I live now."),
        ("Alles in Maßen und nichts zuviel.", "Alles in Massen und nichts zuviel."),
        ("별을 노래하는 마음으로 사랑해야지", "별(星)을 노래하는 마음으로 사랑해야지"),
        (
            "필사즉생 필생즉사의 마음으로 싸우라",
            "必死則生(필사즉생) 必生則死(필생즉사)의 마음으로 싸우라",
        ),
        (ENGLISH, ENGLISH.lower()),
        (KOREAN, "죽는날까지 하늘을 우러러, 한점 부끄럼이 없기를!"),
    ],
)
def test_the_same_words_with_other_marks_are_not_verbatim(alice, line, said):
    if line not in {ENGLISH, KOREAN}:
        make_quote(alice, line, is_apply=True)
    for answer in (f"“{said}”", f"> {said}", f"- {said}", f"Here: {said}"):
        [judgement] = verify(answer, [])
        assert (judgement.verdict, judgement.line.content) == ("same_words", line)
        kinds = {kind for kind, _ in judgement.difference}
        assert kinds & {"missing", "added"}


def test_a_text_that_is_turned_around_is_not_verbatim():
    [judgement] = verify("“Call me \u202eIshmael\u202c.”", [])
    assert (judgement.verdict, judgement.notes) == ("same_words", ("look_alike",))


def test_a_letter_of_another_alphabet_is_shown(alice):
    make_quote(alice, "The pen is mightier than the sword.", is_apply=True)
    [judgement] = verify("“The pen is mightier th\u0430n the sword.”", [])
    assert (judgement.verdict, judgement.notes) == ("altered", ("look_alike",))
    assert ("added", "th\u0430n") in judgement.difference


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
    answer = (
        f"“{KOREAN}” 그리고 “Cowards die many times before” — 또 “아무도 쓴 적이 없는 문장입니다”"
    )
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
    verify(answer(1), [], question=ASKED)  # may read PostgreSQL's statistics
    with CaptureQueriesContext(connection) as one:
        assert len(verify(answer(1), [], question=ASKED)) == 1
    with django_assert_num_queries(len(one)):
        assert len(verify(answer(200), [], question=ASKED)) == 200


def test_true_lines_cost_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        verify(f"“{KOREAN}” and “{ENGLISH}” and ‘Call me Ishmael.’", [])


def test_a_true_line_that_was_shown_costs_one(django_assert_num_queries):
    """Another line may have the same words, and another speaker, who is as right."""
    shown = find_text(KOREAN, limit=5)
    with django_assert_num_queries(1):
        [judgement] = verify(f"“{KOREAN}” — 윤동주", shown)
    assert (judgement.verdict, judgement.match, judgement.line) == ("verbatim", "exact", shown[0])


def test_of_lines_that_differ_in_punctuation_the_closest_counts(alice):
    make_quote(alice, "Call me Ishmael!", is_apply=True)
    assert [judged(f"“Call me Ishmael{mark}”") for mark in ".!?"] == [
        [("verbatim", "exact")],
        [("verbatim", "exact")],
        [("same_words", "skeleton")],
    ]


def test_an_answer_without_a_quotation_costs_none(django_assert_num_queries):
    shown = find_text(KOREAN, limit=5)
    with django_assert_num_queries(0):
        assert verify("The board does not have it. " * 70, shown) == []
        assert verify('『서시』는 윤동주의 시입니다. `"code"` too.' * 40, shown) == []


PIECES = [
    *("“", "”", '"', "'", "「", "」", "『", "》", "> ", "- ", "\n", "\n\n", "**", "_", "`", "|"),
    *("# ", "\\", "[1]", "(중략)", " / ", "…", "—", " — Hamlet", "Hamlet: ", "(윤동주)", "라고 "),
    *("\0", "\r\n", "&amp;", "<br>", "<q>", "😀", "\u202e", "가", " ", "To be, or not"),
    *(KOREAN, ENGLISH, "Call me Ishmael.", "죽는 날까지 땅을 우러러", "that is the question"),
    "Nobody has ever written these words.",
]
MANY = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@MANY
@example("“죽는 날까지 땅을 우러러\\" + KOREAN, False, False)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.booleans(), st.booleans())
def test_any_answer_is_judged(answer, is_shown, is_asked):
    """In order, without overlap, and "verbatim" only where all words are the line's."""
    shown = find_text(KOREAN, limit=3) if is_shown else []
    judged = verify(answer, shown, question=ASKED if is_asked else "")
    places = [(one.span.start, one.span.end) for one in judged]
    assert places == sorted(places)
    assert all(first[1] <= second[0] for first, second in pairwise(places))
    for one in judged:
        assert 0 <= one.span.start < one.span.end <= len(answer)
        if one.verdict == "verbatim":
            assert skeleton(one.span.text) == skeleton(one.line.content)
