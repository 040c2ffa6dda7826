"""The answer to a question that was asked before, by the API: the same text, no model asked, what
makes it unknown, and what it costs.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from chat.models import DailyUsage, Reply, Status, StoredAnswer
from quotes.board.submissions import edit_quote
from tests.chat.asking import (
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
from tests.factories import client_with, make_personal_token, make_quote
from tests.ledger import assert_ledger_is_exact

pytestmark = pytest.mark.django_db

LINE = "A harbour is where every sentence comes to rest."
QUESTION = f"Where do sentences rest? [[say: {said('It says “' + LINE + '” there.')}]]"


@pytest.fixture
def line(bob):
    return make_quote(bob, LINE, speaker="A Captain", is_apply=True)


def reply_of(response):
    assert response.status_code == 201, response.content
    return response.json()["chat_reply"]


def test_given_again(as_alice, alice, line, upstream):
    first = reply_of(ask(as_alice, QUESTION))
    again = reply_of(ask(as_alice, f"  {QUESTION.upper()}!"))
    assert len(upstream.requests()) == 1
    assert first.pop("answered_from") is None
    assert again.pop("answered_from") == {"answered_at": first["finished_at"], "alike": False}
    [cited] = again["citations"]
    assert (cited["quote"], cited["verdict"]) == (line.pk, "verbatim")
    assert first["usage"]
    for name in ("id", "created_at", "finished_at", "stream_id", "usage", "charged"):
        first.pop(name)
        again.pop(name)
    assert again == first
    assert used(alice) == 1
    assert_ledger_is_exact()


@pytest.mark.django_db(transaction=True)
def test_each_way_to_respond(as_alice, alice, upstream):
    text = reply_of(ask(as_alice))["content"]
    start, chunk, end = ask_streaming(as_alice)
    assert (start.data["type"], chunk.data["content"]) == ("START", text)
    assert end.data["full_content"] == text
    assert end.data["chat"]["chat_reply"]["answered_from"]
    later = as_alice.post("/chat/stream", {"content": "Hello"})
    assert later.status_code == 202
    stored = wait_for_end()
    events = events_of(follow(as_alice, later.json()["stream_id"]))
    assert text_of(events) == text
    assert stored.answered_from
    for response in (as_alice.get("/chat"), as_alice.get(f"/chat/{stored.chat_id}/replies")):
        newest = response.json()["results"][0]
        assert newest.get("chat_reply", newest)["answered_from"]
    assert len(upstream.requests()) == used(alice) == 1


@pytest.mark.django_db(transaction=True)
def test_it_is_stored_before_the_response(as_alice):
    """By the request itself: a thread and its connection cost more than all the rest."""
    ask(as_alice)
    response = as_alice.post("/chat/stream", {"content": "Hello"})
    assert response.status_code == 202
    reply = Reply.objects.latest("pk")
    assert reply.answered_from
    assert reply.status == Status.DONE


def test_the_same_idempotency_key(as_alice, alice):
    ask(as_alice)
    bodies = [ask(as_alice, headers={"Idempotency-Key": "k"}).json() for _ in range(2)]
    assert bodies[0] == bodies[1]
    assert bodies[0]["chat_reply"]["answered_from"]
    assert Reply.objects.count() == 2


def test_answer_again_asks_the_model_and_costs(as_alice, alice, upstream):
    ask(as_alice)
    chat = ask(as_alice).json()
    response = as_alice.post(f"/chat/{chat['id']}/replies", {})
    assert reply_of(response)["answered_from"] is None
    assert len(upstream.requests()) == used(alice) == 2


def test_it_may_cost_a_unit(as_alice, alice, settings):
    settings.ANSWER_CACHE_UNITS = 1
    for _ in range(2):
        reply = reply_of(ask(as_alice))
    assert reply["answered_from"]
    assert reply["charged"]
    assert used(alice) == 2
    assert_ledger_is_exact()


def test_without_a_unit_left(as_alice, alice, settings):
    settings.DAILY_CHAT_LIMIT = 1
    ask(as_alice)
    response = ask(as_alice)
    assert reply_of(response)["answered_from"]
    assert response["RateLimit"].startswith('"daily";r=0;')
    assert ask(as_alice, "Another").status_code == 429
    settings.ANSWER_CACHE_UNITS = 1
    assert ask(as_alice).status_code == 429


def test_free_ones_have_a_bound(as_alice, alice, settings):
    """Each stores a question: beyond the day's refunds it costs a unit, like small talk."""
    settings.DAILY_REFUND_LIMIT = 2
    charged = [reply_of(ask(as_alice))["charged"] for _ in range(5)]
    assert charged == [True, False, False, True, True]
    assert DailyUsage.objects.values_list("used", "refunded").get() == (3, 2)


