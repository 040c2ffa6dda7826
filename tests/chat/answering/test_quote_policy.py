"""QUOTE_POLICY: what is stored, shown and streamed of an answer whose quotations are repaired."""

import pytest

from chat.live.registry import registry
from chat.models import Citation, Reply, Status
from tests.chat.asking import (
    EVENT_STREAM,
    ask,
    ask_streaming,
    events_of,
    follow,
    make_chat,
    said,
    text_of,
    used,
    wait_for_end,
)
from tests.factories import make_quote

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("upstream"),
]

LINE = "The rest is silence, said the prince at the end."
WRITTEN = (
    "He says 👑 “The rest is violence, said the prince at the end.” and "
    "“Nobody has ever said this at all.” and more"
)
REPAIRED = WRITTEN.replace("violence", "silence")
STRICT = REPAIRED.replace("“Nobody", "Nobody").replace("all.”", "all.")
QUESTION = f"A line about silence? [[say: {said(WRITTEN)}]]"
STORED = {"mark": WRITTEN, "repair": REPAIRED, "strict": STRICT}


@pytest.fixture(autouse=True)
def line(bob):
    return make_quote(bob, LINE, speaker="Hamlet", is_apply=True)


@pytest.fixture(params=STORED)
def policy(request, settings):
    settings.QUOTE_POLICY = request.param
    return request.param


def corrected(written: str, corrections) -> str:
    """As a reader does that has joined the chunks."""
    for one in reversed(corrections):
        assert written[one["start"] : one["end"]] == one["from"]
        written = written[: one["start"]] + one["to"] + written[one["end"] :]
    return written


def assert_places(reply) -> None:
    assert reply["citations"]
    for citation in reply["citations"]:
        assert reply["content"][citation["start"] : citation["end"]] == citation["text"]


def test_a_whole_answer_is_the_repaired_one(as_alice, policy):
    body = ask(as_alice, QUESTION).json()
    assert body["chat_reply"]["content"] == STORED[policy]
    assert_places(body["chat_reply"])
    assert as_alice.get(f"/chat/{body['id']}").json() == body
    assert Reply.objects.get().written == WRITTEN


def test_its_citation_says_what_was_done(as_alice, settings, line):
    settings.QUOTE_POLICY = "strict"
    repaired, unquoted = ask(as_alice, QUESTION).json()["chat_reply"]["citations"]
    assert repaired.pop("links")
    assert repaired == {
        "quote": line.pk,
        "text": LINE,
        "start": 11,
        "end": 11 + len(LINE),
        "verdict": "verbatim",
        "match": "exact",
        "difference": [
            {"kind": "same", "text": "The rest is"},
            {"kind": "missing", "text": "silence,"},
            {"kind": "added", "text": "violence,"},
            {"kind": "same", "text": "said the prince at the end."},
        ],
        "notes": ["repaired"],
    }
    assert (unquoted["verdict"], unquoted["notes"]) == ("unknown", ["unquoted"])


def test_the_stream_has_what_was_written_and_its_end_the_corrections(as_alice, policy):
    events = ask_streaming(as_alice, QUESTION)
    end = events[-1]
    assert text_of(events) == WRITTEN
    assert end.id == len(WRITTEN) + 1
    assert end.data["full_content"] == STORED[policy]
    assert corrected(WRITTEN, end.data["corrections"]) == STORED[policy]
    assert bool(end.data["corrections"]) is (policy != "mark")
    assert end.data["chat"] == as_alice.get(f"/chat/{end.data['chat']['id']}").json()
    assert end.data["chat"]["chat_reply"]["content"] == STORED[policy]
    assert_places(end.data["chat"]["chat_reply"])


def test_corrections_count_code_points(as_alice, settings):
    settings.QUOTE_POLICY = "repair"
    [correction] = ask_streaming(as_alice, QUESTION)[-1].data["corrections"]
    altered = LINE.replace("silence", "violence")
    assert correction == {"start": 11, "end": 11 + len(altered), "from": altered, "to": LINE}


@pytest.mark.parametrize("after", [None, 0, 5, 11, 20, len(STRICT), len(WRITTEN) - 1, len(WRITTEN)])
def test_resuming_after_the_end_gives_the_same_text(as_alice, policy, after):
    first = ask_streaming(as_alice, QUESTION)
    stream_id = first[0].data["stream_id"]
    events = events_of(follow(as_alice, stream_id, after))
    assert WRITTEN[: after or 0] + text_of(events) == WRITTEN
    assert events[-1] == first[-1]


