"""All that shows a quote's public columns agrees with the list of them."""

import csv
import json

import pytest
from django.urls import reverse

from chat.answering.prompts import build_messages
from quotes import columns
from quotes.api.board import REQUEST_EXAMPLE
from quotes.api.serializers import QuoteSerializer
from quotes.board.export import export_board
from quotes.models import Quote
from quotes.search.candidates import bm25, fetch_candidates, lines_by_id, lines_by_skeleton
from quotes.search.find import find
from quotes.search.query_plan import plan_query
from quotes.text.input import QuoteInput
from quotes.text.search_columns import search_text
from tests.factories import make_quote

LINE = {**columns.EXAMPLE, "content": "The rest is silence"}
GLOSS = "Nothing more is left to say"


@pytest.fixture
def quote(alice) -> Quote:
    return make_quote(alice, **LINE, gloss=GLOSS, gloss_by="a-model", is_apply=True)


def test_each_is_a_column_and_has_an_example():
    names = {field.name for field in Quote._meta.concrete_fields}
    assert set(columns.EXPORTED) <= names
    assert list(columns.EXAMPLE) == list(columns.SUBMITTED)
    assert set(columns.NAMES) < set(columns.TEXT)
    assert (*columns.TEXT, "gloss") == columns.SEARCHED


def test_the_api_takes_and_gives_them(alice, as_alice, quote):
    assert list(QuoteInput().fields) == list(columns.SUBMITTED)
    assert set(columns.SUBMITTED) < set(QuoteSerializer().fields)
    assert list(REQUEST_EXAMPLE.value) == list(columns.TEXT)
    body = as_alice.get(f"/quote/{quote.pk}").json()
    assert {name: body[name] for name in columns.SUBMITTED} == LINE
    assert (body["gloss"], body["gloss_by_model"]) == (GLOSS, True)
    assert list(body) == list(QuoteSerializer().fields)


def test_the_export_has_them(quote):
    exported = {form: b"".join(export_board(form)).decode("utf-8-sig") for form in ("jsonl", "csv")}
    assert list(json.loads(exported["jsonl"])) == list(columns.EXPORTED)
    header, row = csv.reader(exported["csv"].splitlines())
    assert tuple(header) == columns.EXPORTED
    assert dict(zip(header, row, strict=True)).items() >= LINE.items()


def test_the_rows_of_the_search_have_them(quote):
    expected = (quote.pk, *(LINE[name] for name in columns.TEXT), GLOSS)
    [by_id], [by_skeleton] = lines_by_id([quote.pk]), lines_by_skeleton([quote.skeleton_hash])
    [candidate] = fetch_candidates(plan_query("silence"), limit=1)
    [found] = find(question="silence")
    for line in (by_id, by_skeleton, candidate, found):
        assert columns.line_values(line) == expected
        assert line.names == quote.names == [LINE[name] for name in columns.NAMES]
    shared, score = bm25(plan_query("silence").weights, quote.search_text)
    assert (candidate.shared, candidate.score) == pytest.approx((shared, score))


@pytest.mark.parametrize("name", columns.SEARCHED)
def test_each_is_searched(alice, name):
    assert search_text(Quote(**{name: "xylophone"})) == "xylophon"
    make_quote(alice, **{"content": "A line", name: "xylophone"}, is_apply=True)
    assert len(find(question="xylophone")) == 1


def test_the_prompt_has_them_without_the_gloss(quote):
    [system, _] = build_messages(
        system_prompt="", found=find(question="silence"), history=[], question="?"
    )
    row = json.loads(system["content"].partition("<lines>\n")[2].partition("\n</lines>")[0])
    assert list(row.values()) == [quote.pk, *(LINE[name] for name in columns.TEXT)]


def test_the_admin_shows_them(client, staff, quote):
    client.force_login(staff)
    page = client.get(reverse("admin:quotes_quote_change", args=[quote.pk])).content.decode()
    for name in (*columns.SUBMITTED, "gloss"):
        assert f"field-{name}" in page
    page = client.get(reverse("admin:quotes_quote_import")).content.decode()
    assert ", ".join(columns.LOADED) in page
