"""Storing, changing and losing the gloss of a line, and finding the line by it."""

import json

import pytest
from django.utils import timezone

from chat.answering.prompts import build_messages
from quotes.board.submissions import StaleEdit, edit_quote
from quotes.glosses.write import (
    forget_gloss,
    read_chosen,
    read_waiting,
    review_gloss,
    store_models_gloss,
    waiting,
)
from quotes.models import Meaning, Quote
from quotes.search import embeddings
from quotes.search.find import find, find_on_board
from quotes.search.reindex import mark_all, reindex
from quotes.verification.verify import verify
from tests.factories import make_quote

pytestmark = pytest.mark.django_db
LINE = "등잔 밑이 어둡다"
MEANS = "가까이 있는 것을 오히려 알아보지 못함"
QUESTION = "가까이 있는 것을 오히려 못 알아본다는 뜻"
KEPT = (MEANS, "a-model", None)


@pytest.fixture
def line(bob) -> Quote:
    quote = make_quote(bob, LINE, source="속담", language="ko", is_apply=True)
    make_quote(bob, "가는 말이 고와야 오는 말이 곱다", language="ko", is_apply=True)
    return quote


def gloss_of(line: Quote) -> tuple:
    return Quote.objects.values_list("gloss", "gloss_by", "gloss_reviewed_at").get(pk=line.pk)


def glossed(line: Quote) -> Quote:
    """The line with a model's gloss, as it is read now."""
    assert store_models_gloss(line, MEANS, model="a-model")
    return Quote.objects.get(pk=line.pk)


# --- Found by it, and never quoted --------------------------------------------------------------


def test_a_question_for_the_meaning_alone_finds_the_line(line, alice):
    assert LINE not in [found.content for found in find(question=QUESTION)]
    glossed(line)
    found = find(question=QUESTION)[0]
    assert (found.content, found.gloss, found.fits) == (LINE, MEANS, True)
    assert find_on_board(MEANS, user=alice)[0] == line.pk


def test_without_its_gloss_it_is_not_found_any_more(line):
    forget_gloss(glossed(line))
    assert LINE not in [found.content for found in find(question=QUESTION)]
    assert line.pk in set(waiting().values_list("pk", flat=True))


def test_the_prompt_of_an_answer_does_not_contain_the_gloss(line):
    glossed(line)
    found = find(question=QUESTION)
    [system, _] = build_messages(system_prompt="", found=found, history=[], question="?")
    assert LINE in system["content"]
    assert MEANS not in system["content"]
    rows = system["content"].partition("<lines>\n")[2].partition("\n</lines>")[0].splitlines()
    assert all("gloss" not in json.loads(row) for row in rows)


def test_a_quotation_of_the_gloss_is_not_on_the_board(line):
    glossed(line)
    found = find(question=QUESTION)
    [judged] = verify(f"이런 말이 있습니다: “{MEANS}”", found, question="어떤 명언이 있어?")
    assert (judged.verdict, judged.line) == ("unknown", None)


def test_new_tokens_are_computed_with_it(line):
    tokens = glossed(line).search_text
    mark_all()
    list(reindex())
    assert Quote.objects.get(pk=line.pk).search_text == tokens


@pytest.fixture
def provide():
    """Sets another embedder until the test ends."""
    [product] = embeddings.embedders
    yield embeddings.provide_embedder
    embeddings.provide_embedder(product)


def test_it_is_embedded_anew(line, provide, settings):
    settings.EMBEDDING_MODEL = "any"
    Meaning.objects.create(quote=line, model="any", version=line.version, vector=b"")
    glossed(line)
    embedded = list[str]()

    def embed(texts, *, patiently):
        embedded.extend(texts)
        return [[1.0]] * len(texts)

    provide(embed)
    embeddings.embed_some()
    assert f"{LINE}\n속담\n{MEANS}" in embedded


def test_a_vector_that_was_computed_without_it_is_not_stored(line, provide, settings):
    settings.EMBEDDING_MODEL = "any"

    def meanwhile(texts, *, patiently):
        glossed(Quote.objects.get(pk=line.pk))
        return [[1.0]] * len(texts)

    provide(meanwhile)
    embeddings.embed_some()
    assert [meaning.quote_id == line.pk for meaning in Meaning.objects.all()] == [False]


