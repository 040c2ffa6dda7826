"""POST /chat/{id}/continue: going on with an answer that was cut off at the limit of its length."""

import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from chat.live.registry import registry
from chat.live.streams import INTERRUPT, STOP
from chat.models import (
    MOST_CONTINUATIONS,
    Chat,
    Citation,
    Conversation,
    DailyUsage,
    Reply,
    SiteUsage,
    Status,
)
from chat.turns import generate, recover
from chat.turns.errors import ReplyInProgress
from chat.turns.start import show_reply, start_continuation
from tests.chat.asking import (
    EVENT_STREAM,
    OPTIONS,
    ask,
    events_of,
    follow,
    make_chat,
    said,
    text_of,
    used,
    wait_for_end,
)
from tests.concurrently import at_once
from tests.factories import client_with, make_personal_token, make_quote
from tests.ledger import assert_ledger_is_exact
from tests.upstream import IMPATIENCE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("upstream")]

BEGUN, ADDED = "one, two, ", "six, ten."
DIED = "[[then-fault: die]]"
LINE = "The rest is silence, said the prince at the end."


def cut_off(user, *then, question="Count", content=BEGUN, **reply):
    """A chat whose answer was cut off, with what the model does when it is to go on."""
    fields = {"finish_reason": "length", "charged_day": timezone.localdate(), **reply}
    then = then or (f"[[then-say: {ADDED}]]",)
    DailyUsage.objects.get_or_create(user=user, day=timezone.localdate(), defaults={"used": 1})
    return make_chat(user, " ".join([question, *then]), content, reply=fields)


def go_on(client, chat, body=None, **headers):
    return client.post(f"/chat/{chat.pk}/continue", body or {}, headers=headers)


def row_of(chat):
    """All columns of its answer but those of attempts."""
    row: dict[str, Any] = {**Reply.objects.filter(chat=chat).values().get()}
    for name in ("stream_id", "continuations", "continuation_error", "heartbeat_at"):
        del row[name]
    return {**row, "finished_at": None, "search_text": None}


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


# --- Where it is refused -----------------------------------------------------------------------

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "whole": ({"finish_reason": "stop"}, "not_cut_off"),
    "stopped": ({"status": Status.STOPPED, "finish_reason": "stopped"}, "not_cut_off"),
    "failed": (
        {"status": Status.FAILED, "error_code": "upstream_content_filter"},
        "not_cut_off",
    ),
    "imported": ({"status": Status.IMPORTED}, "not_cut_off"),
    "continued": ({"continued_from": 5, "continuations": 1}, "already_continued"),
    "tried too often": ({"continuations": MOST_CONTINUATIONS}, "already_continued"),
    "streaming": ({"status": Status.STREAMING, "finish_reason": ""}, "reply_in_progress"),
    "being continued": (
        {"status": Status.STREAMING, "continued_from": 5, "continuations": 1},
        "reply_in_progress",
    ),
}


def assert_refused(response, code, user, status=409):
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert used(user) == 1
    assert not registry.all()


@pytest.mark.parametrize("name", REFUSED)
def test_refused(as_alice, alice, upstream, name):
    fields, code = REFUSED[name]
    chat = cut_off(alice, **fields)
    before = row_of(chat)
    assert_refused(go_on(as_alice, chat), code, alice)
    assert row_of(chat) == before
    assert not upstream.requests()


def test_only_once(as_alice, alice):
    chat = cut_off(alice, f"[[then-say: {ADDED}]] [[then-fault: length]]")
    assert go_on(as_alice, chat).json()["chat_reply"]["cut_off"] == "length"
    assert_refused(go_on(as_alice, chat), "already_continued", alice)


def test_another_reply_is_shown(as_alice, alice):
    chat = cut_off(alice)
    earlier = chat.chat_reply
    chat.chat_reply = Reply.objects.create(
        user=alice,
        chat=chat,
        status=Status.DONE,
        finish_reason="length",
        content="Other",
        model="fake",
    )
    chat.save()
    assert_refused(go_on(as_alice, chat, {"reply": earlier.pk}), "reply_not_shown", alice)


