"""The citations of an answer, as they are returned and taken along."""

from typing import Any

import orjson
import pytest

from chat.api.outputs import NOTES
from chat.history.archive import conversation_files
from chat.models import Citation, Verdict
from tests.chat.asking import make_chat
from tests.factories import make_quote

pytestmark = pytest.mark.django_db

DIFFERENCE = [["same", "To"], ["missing", "be,"], ["added", "be"]]


@pytest.fixture
def reply(alice, bob):
    """With citations as this release stores them, and as those before did."""
    quote = make_quote(bob, "To be, or not", is_apply=True)
    reply = make_chat(alice, answer="To be or not. To be, or not. 0123456789").chat_reply
    rows: list[dict[str, Any]] = [
        {"verdict": "same_words", "match": "folded", "difference": DIFFERENCE},
        {"verdict": "verbatim", "match": "exact"},
        {"verdict": "verbatim", "match": "skeleton"},
        {"verdict": "verbatim", "match": "folded"},
        {"verdict": "excerpt", "match": "excerpt", "notes": ["negation_left_out"]},
    ]
    for at, row in enumerate(rows):
        Citation.objects.create(reply=reply, quote=quote, text="T", start=at, end=at + 1, **row)
    return reply


SHOWN = ["same_words", "verbatim", "same_words", "same_words", "excerpt"]


def test_other_marks_are_never_returned_as_verbatim(as_alice, reply):
    for path in (f"/conversations/{reply.chat.conversation_id}", f"/chat/{reply.chat_id}/replies"):
        body = as_alice.get(path).json()
        [found] = body["results"] if "results" in body else [body["chats"][0]["chat_reply"]]
        assert [one["verdict"] for one in found["citations"]] == SHOWN
        assert found["citations"][0]["difference"] == [
            {"kind": kind, "text": text} for kind, text in DIFFERENCE
        ]
        assert found["citations"][-1]["notes"] == ["negation_left_out"]


def test_nor_taken_along_as_such(alice, reply):
    name, pieces = next(conversation_files(alice))
    [conversation] = orjson.loads(b"".join(pieces))["conversations"]
    [found] = conversation["chats"][0]["replies"]
    assert name == "conversations.json"
    assert [one["verdict"] for one in found["citations"]] == SHOWN
    assert found["citations"][0]["difference"] == DIFFERENCE


def test_the_schema_names_all_verdicts_and_notes(client):
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert schemas["CitationVerdictEnum"]["enum"] == Verdict.values
    assert schemas["NotesEnum"]["enum"] == list(NOTES)
