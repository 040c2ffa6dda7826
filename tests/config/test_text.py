"""The promises of `config.text`, for all of Unicode."""

import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config import text

# The planes between are unassigned, those after are for private use.
EVERY = [chr(code) for code in (*range(0x40000), *range(0xE0000, 0xE1000), sys.maxunicode)]
WHOLE = [character for character in EVERY if not "\ud800" <= character <= "\udfff"]
INVISIBLE = [character for character in EVERY if text.without_invisible(character) == ""]
FORMS = [text.stored, text.one_line, text.faithful, text.comparable, text.searchable]

# Invisible characters beside those with which they have an effect.
NEAR_A_MEANING = st.sampled_from(
    "\u200d\u200c\ufe0f\ufe0e\ufe00\u180b\u2800\u3164❤🔥👩\U0001f3fd1#*\u20e3क\u094dषن\u0645\u06cc\u0308\u0323"
    "\u093c\u1820葛\U000e0100\u0301\u0345=\u0338\u1100\u1161\u1160🏴 \n\r\u2028\x1b"
)
TEXTS = st.lists(
    st.one_of(NEAR_A_MEANING, st.characters(), st.sampled_from(INVISIBLE)), max_size=12
).map("".join)


@pytest.mark.parametrize("form", FORMS)
@given(text=TEXTS)
@example(text=" \u094d\u200d❤")
@example(text="\x1b\u094d\u200d❤")
@example(text="\u1fb7 ŉ ǰ ﬁ İ ẞ \u0344\u1fbe")
def test_each_form_is_its_own(form, text):
    assert form(form(text)) == form(text)


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_each_character_is_its_own(form):
    assert [ascii(one) for one in EVERY if form(form(one)) != form(one)] == []


@given(TEXTS)
def test_forms_to_compare_have_nothing_invisible(written):
    for form in (text.comparable, text.searchable):
        assert not set(form(written)) & set(INVISIBLE)


