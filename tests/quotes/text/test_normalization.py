"""The forms in which texts are compared: which differences they ignore, and which they keep."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quotes.text.normalization import exact, folded, skeleton, skeleton_hash
from quotes.text.tokenizer import tokens

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
FORMS = st.sampled_from(["NFC", "NFD"])
UNSEEN = st.sampled_from(["\u200b", "\u200d", "\ufeff", "\u2060", "\u00ad", "\ufe0f", "\u3164"])
HANGUL = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1)
EMOJI = "👩‍👩‍👧‍👦 ❤️ 1️⃣ 🏳️‍🌈"


@given(TEXTS)
@example(EMOJI)
@example("ŉ ǰ ﬁ İ ẞ \u1e9a")
@example("\u0344\u1fbe")
def test_each_form_is_its_own(text):
    for form in (exact, folded, skeleton):
        assert form(form(text)) == form(text)


@given(TEXTS, FORMS)
def test_composition_does_not_matter(text, name):
    other = unicodedata.normalize(name, text)
    for form in (exact, folded, skeleton):
        assert form(other) == form(text)


@given(TEXTS, UNSEEN, st.integers(0, 60))
def test_invisible_characters_do_not_matter(text, mark, at):
    """Only between whole characters: inside one, it would keep the parts from composing."""
    text = unicodedata.normalize("NFC", text)
    at = min(at, len(text))
    if at < len(text) and (
        unicodedata.combining(text[at])
        or unicodedata.normalize("NFC", text[:at]) + text[at:] != text
    ):
        return
    assert skeleton(text[:at] + mark + " " + text[at:]) == skeleton(text[:at] + " " + text[at:])


@given(HANGUL)
def test_hangul_and_its_jamo_are_the_same(text):
    assert exact(unicodedata.normalize("NFD", text)) == text
    assert skeleton(unicodedata.normalize("NFD", text)) == text
    assert tokens(unicodedata.normalize("NFD", text)) == tokens(text)


@given(HANGUL, HANGUL)
def test_other_hangul_is_another_skeleton(one, other):
    """A skeleton of ASCII letters alone would accept every invented Korean line."""
    assert (skeleton(one) == skeleton(other)) is (one == other)


@pytest.mark.parametrize(
    "text", ["죽는 날까지", "必死則生", "мир", "سلام", "नमस्ते", "ゆめ", "été", "①"]
)
def test_every_script_has_a_skeleton(text):
    assert skeleton(text)


def test_a_line_and_its_negation_differ():
    assert skeleton("공평하지 않다") != skeleton("공평하다")
    assert skeleton("नमस्ते") != skeleton("नमसत")


@pytest.mark.parametrize(
    ("one", "other"),
    [("“A—B…”", '"a-b..."'), ("ＡＢＣ", "abc"), ("straße", "STRASSE"), ("‘no’", "'NO'")],
)
def test_folding_unifies_marks_and_case(one, other):
    assert exact(one) != exact(other)
    assert folded(one) == folded(other)


@given(TEXTS)
def test_hashes_fit_both_databases(text):
    assert -(2**63) <= skeleton_hash(text) < 2**63


@given(TEXTS)
def test_tokens_are_safe_in_both_query_languages(text):
    for token in tokens(text):
        assert token.isalnum()
        assert token == token.lower()