def test_a_question_has_followed(as_alice, alice):
    chat = cut_off(alice)
    make_chat(alice, "And?", conversation=chat.conversation, parent=chat)
    assert_refused(go_on(as_alice, chat), "answer_followed", alice)


def test_an_answer_above_is_being_written(as_alice, alice):
    above = make_chat(alice, reply={"status": Status.STREAMING})
    chat = cut_off(alice)
    Chat.objects.filter(pk=chat.pk).update(parent=above)
    assert_refused(go_on(as_alice, chat), "reply_in_progress", alice)


def test_a_model_that_is_offered_no_more(as_alice, alice):
    chat = cut_off(alice, model="gone")
    body = as_alice.get(f"/chat/{chat.pk}").json()
    assert body["chat_reply"]["continuation"] is None
    assert "continue" not in [link["rel"] for link in body["links"]]
    assert_refused(go_on(as_alice, chat), "model_not_offered", alice)


def test_without_an_answer(as_alice, alice):
    chat = cut_off(alice)
    Reply.objects.all().delete()
    assert_refused(go_on(as_alice, chat), "not_cut_off", alice)


def test_of_another(as_bob, alice):
    assert go_on(as_bob, cut_off(alice)).status_code == 404


def test_with_too_many_answers(as_alice, alice, settings):
    settings.MAX_STREAMS_PER_USER = 1
    make_chat(alice, reply={"status": Status.STREAMING})
    assert_refused(go_on(as_alice, cut_off(alice)), "too_many_streams", alice, 429)


def test_who_may_not_ask_at_all_may_not_go_on(as_alice, alice):
    alice.daily_limit = 0
    alice.save()
    assert_refused(go_on(as_alice, cut_off(alice)), "quota_exhausted", alice, 429)


def test_with_nothing_left(as_alice, alice, settings):
    settings.DAILY_CHAT_LIMIT = settings.SITE_DAILY_LIMIT = 1
    assert go_on(as_alice, cut_off(alice)).status_code == 200


def test_it_counts_as_a_write(as_alice, alice, settings):
    settings.WRITES_PER_MINUTE = 1
    chat = cut_off(alice, DIED)
    assert [go_on(as_alice, chat).status_code for _ in range(2)] == [502, 429]


# --- Failures ----------------------------------------------------------------------------------

# Fault: (status, code, whether the attempt counts as the continuation)
FAILURES = {
    "500": (502, "upstream_failed", False),
    "die": (502, "upstream_disconnected", False),
    "garbage": (502, "upstream_malformed", False),
    "stall": (504, "upstream_timeout", False),
    "empty": (502, "upstream_empty", False),
    "blank": (502, "upstream_empty", True),
    "filter": (422, "upstream_content_filter", True),
    "filter-400": (422, "upstream_content_filter", True),
}


@pytest.mark.parametrize("fallback", [False, True])
@pytest.mark.parametrize("units", [0, 1])
@pytest.mark.parametrize("fault", FAILURES)
def test_after_a_failure_the_answer_is_what_it_was(
    as_alice, alice, settings, fault, units, fallback
):
    status, code, counts = FAILURES[fault]
    settings.UPSTREAM_CHUNK_TIMEOUT = IMPATIENCE
    settings.CONTINUATION_UNITS, settings.FALLBACK_TO_BOARD = units, fallback
    chat = cut_off(alice, f"[[then-say: {ADDED * 2}]] [[then-fault: {fault}]]")
    cited = Citation.objects.create(
        reply=chat.chat_reply, text="one", start=0, end=3, verdict="unknown"
    )
    before = row_of(chat)
    response = go_on(as_alice, chat)
    assert (response.status_code, response.json()["code"]) == (status, code)
    body = response.json()["chat"]
    assert body == as_alice.get(f"/chat/{chat.pk}").json()
    reply = body["chat_reply"]
    assert (reply["content"], reply["status"], reply["cut_off"]) == (BEGUN, "done", "length")
    assert reply["continuation"] == {
        "available": not counts,
        "units": units,
        "charged": bool(counts and units),
        "error_code": code,
    }
    assert [one["start"] for one in reply["citations"]] == [cited.start]
    kept = {"continued_from": len(BEGUN), "continuation_day": timezone.localdate()}
    after = row_of(chat)
    assert after == (
        {**before, **(kept if units else {"continued_from": len(BEGUN)})} if counts else before
    )
    assert used(alice) == 1 + (units if counts else 0)
    assert_ledger_is_exact()
    call_command("check_ledger", "--nothing-deleted")


