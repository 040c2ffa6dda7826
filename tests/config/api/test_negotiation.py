"""RFC 9110, 12.5.1: which of three media types is sent for an `Accept`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import NotAcceptable
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from chat.api.renderers import EventStreamRenderer, MarkdownRenderer
from config.api.negotiation import ContentNegotiation
from config.api.renderers import JSONRenderer

JSON, EVENTS, MARKDOWN = "application/json", "text/event-stream", "text/markdown"
RENDERERS = [JSONRenderer(), EventStreamRenderer(), MarkdownRenderer()]


def chosen(accept: str | None) -> str | None:
    headers = {} if accept is None else {"Accept": accept}
    request = Request(APIRequestFactory().get("/", headers=headers))
    try:
        renderer, media_type = ContentNegotiation().select_renderer(request, RENDERERS)
    except NotAcceptable:
        return None
    assert renderer.media_type == media_type
    return media_type


TABLE = [
    (None, JSON),
    ("*/*", JSON),
    (EVENTS, EVENTS),
    (f"{EVENTS};q=0.1, {JSON};q=0.9", JSON),
    (f"{EVENTS};q=0.9, {JSON};q=0.1", EVENTS),
    (f"{JSON};q=0.5, text/*;q=0.6", EVENTS),
    (f"{JSON};q=0.5, text/*;q=0.6, {EVENTS};q=0.1", MARKDOWN),
    (f"{EVENTS};q=0", None),
    (f"{EVENTS};q=0, */*", JSON),
    (f"{JSON};q=0, */*;q=0.1", EVENTS),
    (f"{JSON};q=0.000, text/*;q=0", None),
    (f"{EVENTS}, */*;q=0.8", EVENTS),
    (f"{EVENTS}, */*", EVENTS),  # as good, but named
    (f"*/*, {EVENTS}", EVENTS),
    (f"{EVENTS}, {JSON}", JSON),  # as good, and both are named: the view's order
    (f"{JSON};q=0.8, {EVENTS};Q=0.81", EVENTS),
    ("Application/JSON; charset=utf-8", JSON),
    ("text/html, */*;q=0.1", JSON),
    ("text/html", None),
    ("", None),
    (f"{EVENTS};q=high", EVENTS),  # no quality at all counts as 1
    (f"{EVENTS};q=nan, {JSON};q=0.1", JSON),
    (";;,/,*", None),
]


@pytest.mark.parametrize(("accept", "media_type"), TABLE)
def test_an_accept(accept, media_type):
    assert chosen(accept) == media_type


@given(st.permutations([JSON, EVENTS, MARKDOWN]), st.integers(0, 998))
def test_the_best_quality_wins_in_any_order(order, lowest):
    header = ", ".join(f"{kind};q={(lowest + n) / 1000:.3f}" for n, kind in enumerate(order))
    assert chosen(header) == order[-1]


@given(st.lists(st.sampled_from([JSON, EVENTS, MARKDOWN]), min_size=1, unique=True))
def test_what_is_excluded_is_never_sent(excluded):
    left = {JSON, EVENTS, MARKDOWN} - {*excluded}
    answer = chosen(", ".join(["*/*;q=0.5", *(f"{kind};q=0" for kind in excluded)]))
    assert (answer in left) if left else answer is None


def test_a_question_that_wants_json_rather_than_events(as_alice, upstream):
    accept = "application/json, text/event-stream;q=0.5"
    response = as_alice.post("/chat", {"content": "Hello"}, headers={"Accept": accept})
    assert (response.status_code, response["Content-Type"]) == (201, "application/json")
