"""Answers that cannot be continued, and users who may not."""

from typing import Any

import pytest

from chat.models import (
    MOST_CONTINUATIONS,
    Chat,
    Reply,
    Status,
)
from tests.chat.asking import (
    make_chat,
)
from tests.chat.continuing import (
    ADDED,
    DIED,
    assert_refused,
    cut_off,
    go_on,
    row_of,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("upstream")]


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