def test_a_failure_in_a_stream_and_for_who_comes_later(as_alice, alice):
    chat = cut_off(alice, f"[[then-say: {ADDED * 2}]] {DIED}")
    events = events_of(go_on(as_alice, chat, Accept=EVENT_STREAM))
    assert text_of(events).startswith(BEGUN + ADDED[:3])
    assert events[-1].data["type"] == "ERROR"
    assert events[-1].data["problem"]["code"] == "upstream_disconnected"
    assert events[-1].data["chat"]["chat_reply"]["content"] == BEGUN
    stream_id = events[0].data["stream_id"]
    again = events_of(follow(as_alice, stream_id, events[-1].id))
    assert [event.data["type"] for event in again] == ["START", "CHUNK", "ERROR"]
    assert text_of(again) == BEGUN


def test_attempts_come_to_an_end(as_alice, alice, upstream):
    chat = cut_off(alice, DIED)
    codes = [go_on(as_alice, chat).status_code for _ in range(MOST_CONTINUATIONS + 1)]
    assert codes == [502] * MOST_CONTINUATIONS + [409]
    assert len(upstream.requests()) == MOST_CONTINUATIONS
    assert (
        as_alice.get(f"/chat/{chat.pk}").json()["chat_reply"]["continuation"]["available"] is False
    )


def test_after_a_failure_it_may_succeed(as_alice, alice):
    chat = cut_off(alice, DIED)
    assert go_on(as_alice, chat).status_code == 502
    Chat.objects.filter(pk=chat.pk).update(content=f"Count [[then-say: {ADDED}]]")
    reply = go_on(as_alice, chat).json()["chat_reply"]
    assert (reply["content"], reply["continuation"]["error_code"]) == (BEGUN + ADDED, "")


def test_a_failed_continuation_is_no_failure_of_the_question(as_alice, alice, upstream):
    """A retry of the question gets its answer, not what befell it later."""
    key = {"Idempotency-Key": "the-question"}
    question = f"[[say: {BEGUN * 2}]] [[chunks: 2]] [[fault: length]] {DIED}"
    first = ask(as_alice, question, headers=key)
    chat = Chat.objects.get(pk=first.json()["id"])
    assert go_on(as_alice, chat).status_code == 502
    assert ask(as_alice, question, headers=key).status_code == 201
    stream = ask(as_alice, question, headers={**key, "Accept": EVENT_STREAM})
    assert events_of(stream)[-1].data["type"] == "END"
    assert len(upstream.requests()) == 2


def begin(user, chat):
    """A continuation that is stored and not generated."""
    chat = Chat.objects.select_related("conversation", "chat_reply").get(pk=chat.pk)
    return start_continuation(user=user, chat=chat, options=OPTIONS)