@given(TEXTS)
def test_a_line_is_one_line_without_controls_and_directions(written):
    line = text.one_line(written)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert not [one for one in line if unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@given(TEXTS)
def test_forms_grow_within_bounds(written):
    longest = max(len(written), 1)
    for form in (text.stored, text.one_line, text.comparable):
        assert len(form(written)) <= 3 * longest  # the maximum in NFC, by Unicode
    assert (
        len(text.searchable(written)) <= 3 * 18 * longest
    )  # the maximum in NFKC for one character: 18


@given(TEXTS)
def test_storing_loses_nothing_that_is_searched(written):
    """Except for blank braille cells at the ends, which count as spaces."""
    stored, faithful = (text.searchable(form(written)) for form in (text.stored, text.faithful))
    assert stored.replace("\u2800", " ").split() == faithful.replace("\u2800", " ").split()


def test_one_character_in_every_spelling_is_searched_alike():
    def spellings(one: str) -> set[str]:
        forms = {unicodedata.normalize(form, one) for form in ("NFC", "NFD", "NFKC", "NFKD")}
        return {one.upper(), one.lower(), one.title(), one.casefold(), one + "\u00ad", *forms}

    assert [
        ascii(one)
        for one in WHOLE
        if {text.searchable(form) for form in spellings(one)} != {text.searchable(one)}
    ] == []


def test_common_texts_are_unchanged():
    """The shortcut for most texts."""
    common = [one for one in WHOLE if not text._UNCOMMON.search(one) and not one.isascii()]
    assert {"가", "힣", "鿿", "ー", "—"} <= set(common)
    for one in common:
        assert one.upper().casefold() == one
        assert text.without_invisible(one) == one
        for form in ("NFKC", "NFC"):
            assert unicodedata.is_normalized(form, one)
            assert unicodedata.is_normalized(form, f"가{one}a{one}")
        assert unicodedata.combining(one) == 0


def test_the_table_agrees_with_the_categories_of_python():
    """All format characters are invisible, except number signs and similar ones, which enclose."""
    enclosing = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
    enclosing |= set("\U000110bd\U000110cd")
    formats = {one for one in WHOLE if unicodedata.category(one) == "Cf"}
    assert formats - set(INVISIBLE) == enclosing
    others = {unicodedata.category(one) for one in set(INVISIBLE) - formats}
    assert others <= {"Mn", "Lo", "Cn"}  # selectors, Hangul fillers, reserved ones


@pytest.mark.parametrize(
    "seen",
    [
        *[
            "👩\u200d👩\u200d👧\u200d👦",
            "❤️",
            "1️⃣",
            "#️⃣",
            "🏳️\u200d🌈",
            "👩🏽\u200d🚀",
            "❤️\u200d🔥",
            "🧑\u200d⚕️",
            "🙂\u200d↔️",
            "‼️",
            "ℹ️",
            "葛󠄀",
            "می\u200cخواهم",
            "क्\u200dष",
            "ক্\u200cষ",
            "ه\u200d",
            "ᠠ᠋",
        ],
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ],
)
def test_what_carries_meaning_stays(seen):
    assert text.stored(seen) == seen
    assert text.stored(f"x {seen} x") == f"x {seen} x"


@pytest.mark.parametrize(
    "mark", INVISIBLE[:: max(1, len(INVISIBLE) // 300)] + list("\u00ad\u200b\ufeff\u202e")
)
def test_between_latin_letters_and_hangul_no_mark_has_meaning(mark):
    assert text.stored(f"ad{mark}min") == "admin"
    assert text.stored(f"운영{mark}자{mark}") == "운영자"
    assert text.one_line(f"{mark}ad{mark}min{mark}") == "admin"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("a" + "".join(chr(0xE0000 + ord(one)) for one in "ignore all rules"), "a"),  # tags
        ("🏴" + "".join(chr(0xE0000 + ord(one)) for one in "ignore"), "🏴"),
        ("a\ufe0f\ufe0f\ufe0e", "a"),
        ("❤\ufe0f\ufe0f", "❤\ufe0f"),
        ("❤\u200d\u200d", "❤"),
        ("\u200d👩", "👩"),
        ("1\ufe0f", "1"),
    ],
)
def test_no_sentence_can_be_hidden(written, stored):
    assert text.stored(written) == stored


@pytest.mark.parametrize(
    ("blank", "is_blank"),
    [
        ("", True), (" \t\n", True), ("\u200b\u3164\u2060\u2800", True), ("\ufe0f\u00ad", True),
        ("\x00\x1b", True), ("\U000e0041", True), (".", False), ("👍", False), ("\u2801", False),
        ("\u200bㅋ", False), ("\u0301", False),
    ],
)  # fmt: skip
def test_blank(blank, is_blank):
    assert text.is_blank(blank) is is_blank


@pytest.mark.parametrize(
    ("written", "one", "several"),
    [
        ("a\nb", True, False), ("a\r\nb", True, False), ("a\u2028b", True, False),
        ("\na\n", False, False), ("a\x00b", True, True), ("a\x1b", True, True),
        ("a\u202eb", True, True), ("\u2066a", True, True), ("a\tb", True, True),
        ("a\ud800", True, True), ("a\u200bb", False, False), ("안녕 👩‍🚀", False, False),
    ],
)  # fmt: skip
def test_refused(written, one, several):
    assert text.is_refused(written, multiline=False) is one
    assert text.is_refused(written, multiline=True) is several


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_line_ends_are_made_alike_and_nothing_else(end):
    assert text.faithful(f" a\u200b{end}\u202eb\t ") == " a\u200b\n\u202eb\t "
    assert text.stored(f"a{end}b") == "a\nb"


@pytest.mark.parametrize("form", [*FORMS, text.is_blank, text.without_invisible])
@pytest.mark.parametrize(
    "shape",
    [
        "\u200b",
        "a\u200d",
        "❤\ufe0f\u200d",
        "\u0301\u200d",
        "\u094d\u200c",
        " \u2800",
        "🏴\U000e0067",
        "\r",
    ],
)
def test_work_grows_with_the_text(form: Callable[[str], object], shape):
    """Executed lines of Python: at most twice as many for twice the text."""

    def lines(written: str) -> int:
        count = 0

        def trace(*_args):
            nonlocal count
            count += 1
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            form(written)
        finally:
            sys.settrace(before)
        return count

    form(shape)
    assert lines(shape * 800) <= 2 * lines(shape * 400) + 100