def test_nobody_who_may_not_ask(as_alice, alice, settings):
    ask(as_alice)
    settings.DAILY_CHAT_LIMIT = 0
    assert ask(as_alice).json()["code"] == "quota_exhausted"
    settings.DAILY_CHAT_LIMIT, settings.MAX_STREAMS_PER_USER = 5, 0
    assert ask(as_alice).json()["code"] == "too_many_streams"
    assert Reply.objects.count() == 1


def test_beside_the_budget_of_the_site(as_alice, settings):
    settings.SITE_DAILY_LIMIT = 1
    ask(as_alice)
    response = ask(as_alice)
    assert reply_of(response)["answered_from"]
    assert '"site";r=0' in response["RateLimit"]


def test_a_personal_token_counts_no_free_answer(alice):
    token, raw = make_personal_token(alice)
    for _ in range(2):
        reply_of(ask(client_with(raw)))
    token.refresh_from_db()
    assert token.used == 1
    assert_ledger_is_exact()


# --- What is another question ------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        {"temperature": 0.1},
        {"max_tokens": 7},
        {"system_prompt": "Rhyme."},
        {"model": "fake-crlf"},
        {"conversation_history": [{"role": "user", "content": "Hi"}]},
    ],
)
def test_other_parameters(as_alice, upstream, settings, other):
    settings.ANSWER_CACHE["fake-crlf"] = "exact"
    ask(as_alice)
    assert ask(as_alice, **other).json()["chat_reply"]["answered_from"] is None
    assert len(upstream.requests()) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SYSTEM_PROMPT", "Be brief."),
        ("QUOTE_BY_ID", False),
        ("QUOTE_LINES", 2),
        ("DEFAULT_TEMPERATURE", 0.1),
        ("EMBEDDING_MODEL", "another"),
    ],
)
def test_other_settings(as_alice, upstream, settings, name, value):
    ask(as_alice)
    setattr(settings, name, value)
    assert reply_of(ask(as_alice))["answered_from"] is None
    assert len(upstream.requests()) == 2


def test_a_conversation_before_it(as_alice, alice, upstream):
    ask(as_alice)
    chat = make_chat(alice)
    for _ in range(2):
        reply = reply_of(ask(as_alice, conversation=chat.conversation_id))
        assert reply["answered_from"] is None
    assert len(upstream.requests()) == 3
    assert StoredAnswer.objects.count() == 1


def test_a_new_branch_of_a_conversation_has_nothing_before_it(as_alice, alice):
    ask(as_alice)
    chat = make_chat(alice)
    reply = reply_of(ask(as_alice, conversation=chat.conversation_id, parent=None))
    assert reply["answered_from"]


def test_the_prompt_of_the_conversation_counts(as_alice, alice):
    chat = make_chat(alice)
    chat.conversation.system_prompt = "Rhyme."
    chat.conversation.save()
    place: Any = {"conversation": chat.conversation_id, "parent": None}
    ask(as_alice)
    assert reply_of(ask(as_alice, **place))["answered_from"] is None
    assert reply_of(ask(as_alice, **place))["answered_from"]
    assert reply_of(ask(as_alice, system_prompt="Rhyme."))["answered_from"]


# --- What makes an answer stale ----------------------------------------------------------------


def ask_twice_with(client, change):
    """Whether the second answer is the stored one, after a change."""
    ask(client, QUESTION)
    change()
    return bool(reply_of(ask(client, QUESTION))["answered_from"])


def test_a_new_line(as_alice, bob, line):
    assert not ask_twice_with(as_alice, lambda: make_quote(bob, "Another.", is_apply=True))


def test_a_submitted_line_changes_nothing(as_alice, bob, line):
    assert ask_twice_with(as_alice, lambda: make_quote(bob, "Another."))


def fill_board(user):
    """With lines that came later, so that the change is not one of the newest lines."""
    for _ in range(25):
        make_quote(user, is_apply=True)


def test_a_withdrawn_line(as_alice, bob, line):
    fill_board(bob)
    assert not ask_twice_with(as_alice, line.delete)


def test_a_withdrawn_line_that_the_model_was_not_shown(as_alice, bob, line, settings):
    fill_board(bob)
    settings.QUOTE_LINES = 0
    assert not ask_twice_with(as_alice, line.delete)