@pytest.mark.parametrize("units", [0, 1])
@pytest.mark.parametrize("asked_to_stop", [False, True])
def test_lost_with_its_process(as_alice, alice, settings, units, asked_to_stop):
    settings.CONTINUATION_UNITS = units
    chat = cut_off(alice)
    before = row_of(chat)
    turn = begin(alice, chat)
    registry.close(turn.reply.stream_id)
    assert used(alice) == 1 + units
    Reply.objects.update(
        content=f"{BEGUN}six",
        stop_requested=asked_to_stop,
        heartbeat_at=timezone.now() - timedelta(hours=1),
    )
    assert recover.reap(silent_for=recover.LOST_AFTER) == 1
    after = row_of(chat)
    assert after == {**before, "stop_requested": asked_to_stop}
    reply = as_alice.get(f"/chat/{chat.pk}").json()["chat_reply"]
    assert reply["continuation"]["error_code"] == "interrupted"
    last = events_of(follow(as_alice, turn.reply.stream_id))[-1].data
    assert (last["type"], last["problem"]["code"]) == ("ERROR", "interrupted")
    assert used(alice) == 1
    assert_ledger_is_exact()


def wait_for(condition):
    end = time.monotonic() + 30
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


@pytest.mark.parametrize("units", [0, 1])
@pytest.mark.parametrize("reason", [STOP, INTERRUPT])
def test_cancelled_amid_its_words(as_alice, alice, settings, reason, units):
    settings.CONTINUATION_UNITS = units
    chat = cut_off(alice, f"[[then-say: {ADDED * 9}]] [[then-chunks: 9]] [[then-slow: 0.3]]")
    go_on(as_alice, chat, Prefer="respond-async")
    live = registry.all()[0]
    wait_for(lambda: live.length > len(BEGUN))
    live.cancel(reason)
    stored = wait_for_end()
    if reason == STOP:
        assert stored.status == Status.STOPPED
        assert stored.content.startswith(BEGUN + ADDED[:3])
        assert used(alice) == 1 + units
        assert go_on(as_alice, chat).json()["code"] == "already_continued"
    else:
        assert (stored.status, stored.content) == (Status.DONE, BEGUN)
        assert used(alice) == 1
    assert_ledger_is_exact()


def test_a_crash(as_alice, alice, monkeypatch):
    chat = cut_off(alice)
    before = row_of(chat)
    monkeypatch.setattr(generate, "build_messages", None)
    response = go_on(as_alice, chat)
    assert (response.status_code, response.json()["code"]) == (500, "internal")
    assert row_of(chat) == before


# --- The ledger, where it costs a unit ---------------------------------------------------------


def test_a_unit_is_taken(as_alice, alice, settings):
    settings.CONTINUATION_UNITS, settings.SITE_DAILY_LIMIT = 1, 10
    chat = cut_off(alice)
    body = as_alice.get(f"/chat/{chat.pk}").json()
    assert body["chat_reply"]["continuation"]["units"] == 1
    response = go_on(as_alice, chat)
    assert response.json()["chat_reply"]["continuation"]["charged"] is True
    assert response["RateLimit"].startswith('"daily";r=3;')
    assert (used(alice), SiteUsage.objects.get().used) == (2, 1)
    assert_ledger_is_exact()
    call_command("check_ledger", "--nothing-deleted")


def test_no_unit_is_left(as_alice, alice, settings, upstream):
    settings.CONTINUATION_UNITS, settings.DAILY_CHAT_LIMIT = 1, 1
    assert_refused(go_on(as_alice, cut_off(alice)), "quota_exhausted", alice, 429)
    assert not upstream.requests()


def test_beyond_the_days_refunds_the_attempt_counts(as_alice, alice, settings):
    settings.CONTINUATION_UNITS, settings.DAILY_REFUND_LIMIT = 1, 0
    chat = cut_off(alice, DIED)
    reply = go_on(as_alice, chat).json()["chat"]["chat_reply"]
    assert (reply["continuation"]["available"], reply["continuation"]["charged"]) == (False, True)
    assert used(alice) == 2
    assert_ledger_is_exact()


def test_it_counts_for_the_token_that_asks(alice, settings):
    settings.CONTINUATION_UNITS = 1
    token, raw = make_personal_token(alice)
    client = client_with(raw)
    assert go_on(client, cut_off(alice)).status_code == 200
    token.refresh_from_db()
    assert (token.used, token.todays_use) == (1, 1)
    DailyUsage.objects.update(used=3)
    assert go_on(client, cut_off(alice, DIED)).status_code == 502
    token.refresh_from_db()
    assert (token.used, token.todays_use) == (1, 1)
    assert_ledger_is_exact()


