"""Which characters are Hangul, compared with Unicode's names of them."""

import sys
import unicodedata

import pytest

from config import text
from config.hangul import SYLLABLES, has_hangul
from quotes.text.input import guess_language
from quotes.verification.judgement import is_long_enough

NAMED = [
    character
    for character in map(chr, range(sys.maxunicode))
    if unicodedata.name(character, "").startswith(("HANGUL", "HALFWIDTH HANGUL"))
    and unicodedata.category(character) == "Lo"  # neither tone marks nor letters in circles
    and not text.is_blank(character)  # nor fillers, which nobody sees
]


def test_every_letter_of_hangul_is_found():
    assert [ascii(character) for character in NAMED if not has_hangul(character)] == []
    found = {character for character in map(chr, range(sys.maxunicode)) if has_hangul(character)}
    assert {character for character in found if unicodedata.name(character, "")} == set(NAMED)


def test_syllables_are_those_of_unicode():
    first, last = SYLLABLES.split("-")
    assert unicodedata.name(first) == "HANGUL SYLLABLE GA"
    assert unicodedata.name(last) == "HANGUL SYLLABLE HIH"


@pytest.mark.parametrize(
    ("written", "language"),
    [
        ("To be 한", "ko"),
        ("\u1112\u1161\u11ab", "ko"),  # conjoining Jamo
        ("ㅋㅋ", "ko"),
        ("ﾡ", "ko"),  # half width
        ("To\u3164be", ""),  # a filler
        ("春眠 がぎ", ""),
        ("", ""),
    ],
)
def test_a_line_with_hangul_is_guessed_to_be_korean(written, language):
    assert guess_language(written) == language


@pytest.mark.parametrize(("written", "expected"), [("여섯 글자이다", True), ("ㅋ" * 9, False)])
def test_a_quotation_is_as_long_as_its_syllables(written, expected):
    """A Jamo is a part of a syllable: a few of them may be on the board by chance."""
    assert is_long_enough(written) is expected
