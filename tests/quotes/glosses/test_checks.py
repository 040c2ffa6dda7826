"""What of a model's text is taken for a gloss."""

import pytest

from quotes.columns import MAX_GLOSS
from quotes.glosses.checks import Unusable, gloss_from
from quotes.models import Quote

HASTE = Quote(content="Haste makes waste", language="en")
TIGER = Quote(content="호랑이도 제 말 하면 온다", language="ko")
MEANS = "Those who hurry spoil their work"
KOREAN = "자리에 없는 사람을 두고 말하면 마침 그 사람이 나타난다"


@pytest.mark.parametrize(
    "text",
    [
        MEANS,
        f"  {MEANS}\n",
        f'"{MEANS}"',
        f"**{MEANS}**",
        "Those who hurry\x07spoil\ttheir work",
        "Those who \u202ehurry\u2069 spoil\u200b their work",
    ],
)
def test_a_sentence_is_stored_as_plain_text(text):
    assert gloss_from(text, HASTE) == MEANS


@pytest.mark.parametrize("text", [f"{MEANS}.", f"{MEANS}!", "St. Paul hurried, so it was spoilt."])
def test_its_own_end_is_kept(text):
    assert gloss_from(text, HASTE) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("-", "empty"),
        (" \u200b\n", "empty"),
        (f"{MEANS}. Take your time.", "more than a sentence"),
        (f"{MEANS}.” Take your time.", "more than a sentence"),
        (f"Meaning:\n{MEANS}", "more than a sentence"),
        (MEANS + " and fail" * MAX_GLOSS, "too long"),
        ("x" * (MAX_GLOSS + 1), "too long"),
        ("I'm sorry, but I can't help with that.", "a refusal"),
        ("I’m sorry, but no.", "a refusal"),
        ("As an AI I have no opinion", "a refusal"),
        ("Read https://example.com before you hurry", "with an address"),
        ("haste makes waste.", "the line itself"),
        ("“Haste makes”", "the line itself"),
        ("Haste makes waste!!", "the line itself"),
        ("Haste makes more waste", "the line itself"),
        (KOREAN, "in another script"),
        ("Кто спешит, тот портит", "in another script"),
    ],
)
def test_other_texts_are_not_stored(text, why):
    with pytest.raises(Unusable, match=f"^{why}$"):
        gloss_from(text, HASTE)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (MEANS, "in another script"),
        ("죄송합니다, 도움을 드리지 못합니다", "a refusal"),
        ("이 문장의 뜻은 알 수 없습니다.", "a refusal"),
        (f"{KOREAN}. 조심하라는 말이다.", "more than a sentence"),
        ("호랑이도 제 말 하면 온다.", "the line itself"),
    ],
)
def test_other_texts_are_not_stored_for_a_korean_line(text, why):
    assert gloss_from(f"{KOREAN}.", TIGER) == f"{KOREAN}."
    with pytest.raises(Unusable, match=f"^{why}$"):
        gloss_from(text, TIGER)


@pytest.mark.parametrize(
    ("content", "language", "gloss"),
    [
        ("必死則生", "ko", "죽기를 각오하면 산다"),
        ("猿も木から落ちる", "ja", "名人でも時には失敗する"),
        ("Тише едешь, дальше будешь", "ru", "Кто не спешит, скорее придёт"),
        ("42", "", "The answer to everything"),
    ],
)
def test_the_script_is_that_of_the_language_or_of_the_line(content, language, gloss):
    assert gloss_from(gloss, Quote(content=content, language=language)) == gloss
