"""Normal forms equal Python's, for long texts too."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.unicode import normalize

FORMS = ["NFC", "NFD", "NFKC", "NFKD"]
WORDS = [
    *("The rest is silence. ", "café naïve Ångström ﬁn ", "죽는 날까지 하늘을 우러러 ", "각"),
    *(
        "서시\n",
        "春眠不覺曉處處聞啼鳥",
        "がぎぐげご。",
        "Ελλάδα ",
        "Привет й ",
        "हिन्दी ",
        "ไทย ",
        "👩‍👧 ",
        "①②ﷺ ",
    ),
]


@pytest.mark.parametrize("form", FORMS)
@given(words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=20), times=st.integers(1, 60))
def test_of_long_texts_in_any_script(form, words, times):
    text = "".join(words) * times
    for given_in in (text, unicodedata.normalize("NFD", text)):
        assert normalize(form, given_in) == unicodedata.normalize(form, given_in)


@pytest.mark.parametrize("form", FORMS)
@given(st.text(max_size=300))
def test_of_any_short_text(form, text):
    assert normalize(form, text) == unicodedata.normalize(form, text)


@pytest.mark.parametrize("form", FORMS)
def test_no_character_of_a_run_of_marks_gets_lost(form):
    marks = "\u0315\u0300" * 2000
    assert sorted(normalize(form, f"x{marks}")) == sorted(f"x{marks}")