def test_reader_that_has_the_end_gets_204(as_alice, policy):
    first = ask_streaming(as_alice, QUESTION)
    stream_id = first[0].data["stream_id"]
    assert follow(as_alice, stream_id, first[-1].id).status_code == 204


def test_a_reader_without_the_writers_memory_gets_the_same(as_alice, policy):
    """As on another worker: from the database only."""
    stream_id = as_alice.post("/chat/stream", {"content": QUESTION}).json()["stream_id"]
    reply = wait_for_end()
    assert not registry.get(reply.stream_id)
    events = events_of(follow(as_alice, stream_id))
    assert text_of(events) == WRITTEN
    assert corrected(WRITTEN, events[-1].data["corrections"]) == STORED[policy]


def test_a_replay_is_the_same(as_alice, alice, policy):
    headers = {"Idempotency-Key": '"once"'}
    first = ask(as_alice, QUESTION, headers=headers)
    again = ask(as_alice, QUESTION, headers=headers)
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    streamed = as_alice.post(
        "/chat", {"content": QUESTION}, headers={**headers, "Accept": EVENT_STREAM}
    )
    events = events_of(streamed)
    assert text_of(events) == WRITTEN
    assert events[-1].data["full_content"] == STORED[policy]
    assert used(alice) == 1


def test_what_a_stop_leaves_is_repaired_too(as_alice, settings):
    settings.QUOTE_POLICY = "strict"
    content = f"Any line? [[say: {said(WRITTEN)} {'and more ' * 50}]] [[slow: 0.02]]"
    response = as_alice.post("/chat", {"content": content}, headers={"Accept": EVENT_STREAM})
    seen = []
    for block in response.streaming_content:
        seen.append(block)
        if b"more" in block and len(seen) < 100:
            stream_id = Reply.objects.get().stream_id
            assert as_alice.delete(f"/chat/stream/{stream_id}").status_code == 204
            break
    response.close()
    reply = wait_for_end()
    assert reply.status == Status.STOPPED
    assert reply.content.startswith(STRICT)
    assert reply.written.startswith(WRITTEN)
    assert [c.verdict for c in Citation.objects.all()] == ["verbatim", "unknown"]


def test_half_a_quotation_is_repaired_as_a_part(as_alice, settings):
    settings.QUOTE_POLICY = "strict"
    written = "He says “The rest is violence, said the prince at"
    reply = ask(as_alice, f"silence? [[say: {written}]]").json()["chat_reply"]
    assert reply["content"] == "He says “The rest is silence, said the prince at"
    assert [one["verdict"] for one in reply["citations"]] == ["excerpt"]


def test_a_failed_answer_stays_as_it_was_written(as_alice, settings):
    settings.QUOTE_POLICY = "strict"
    events = ask_streaming(as_alice, f"{QUESTION} [[fault: die]]")
    assert events[-1].data["type"] == "ERROR"
    assert text_of(events)
    reply = events[-1].data["chat"]["chat_reply"]
    assert text_of(events) == reply["content"]
    assert reply["citations"] == []
    assert as_alice.get(f"/chat/{events[0].data['chat']}").json()["chat_reply"] == reply


def test_the_next_question_is_sent_with_the_repaired_answer(as_alice, settings, upstream):
    settings.QUOTE_POLICY = "repair"
    first = ask(as_alice, QUESTION).json()
    ask(as_alice, "And?", parent=first["id"])
    assert upstream.requests()[-1]["messages"][2]["content"] == REPAIRED


def test_the_board_needs_no_repair(as_alice, policy):
    reply = ask(as_alice, "The rest is silence", model="board").json()["chat_reply"]
    assert [(c["verdict"], c["notes"]) for c in reply["citations"]] == [("verbatim", [])]
    assert Reply.objects.get().corrections is None


def test_older_replies_have_no_corrections(as_alice, alice):
    reply = make_chat(alice, answer="Old").chat_reply
    events = events_of(follow(as_alice, reply.stream_id))
    assert (text_of(events), events[-1].data["corrections"]) == ("Old", [])