def test_a_withdrawn_line_that_only_the_model_was_shown(as_alice, bob, line):
    fill_board(bob)
    question = f"Where is the line “{LINE}”? [[say: I do not know.]]"
    ask(as_alice, question)
    assert not Reply.objects.get().citations.exists()
    line.delete()
    assert reply_of(ask(as_alice, question))["answered_from"] is None


def test_an_edited_line(as_alice, bob, line):
    fill_board(bob)
    changed = {"content": "A harbour is where all comes to rest."}
    assert not ask_twice_with(as_alice, lambda: edit_quote(quote=line, fields=changed))


def test_a_line_that_was_changed_in_place(as_alice, bob, line):
    fill_board(bob)

    def change():
        line.speaker = "Another Captain"
        line.save()

    assert not ask_twice_with(as_alice, change)


def test_another_policy(as_alice, line, settings):
    words = said("“A harbour is where every paragraph comes to rest.”")
    question = f"A harbour? [[say: {words}]]"
    first = reply_of(ask(as_alice, question))
    assert "paragraph" in first["content"]
    settings.QUOTE_POLICY = "repair"
    for is_stored in (False, True):
        reply = reply_of(ask(as_alice, question))
        assert (LINE in reply["content"], bool(reply["answered_from"])) == (True, is_stored)
        [cited] = reply["citations"]
        assert (cited["text"], cited["verdict"], cited["notes"]) == (LINE, "verbatim", ["repaired"])


def test_a_repaired_answer_is_streamed_as_it_was_written(as_alice, line, settings):
    settings.QUOTE_POLICY = "repair"
    words = said("“A harbour is where every paragraph comes to rest.”")
    question = f"A harbour? [[say: {words}]]"
    ask(as_alice, question)
    chat = ask(as_alice, question).json()
    events = events_of(follow(as_alice, chat["chat_reply"]["stream_id"]))
    assert "paragraph" in text_of(events)
    assert events[-1].data["full_content"] == chat["chat_reply"]["content"]
    assert len(events[-1].data["corrections"]) == 1


def test_an_old_answer(as_alice, settings):
    settings.ANSWER_CACHE_DAYS = 2
    ask(as_alice)
    StoredAnswer.objects.update(answered_at=timezone.now() - timedelta(days=1, hours=23))
    assert reply_of(ask(as_alice))["answered_from"]
    StoredAnswer.objects.update(answered_at=timezone.now() - timedelta(days=2, hours=1))
    assert reply_of(ask(as_alice))["answered_from"] is None
    assert reply_of(ask(as_alice))["answered_from"]
    assert StoredAnswer.objects.count() == 1


@pytest.mark.parametrize("fault", ["empty", "cut", "length", "filter", "500"])
def test_only_whole_answers_are_stored(as_alice, upstream, fault):
    question = f"Hello [[fault: {fault}]]"
    ask(as_alice, question)
    asked = len(upstream.requests())
    assert not StoredAnswer.objects.exists()
    ask(as_alice, question)
    assert len(upstream.requests()) == 2 * asked


def test_the_boards_answers_are_not_stored(as_alice, settings):
    settings.ANSWER_CACHE["board"] = "exact"
    ask(as_alice, model="board")
    assert not StoredAnswer.objects.exists()


def test_no_answer_of_the_board_in_place_of_the_model(as_alice, settings):
    settings.FALLBACK_TO_BOARD = True
    settings.ANSWER_CACHE["fake-500"] = "exact"
    assert reply_of(ask(as_alice, model="fake-500"))["model"] == "board"
    assert not StoredAnswer.objects.exists()


def test_the_line_of_the_day_is_that_of_today(as_alice, line, settings, monkeypatch):
    question = "What is the line of the day?"
    ask(as_alice, question)
    assert reply_of(ask(as_alice, question))["answered_from"]
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr("chat.stored.keys.timezone.localdate", lambda: tomorrow)
    assert reply_of(ask(as_alice, question))["answered_from"] is None


# --- What it takes -----------------------------------------------------------------------------


def test_statements(as_alice, django_assert_max_num_queries):
    """Beside those of a turn: the newest lines and the stored answer. The lines are not looked for,
    and nothing is judged.
    """
    ask(as_alice)
    ask(as_alice)
    most = 9 if connection.vendor == "postgresql" else 18
    with django_assert_max_num_queries(most):
        assert reply_of(ask(as_alice))["answered_from"]


def test_off_stores_nothing(as_alice, upstream, settings):
    """`tests/chat/api/test_ask.py` counts the statements of such a turn."""
    settings.ANSWER_CACHE = {"fake-crlf": "exact"}
    for _ in range(2):
        ask(as_alice)
    assert not StoredAnswer.objects.exists()
    assert len(upstream.requests()) == 2
