"""Which questions are the same."""

import unicodedata

import pytest

from chat.stored.keys import same_question, wanted
from tests.upstream import Several


@pytest.mark.parametrize(
    "other",
    [
        "who said “to be, or not to be”",
        "  Who said\n“To be, or not to be”?  ",
        "WHO SAID “TO BE, OR NOT TO BE” ?!",
        "Ｗｈｏ ｓａｉｄ “To be, or not to be”？",
        "Who said “To be, or not to be”...",
        "Who said “To be, or not to be”\u200b?",
    ],
)
def test_the_same(other):
    assert same_question(other) == same_question("Who said “To be, or not to be”?")


def test_hangul_of_either_form():
    question = "별 헤는 밤은 누가 썼나요?"
    assert same_question(unicodedata.normalize("NFD", question)) == same_question(question)


@pytest.mark.parametrize(
    "other",
    [
        "Who said “To be or not to be”?",
        "Who wrote “To be, or not to be”?",
        "Who said “To be, or not to be”? And when?",
        "?",
        "",
    ],
)
def test_others(other):
    assert same_question(other) != same_question("Who said “To be, or not to be”?")


def test_marks_alone_are_a_question_of_their_own():
    assert same_question("?") != same_question("!")


@pytest.mark.django_db
def test_another_model_of_a_server_under_the_same_name(several: Several):
    """Whoever changes what stands behind a public name wants none of the former answers."""

    def key(served_as: str) -> str:
        several.use(several.server("a", model={"served_as": served_as}))
        found = wanted(
            user_id=1,
            question="Who said it?",
            model="fake",
            system_prompt="",
            temperature=1.0,
            max_tokens=100,
        )
        assert found
        return found.key

    former = key("fake")
    assert key("fake") == former
    assert key("other") != former
