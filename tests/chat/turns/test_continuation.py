"""POST /chat/{id}/continue: going on with an answer that was cut off at the limit of its length."""

import pytest

from chat.models import (
    Chat,
    Citation,
    Conversation,
    Reply,
)
from tests.chat.asking import (
    EVENT_STREAM,
    ask,
    events_of,
    follow,
    make_chat,
    said,
    text_of,
    used,
)
from tests.chat.continuing import ADDED, BEGUN, DIED, LINE, cut_off, go_on
from tests.factories import make_quote
from tests.ledger import assert_ledger_is_exact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("upstream")]


def test_the_same_answer_grows_for_no_unit(as_alice, alice, upstream):
    chat = cut_off(alice, prompt_tokens=3, completion_tokens=4)
    before = as_alice.get(f"/chat/{chat.pk}").json()
    assert before["chat_reply"]["continuation"] == {
        "available": True,
        "units": 0,
        "charged": False,
        "error_code": "",
    }
    assert [one["method"] for one in before["links"] if one["rel"] == "continue"] == ["POST"]
    response = go_on(as_alice, chat, {"max_tokens": 7, "temperature": 0.5})
    assert response.status_code == 200, response.content
    body = response.json()
    assert body == as_alice.get(f"/chat/{chat.pk}").json()
    reply = body["chat_reply"]
    assert (reply["id"], reply["content"]) == (chat.chat_reply_id, BEGUN + ADDED)
    assert (reply["status"], reply["finish_reason"], reply["cut_off"]) == ("done", "stop", "")
    assert reply["continuation"] == {
        "available": False,
        "units": 0,
        "charged": False,
        "error_code": "",
    }
    assert reply["charged"] is True
    assert reply["created_at"] == before["chat_reply"]["created_at"]
    assert "continue" not in [one["rel"] for one in body["links"]]
    assert body["updated_at"] == before["updated_at"], "there is no further reply"
    assert used(alice) == 1
    assert response["RateLimit"].startswith('"daily";r=4;')
    [request] = upstream.requests()
    asked, begun, instruction = request["messages"][1:]
    assert (asked["content"], begun) == (chat.content, {"role": "assistant", "content": BEGUN})
    assert instruction["content"].startswith("Your answer was cut off")
    assert (request["max_tokens"], request["temperature"]) == (7, 0.5)
    assert reply["usage"]["prompt_tokens"] > 3
    assert reply["usage"]["completion_tokens"] == 4 + 2
    assert_ledger_is_exact()


def test_the_history_is_sent_and_what_follows_gets_the_whole(as_alice, alice, upstream):
    first = make_chat(alice, "Before", "It was so")
    chat = cut_off(alice)
    Chat.objects.filter(pk=chat.pk).update(parent=first, conversation=first.conversation)
    go_on(as_alice, chat)
    texts = [message["content"] for message in upstream.requests()[0]["messages"][1:]]
    assert texts[:-1] == ["Before", "It was so", chat.content, BEGUN]
    ask(as_alice, "And then?", parent=chat.pk)
    texts = [message["content"] for message in upstream.requests()[1]["messages"]]
    assert texts[-2:] == [BEGUN + ADDED, "And then?"]
    assert (
        first.conversation.updated_at
        < Conversation.objects.get(pk=first.conversation_id).updated_at
    )


def test_too_long_for_the_model_is_asked_with_fewer_turns(as_alice, alice, upstream):
    first = make_chat(alice, "Before " * 50, "It was so " * 50)
    chat = cut_off(alice, model="fake-short-context")
    Chat.objects.filter(pk=chat.pk).update(parent=first, conversation=first.conversation)
    response = go_on(as_alice, chat)
    assert response.status_code == 200, response.content
    requests = upstream.requests()
    assert len(requests) == 2
    assert [one["content"] for one in requests[1]["messages"][1:3]] == [chat.content, BEGUN]


def test_the_stream_has_the_whole_and_resumes_where_it_was_cut(as_alice, alice):
    chat = cut_off(alice)
    earlier = chat.chat_reply.stream_id
    events = events_of(go_on(as_alice, chat, Accept=EVENT_STREAM))
    assert (events[0].id, events[0].data["type"]) == (0, "START")
    assert text_of(events) == events[-1].data["full_content"] == BEGUN + ADDED
    assert events[-1].data["type"] == "END"
    assert events[-1].id == len(BEGUN + ADDED) + 1
    stream_id = events[0].data["stream_id"]
    assert stream_id != str(earlier)
    rest = events_of(follow(as_alice, stream_id, len(BEGUN)))
    assert [event.data["type"] for event in rest] == ["CHUNK", "END"]
    assert text_of(rest) == ADDED
    assert follow(as_alice, stream_id, events[-1].id).status_code == 204
    assert follow(as_alice, earlier).status_code == 404
    assert_ledger_is_exact()


def test_later_by_its_link(as_alice, alice):
    chat = cut_off(alice)
    started = go_on(as_alice, chat, Prefer="respond-async")
    assert started.status_code == 202
    assert text_of(events_of(follow(as_alice, started.json()["stream_id"]))) == BEGUN + ADDED


def test_quotations_are_judged_in_the_whole(as_alice, alice, bob, settings):
    settings.QUOTE_POLICY = "repair"
    line = make_quote(bob, LINE, speaker="Hamlet", is_apply=True)
    chat = cut_off(
        alice,
        f"[[then-say: {said('said the prince at the end.” And more.')}]]",
        question="A line about silence?",
        content="Hamlet says “The rest is silence, ",
    )
    Citation.objects.create(
        reply=chat.chat_reply, text="The rest is silence,", start=13, end=33, verdict="excerpt"
    )
    reply = go_on(as_alice, chat).json()["chat_reply"]
    first, *_others = reply["citations"]
    assert (first["quote"], first["verdict"], first["text"]) == (line.pk, "verbatim", LINE)
    assert Citation.objects.filter(reply=chat.chat_reply_id).count() == len(reply["citations"])
    assert reply["judged"] == "all"


@pytest.mark.parametrize("then", [f"[[then-say: {ADDED}]]", DIED])
def test_what_was_corrected_stays_corrected(as_alice, alice, bob, settings, then):
    """The text that was written goes on, so that places in the stream stay what they are."""
    settings.QUOTE_POLICY = "repair"
    make_quote(bob, LINE, speaker="Hamlet", is_apply=True)
    written = f"Hamlet says “{LINE.replace('silence', 'violence')}” and "
    corrections = [{"start": 13, "end": 13 + len(LINE) + 1, "from": written[13:-6], "to": LINE}]
    chat = cut_off(
        alice,
        then,
        question="A line about silence?",
        content=written.replace("violence", "silence"),
        corrections=corrections,
    )
    before = as_alice.get(f"/chat/{chat.pk}").json()["chat_reply"]["content"]
    assert "violence" not in before
    events = events_of(go_on(as_alice, chat, Accept=EVENT_STREAM))
    assert text_of(events).startswith(written)
    after = as_alice.get(f"/chat/{chat.pk}").json()["chat_reply"]["content"]
    assert after == (before + ADDED if "say" in then else before)
    stored = Reply.objects.get()
    assert stored.written.startswith(written)
    assert stored.corrected(stored.written) == stored.content