# --- Races and retries -------------------------------------------------------------------------


@pytest.mark.parametrize("units", [0, 1])
def test_two_at_once_make_one(alice, client_for, upstream, settings, units):
    settings.CONTINUATION_UNITS = units
    chat = cut_off(alice, f"[[then-say: {ADDED}]] [[then-slow: 0.2]]")
    answers = at_once(*[partial(go_on, client_for(alice), chat) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    codes = {one.json()["code"] for one in answers if one.status_code == 409}
    assert codes <= {"reply_in_progress", "already_continued"}
    assert len(upstream.requests()) == 1
    assert Reply.objects.get().content == BEGUN + ADDED
    assert used(alice) == 1 + units
    assert_ledger_is_exact()


def test_a_continuation_another_answer_and_a_question_at_once(alice, client_for):
    """Whichever comes first: nothing follows an answer that is being written."""
    for _ in range(5):
        chat = cut_off(alice, f"[[then-say: {ADDED}]] [[then-slow: 0.1]]")
        one, two, three = (client_for(alice) for _ in range(3))
        DailyUsage.objects.update(used=0)
        answers = at_once(
            partial(go_on, one, chat),
            partial(two.post, f"/chat/{chat.pk}/replies", {}),
            partial(ask, three, "And?", parent=chat.pk),
        )
        codes = [answer.status_code for answer in answers]
        assert set(codes) <= {200, 201, 409}
        assert codes[0] == 409 or codes[1:] != [201, 201]
        assert not Reply.objects.filter(status=Status.STREAMING).exists()


def test_no_other_reply_is_chosen_while_one_is_continued(alice):
    chat = cut_off(alice)
    other = Reply.objects.create(user=alice, chat=chat, status=Status.DONE, content="Other")
    seen = Chat.objects.select_related("chat_reply").get(pk=chat.pk)
    turn = begin(alice, chat)
    with pytest.raises(ReplyInProgress):
        show_reply(chat=seen, reply=other)
    generate.generate(turn)
    show_reply(chat=seen, reply=other)


def test_a_retry_with_the_same_key_goes_on_once(as_alice, alice, upstream):
    chat = cut_off(alice)
    key = {"Idempotency-Key": "more"}
    first = go_on(as_alice, chat, **key)
    second = go_on(as_alice, chat, **key)
    assert second.json() == first.json()
    assert (first.status_code, second.status_code) == (200, 200)
    assert second["Idempotency-Replayed"] == "true"
    assert len(upstream.requests()) == 1
    assert go_on(as_alice, chat, {"max_tokens": 3}, **key).status_code == 422
    assert go_on(as_alice, cut_off(alice), **key).status_code == 422


def test_a_retry_after_a_failure_tries_again(as_alice, alice, upstream):
    chat = cut_off(alice, DIED)
    key = {"Idempotency-Key": "more"}
    codes = [go_on(as_alice, chat, **key).status_code for _ in range(MOST_CONTINUATIONS + 2)]
    assert codes == [502] * (MOST_CONTINUATIONS + 2), "the last ones tell the last failure"
    assert len(upstream.requests()) == MOST_CONTINUATIONS


def test_stopping_at_the_stream(as_alice, alice):
    chat = cut_off(alice, "[[then-fault: timeout-body]]")
    stream_id = go_on(as_alice, chat, Prefer="respond-async").json()["stream_id"]
    assert as_alice.delete(f"/chat/stream/{stream_id}").status_code == 204
    reply = as_alice.get(f"/chat/{chat.pk}").json()["chat_reply"]
    assert (reply["status"], reply["content"]) == ("stopped", BEGUN)


def test_deleted_meanwhile(as_alice, alice):
    turn = begin(alice, cut_off(alice))
    as_alice.delete("/chat")
    generate.generate(turn)
    assert not Reply.objects.exists()
