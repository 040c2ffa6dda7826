import pytest

from quotes.search import Found, find, telling_words
from tests.factories import make_quote


def found(question: str, **options) -> list[str]:
    return [quote.content for quote in find(question=question, **options)]


def test_finds_applied_lines_word_for_word(alice):
    quote = make_quote(
        alice,
        "The rest is  silence.",
        speaker="Hamlet",
        source="Hamlet, V.2",
        context="last words",
        is_apply=True,
    )
    assert find(question="SILENCE!") == [
        Found(id=quote.pk, content="The rest is  silence.", speaker="Hamlet", source="Hamlet, V.2")
    ]


def test_never_finds_what_is_not_applied(alice):
    make_quote(alice, "Silence in review")
    assert found("silence") == []


@pytest.mark.parametrize("field", ["speaker", "source", "context"])
def test_looks_around_the_line_too(alice, field):
    make_quote(alice, "A line", is_apply=True, **{field: "명량 해전"})
    assert found("명량에서 한 말 알려줘") == ["A line"]


def test_the_most_words_come_first_then_the_oldest(alice):
    for content in ("star night", "moon", "star wind night", "star", "wind"):
        make_quote(alice, content, is_apply=True)
    assert found("the wind, the stars and one star at night?") == [
        "star wind night",
        "star night",
        "star",
        "wind",
    ]
    assert found("wind star night", limit=2) == ["star wind night", "star night"]


@pytest.mark.parametrize("question", ["", "?!", "what is it", "a b", "%", "__", "%%star%%x"])
def test_finds_nothing_for_nothing(alice, question):
    make_quote(alice, "what is it about: a_b 100%", is_apply=True)
    assert found(question) == []


def test_wildcards_match_nothing_but_themselves(alice):
    make_quote(alice, "heart", is_apply=True)
    assert found("h%t h_a_t h%_t") == []


def test_one_query(alice, django_assert_num_queries):
    for _ in range(20):
        make_quote(alice, is_apply=True)
    with django_assert_num_queries(1):
        assert len(find(question="Which line speaks of one line among twenty lines?")) == 0
    with django_assert_num_queries(1):
        assert len(find(question="speaks Line 1")) == 0


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("하늘을 우러러 부끄럼이 없기를", ["우러러", "부끄럼", "하늘", "없기"]),
        ("나의 별에서", ["별에서", "나의"]),
        ("What does HAMLET say about silence?", ["silence", "hamlet"]),
        ("star star stars", ["stars", "star"]),
        ("aa bb cc dd ee ff gg hh ii jj", ["aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh"]),
    ],
)
def test_telling_words(question, words):
    assert telling_words(question) == words


def test_composes_decomposed_hangul(alice):
    make_quote(alice, "하늘", is_apply=True)
    assert found("\u1112\u1161\u1102\u1173\u11af") == ["하늘"]