# --- Whose words win ----------------------------------------------------------------------------


def test_what_staff_say_is_never_overwritten(line):
    read = Quote.objects.get(pk=line.pk)
    assert review_gloss(line, "곁에 있어서 못 본다는 말")
    assert not store_models_gloss(read, MEANS, model="a-model")
    gloss, by, reviewed_at = gloss_of(line)
    assert (gloss, by) == ("곁에 있어서 못 본다는 말", "")
    assert reviewed_at is not None
    assert line.pk not in [one.pk for one in read_waiting()]


def test_an_unchanged_gloss_is_confirmed_and_stays_the_models(line):
    assert review_gloss(glossed(line), MEANS)
    gloss, by, reviewed_at = gloss_of(line)
    assert (gloss, by, reviewed_at is None) == (MEANS, "a-model", False)


def test_after_an_empty_one_no_model_is_asked(line):
    assert review_gloss(glossed(line), "")
    assert gloss_of(line)[:2] == ("", "")
    assert line.pk not in [one.pk for one in read_waiting()]
    assert line.pk not in [one.pk for one in read_chosen([line.pk])]


def test_staff_change_only_what_they_have_seen(line):
    seen = Quote.objects.get(pk=line.pk)
    glossed(line)
    assert not review_gloss(seen, "Another one")
    assert gloss_of(line) == KEPT


@pytest.mark.parametrize("change", ["edited", "taken down", "glossed"])
def test_a_model_gets_nothing_stored_for_what_it_was_not_told(line, change):
    read = Quote.objects.get(pk=line.pk)
    if change == "edited":
        edit_quote(quote=line, fields={"content": "Another line"})
        Quote.objects.filter(pk=line.pk).update(is_apply=True, applied_at=timezone.now())
    elif change == "taken down":
        Quote.objects.filter(pk=line.pk).update(is_apply=False, applied_at=None)
    else:
        glossed(line)
    assert not store_models_gloss(read, "뒤늦은 말", model="a-model")


# --- Edits of the line --------------------------------------------------------------------------


def test_new_words_lose_the_models_gloss(line):
    quote = glossed(line)
    edit_quote(quote=quote, fields={"content": "등잔 밑은 어둡다"})
    assert gloss_of(line) == ("", "", None)
    assert quote.gloss == ""
    assert MEANS.split(maxsplit=1)[0] not in Quote.objects.get(pk=line.pk).search_text


def test_they_lose_it_although_staff_have_confirmed_it(line):
    review_gloss(glossed(line), MEANS)
    edit_quote(quote=Quote.objects.get(pk=line.pk), fields={"content": "등잔 밑은 어둡다"})
    assert gloss_of(line) == ("", "", None)


def test_they_keep_the_words_of_staff(line):
    review_gloss(line, MEANS)
    edit_quote(quote=Quote.objects.get(pk=line.pk), fields={"content": "등잔 밑은 어둡다"})
    assert gloss_of(line)[:2] == (MEANS, "")


def test_another_context_keeps_the_gloss(line):
    edit_quote(quote=glossed(line), fields={"context": "흔히 쓰는 말"})
    assert gloss_of(line) == KEPT
    assert "가까" in Quote.objects.get(pk=line.pk).search_text.split()


def test_an_edit_is_refused_where_a_gloss_has_come_meanwhile(line):
    """Its tokens would lack those of the gloss."""
    read = Quote.objects.get(pk=line.pk)
    glossed(line)
    with pytest.raises(StaleEdit):
        edit_quote(quote=read, fields={"content": "등잔 밑은 어둡다"})
    assert gloss_of(line) == KEPT


# --- Which lines --------------------------------------------------------------------------------


def test_lines_are_read_in_order_up_to_a_limit(line, bob):
    make_quote(bob, "Not applied")
    english = make_quote(bob, "Haste makes waste", language="en", is_apply=True)
    ids = [one.pk for one in read_waiting()]
    assert ids == sorted(ids)
    assert len(ids) == 3
    assert [one.pk for one in read_waiting(limit=2)] == ids[:2]
    assert [one.pk for one in read_waiting(language="EN")] == [english.pk]
    assert [one.pk for one in read_chosen([english.pk, line.pk, 10**9])] == [line.pk, english.pk]
