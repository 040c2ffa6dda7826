"""What a continuation costs, and continuations that meet other requests."""

from functools import partial

import pytest
from django.core.management import call_command

from chat.models import (
    MOST_CONTINUATIONS,
    Chat,
    DailyUsage,
    Reply,
    SiteUsage,
    Status,
)
from chat.turns import generate
from chat.turns.errors import ReplyInProgress
from chat.turns.start import show_reply
from tests.chat.asking import (
    ask,
    used,
)
from tests.chat.continuing import (
    ADDED,
    BEGUN,
    DIED,
    assert_refused,
    begin,
    cut_off,
    go_on,
)
from tests.concurrently import at_once
from tests.factories import client_with, make_personal_token
from tests.ledger import assert_ledger_is_exact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("upstream")]


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
