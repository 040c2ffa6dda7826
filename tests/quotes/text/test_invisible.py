"""Invisible characters hide no line from the search or from the check for duplicates."""

import json
import unicodedata

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from config.text import without_invisible
from quotes.models import Quote
from quotes.search.find import find, find_on_board
from quotes.text.normalization import exact, folded, skeleton_hash
from quotes.text.search_columns import name_hash
from quotes.text.tokenizer import VERSION, tokens
from tests.factories import make_quote

LINE = "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를"
ENGLISH = "slings and arrows of outrageous fortune"
MARKS = [
    *("\u00ad", "\u200b", "\u200c", "\u200d", "\u200e", "\u2060", "\u2061", "\ufeff", "\u034f"),
    *("\u3164", "\u115f", "\uffa0", "\ufe0f", "\u180e", "\u061c", "\U000e0061", "\U000e0100"),
    *("\U0001d173", "\ufff9", "\u2065"),
]
HIDING = st.sampled_from(MARKS)


def hidden(text: str, mark: str) -> str:
    return mark.join(text)


@pytest.mark.parametrize("mark", MARKS, ids=ascii)
@pytest.mark.parametrize("line", [LINE, ENGLISH])
class TestSearch:
    def test_finds_an_old_line_that_has_marks_inside(self, alice, line, mark):
        quote = make_quote(alice, hidden(line, mark), is_apply=True)
        [found] = find(question=line)
        assert (found.id, found.fits, found.score) == (quote.pk, True, 1.0)
        assert find_on_board(line, user=alice) == [quote.pk]

    def test_finds_by_words_that_have_marks_inside(self, alice, line, mark):
        quote = make_quote(alice, line, is_apply=True)
        assert [one.id for one in find(question=hidden(line, mark))] == [quote.pk]
        assert find_on_board(hidden(line, mark), user=alice) == [quote.pk]

    def test_recognizes_the_duplicate(self, as_bob, alice, line, mark):
        make_quote(alice, hidden(line, mark), is_apply=True)
        assert as_bob.post("/quote", {"content": line}).status_code == 409
        [similar] = as_bob.post("/quote/similar", {"content": hidden(line, mark)}).json()["results"]
        assert similar["verdict"] == "same"

    def test_stores_the_line_without_them(self, as_alice, line, mark):
        names = {"speaker": hidden("윤동주", mark), "source": hidden("Hamlet", mark)}
        body = {"content": hidden(line, mark), "context": hidden("last words", mark), **names}
        made = as_alice.post("/quote", body).json()
        assert [made[name] for name in ("content", "speaker", "source", "context")] == [
            line,
            "윤동주",
            "Hamlet",
            "last words",
        ]


@pytest.mark.parametrize("name", ["speaker", "source"])
def test_filters_of_names(as_alice, alice, name):
    quote = make_quote(alice, is_apply=True, **{name: "윤\u200b동주"})
    for wanted in ("윤동주", "윤동\u00ad주", unicodedata.normalize("NFD", "윤동주")):
        results = as_alice.get("/quote", {name: wanted}).json()["results"]
        assert [one["id"] for one in results] == [quote.pk]


def test_a_question_in_nfd_finds_the_same(alice):
    quote = make_quote(alice, "인생이란 결코 공평하지 않다.", is_apply=True)
    make_quote(alice, "그 대사는 뭐였지", is_apply=True)
    question = unicodedata.normalize("NFD", "그 공평하지 않다는 대사 뭐였지?")
    assert find(question=question)[0].id == quote.pk


@given(st.text(max_size=40), HIDING, st.integers(0, 40))
def test_tokens_and_hashes_ignore_invisible_characters(text, mark, at):
    written = unicodedata.normalize("NFC", text)
    at = min(at, len(written))
    other = written[:at] + mark + written[at:]
    whole = unicodedata.normalize("NFC", without_invisible(other))
    for form in (tokens, skeleton_hash, name_hash, exact, folded):
        assert form(other) == form(whole)


def test_older_lines_are_reindexed(alice):
    """The version has changed with the tokens, so that `prepare` reindexes all lines."""
    quote = make_quote(alice, hidden(ENGLISH, "\u00ad"), is_apply=True)
    old = {"search_text": "s l i n g", "search_version": 1, "skeleton_hash": 1}
    Quote.objects.filter(pk=quote.pk).update(**old)
    assert VERSION > 1
    assert find(question=ENGLISH) == []
    call_command("index_quotes", verbosity=0)
    assert [one.id for one in find(question=ENGLISH)] == [quote.pk]


def test_a_file_of_lines_is_read_alike(db, tmp_path, capsys):
    path = tmp_path / "lines.jsonl"
    rows = [hidden(LINE, "\u200b"), LINE, "a\ud800b", "a\u202eb", "\u2800", "👩\u200d🚀 says"]
    path.write_text("\n".join(json.dumps({"content": row}) for row in rows))
    call_command("load_quotes", path, skip_bad=True)
    assert set(Quote.objects.values_list("content", flat=True)) == {LINE, "👩\u200d🚀 says"}


def test_a_reason_is_stored_like_other_texts(client, staff, alice):
    quote = make_quote(alice, "A line")
    client.force_login(staff)
    form = {
        "action": "decline",
        "_selected_action": quote.pk,
        "seen": f"{quote.pk}:1:pending",
        "reason": "Wh\u200by\r\nthis? ",
    }
    client.post("/admin/quotes/quote/", {**form, "reason": "a\u202eb"})
    quote.refresh_from_db()
    assert quote.declined_at is None
    client.post("/admin/quotes/quote/", form)
    quote.refresh_from_db()
    assert quote.reason == "Why\nthis?"
