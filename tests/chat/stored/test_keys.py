"""Which questions are the same."""

import unicodedata

import pytest

from chat.stored.keys import same_question


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
