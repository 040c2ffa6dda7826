"""POST /chat that waits for the whole answer."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection

from chat.models import Chat, Conversation, DailyUsage, Reply, Status
from tests.chat.asking import ask, make_chat, said, used
from tests.factories import make_quote

NOON = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)  # 12:00 in Seoul

pytestmark = pytest.mark.usefixtures("upstream")


def test_answer(alice, client_for):
    with time_machine.travel(NOON, tick=False):
        as_alice = client_for(alice)
        response = ask(as_alice, "[[say: Good day to you.]]")
    assert response.status_code == 201, response.content
    chat = Chat.objects.get()
    reply = chat.chat_reply
    here = f"http://testserver/chat/{chat.pk}"
    assert response.json() == {
        "id": chat.pk,
        "user": "alice@example.com",
        "content": "[[say: Good day to you.]]",
        "created_at": "2026-03-01T12:00:00+09:00",
        "updated_at": "2026-03-01T12:00:00+09:00",
        "conversation": chat.conversation_id,
        "parent": None,
        "attachments": [],
        "chat_reply": {
            "id": reply.pk,
            "user": "alice@example.com",
            "content": "Good day to you.",
            "created_at": "2026-03-01T12:00:00+09:00",
            "finished_at": "2026-03-01T12:00:00+09:00",
            "status": "done",
            "stream_id": str(reply.stream_id),
            "model": "fake",
            "server": "",
            "finish_reason": "stop",
            "cut_off": "",
            "continuation": None,
            "answered_from": None,
            "follow_ups": None,
            "error_code": "",
            "charged": True,
            "judged": "all",
            "usage": {
                "prompt_tokens": reply.prompt_tokens,
                "completion_tokens": reply.completion_tokens,
                "total_tokens": reply.prompt_tokens + reply.completion_tokens,
            },
            "citations": [],
        },
        "links": [
            {"rel": "self", "href": here, "method": "GET"},
            {"rel": "delete", "href": here, "method": "DELETE"},
            {"rel": "replies", "href": f"{here}/replies", "method": "GET"},
            {"rel": "regenerate", "href": f"{here}/replies", "method": "POST"},
            {
                "rel": "conversation",
                "href": f"http://testserver/conversations/{chat.conversation_id}",
                "method": "GET",
            },
        ],
    }
    assert response["Location"] == here
    assert response["Content-Type"] == "application/json"
    with time_machine.travel(NOON, tick=False):
        assert as_alice.get(f"/chat/{chat.pk}").json() == response.json()


def test_what_is_stored(alice, client_for):
    with time_machine.travel(NOON, tick=False):
        ask(client_for(alice), "[[say: Good day.]]")
    reply = Reply.objects.get()
    assert (reply.status, reply.content, reply.model) == (Status.DONE, "Good day.", "fake")
    assert str(reply.charged_day) == "2026-03-01"
    assert reply.prompt_tokens > 0
    assert reply.completion_tokens > 0
    assert used(alice) == 1


def test_allowance_in_the_fields(alice, client_for, settings):
    settings.DAILY_CHAT_LIMIT = 5
    with time_machine.travel(NOON, tick=False):
        response = ask(client_for(alice))
    assert response["RateLimit"] == '"daily";r=4;t=43201'
    assert response["RateLimit-Policy"] == '"daily";q=5;w=86400'


def test_spent_allowance(alice, client_for, settings, upstream):
    settings.DAILY_CHAT_LIMIT = 1
    with time_machine.travel(NOON, tick=False):
        as_alice = client_for(alice)
        ask(as_alice)
        response = ask(as_alice, headers={"X-Request-ID": "0123456789abcdef"})
    assert response.status_code == 429
    body = response.json()
    assert body.pop("request_id")
    assert body == {
        "type": "urn:daesa:problem:quota_exhausted",
        "title": "Too Many Requests",
        "status": 429,
        "detail": "Today's allowance is used up.",
        "instance": "/chat",
        "code": "quota_exhausted",
        "quota": {
            "limit": 1,
            "used": 1,
            "remaining": 0,
            "resets_at": "2026-03-02T00:00:00+09:00",
        },
    }
    assert response["Content-Type"] == "application/problem+json"
    assert response["Retry-After"] == "43201"
    assert response["RateLimit"] == '"daily";r=0;t=43201'
    assert response["RateLimit-Policy"] == '"daily";q=1;w=86400'
    assert response["x-should-retry"] == "false"
    assert len(upstream.requests()) == 1
    assert Chat.objects.count() == 1, "a question that was refused is not stored"
    assert used(alice) == 1


def test_allowance_comes_back_at_local_midnight(client_for, alice, settings):
    settings.DAILY_CHAT_LIMIT = 1
    with time_machine.travel(datetime(2026, 3, 1, 14, 59, 50, tzinfo=UTC), tick=False) as clock:
        as_alice = client_for(alice)
        assert ask(as_alice).status_code == 201
        assert ask(as_alice).status_code == 429
        clock.shift(10)
        assert ask(as_alice).status_code == 201
    assert [str(row.day) for row in DailyUsage.objects.all()] == ["2026-03-02", "2026-03-01"]


def test_limit_of_ones_own(as_alice, alice, settings):
    settings.DAILY_CHAT_LIMIT = 1
    alice.daily_limit = 2
    alice.save()
    assert [ask(as_alice).status_code for _ in range(3)] == [201, 201, 429]


def test_deleting_the_history_gives_nothing_back(as_alice, alice, settings):
    settings.DAILY_CHAT_LIMIT = 1
    chat = ask(as_alice).json()
    assert as_alice.delete(f"/chat/{chat['id']}").status_code == 204
    assert as_alice.delete("/chat").status_code == 204
    assert ask(as_alice).status_code == 429


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "content", "required"),
        ({"content": ""}, "content", "blank"),
        ({"content": " \n\t "}, "content", "blank"),
        ({"content": "\u200b\u3164\u2060"}, "content", "blank"),
        ({"content": None}, "content", "null"),
        ({"content": ["x"]}, "content", "invalid"),
        ({"content": "x" * 8001}, "content", "max_length"),
        ({"content": "a\x00b"}, "content", "null_characters_not_allowed"),
        ({"content": "x", "temperature": 2.1}, "temperature", "max_value"),
        ({"content": "x", "temperature": -0.1}, "temperature", "min_value"),
        ({"content": "x", "temperature": "NaN"}, "temperature", "invalid"),
        ({"content": "x", "temperature": "hot"}, "temperature", "invalid"),
        ({"content": "x", "max_tokens": 0}, "max_tokens", "min_value"),
        ({"content": "x", "max_tokens": 4097}, "max_tokens", "max_value"),
        ({"content": "x", "max_tokens": 1.5}, "max_tokens", "invalid"),
        ({"content": "x", "model": "gpt-unknown"}, "model", "unknown_model"),
        ({"content": "x", "conversation": 10**6}, "conversation", "does_not_exist"),
        ({"content": "x", "conversation": 10**30}, "conversation", "invalid"),
        ({"content": "x", "parent": 10**6}, "parent", "does_not_exist"),
        ({"content": "x", "system_prompt": "x" * 8001}, "system_prompt", "max_length"),
        ({"content": "x", "conversation_history": "x"}, "conversation_history", "not_a_list"),
        (
            {"content": "x", "conversation_history": [{"role": "tool", "content": "x"}]},
            "conversation_history.0.role",
            "invalid_choice",
        ),
        (
            {"content": "x", "conversation_history": [{"role": "user", "content": "x"}] * 201},
            "conversation_history",
            "max_length",
        ),
    ],
)
def test_bad_input_costs_nothing(as_alice, alice, upstream, body, field, code):
    response = as_alice.post("/chat", body)
    assert response.status_code == 400, response.content
    problem = response.json()
    assert problem["code"] == "invalid"
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [(field, code)]
    assert response["RateLimit"].startswith('"daily";r=5;')
    assert not Chat.objects.exists()
    assert not upstream.requests()
    assert used(alice) == 0


def test_bad_input_is_reported_before_a_spent_allowance(as_alice, settings):
    settings.DAILY_CHAT_LIMIT = 0
    assert as_alice.post("/chat", {"content": ""}).status_code == 400
    assert ask(as_alice).status_code == 429


def test_every_mistake_is_reported_at_once(as_alice):
    response = as_alice.post("/chat", {"content": "x" * 8001, "temperature": 9, "max_tokens": 0})
    fields = {error["field"] for error in response.json()["errors"]}
    assert fields == {"content", "temperature", "max_tokens"}


def test_longest_question(as_alice):
    assert ask(as_alice, "가" * 8000).status_code == 201


def test_message_is_another_name_of_content(as_alice):
    response = as_alice.post("/chat", {"message": "Hello"})
    assert response.status_code == 201
    assert response.json()["content"] == "Hello"


def test_parameters_go_upstream(as_alice, upstream):
    ask(as_alice, "Hello", temperature=1.5, max_tokens=77)
    sent = upstream.requests()[0]
    assert (sent["model"], sent["temperature"], sent["max_tokens"]) == ("fake", 1.5, 77)


def test_defaults_go_upstream(as_alice, upstream, settings):
    settings.DEFAULT_TEMPERATURE, settings.DEFAULT_MAX_TOKENS = 0.3, 99
    ask(as_alice, "Hello")
    sent = upstream.requests()[0]
    assert (sent["temperature"], sent["max_tokens"]) == (0.3, 99)


def test_conversation_begins_with_a_title(as_alice, alice):
    ask(as_alice, "\n  What did Hamlet say\nabout silence?")
    conversation = Conversation.objects.get()
    assert conversation.user == alice
    assert conversation.title == "What did Hamlet say"


def test_long_title_is_cut_at_a_word(as_alice):
    ask(as_alice, "word " * 30)
    assert Conversation.objects.get().title == ("word " * 12).strip() + "…"


def test_conversation_goes_on(as_alice):
    first = ask(as_alice, "One").json()
    second = ask(as_alice, "Two", conversation=first["conversation"]).json()
    third = ask(as_alice, "Three", parent=second["id"]).json()
    assert [first["parent"], second["parent"], third["parent"]] == [
        None,
        first["id"],
        second["id"],
    ]
    assert {first["conversation"], second["conversation"], third["conversation"]} == {
        first["conversation"]
    }


def test_branch_from_an_earlier_question(as_alice):
    first = ask(as_alice, "One").json()
    second = ask(as_alice, "Two", parent=first["id"]).json()
    other = ask(as_alice, "Two, said otherwise", parent=first["id"]).json()
    assert other["parent"] == second["parent"] == first["id"]


def test_new_beginning_within_a_conversation(as_alice):
    first = ask(as_alice, "One").json()
    edited = ask(as_alice, "One, edited", conversation=first["conversation"], parent=None).json()
    assert edited["conversation"] == first["conversation"]
    assert edited["parent"] is None


def test_parent_of_another_conversation(as_alice, alice):
    first, other = make_chat(alice), make_chat(alice)
    response = ask(as_alice, conversation=first.conversation_id, parent=other.pk)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "parent"


@pytest.mark.parametrize("field", ["conversation", "parent"])
def test_what_is_anothers_does_not_exist(as_alice, bob, field):
    chat = make_chat(bob)
    number = chat.pk if field == "parent" else chat.conversation_id
    body: dict[str, Any] = {field: number}
    response = ask(as_alice, **body)
    assert response.status_code == 400
    assert [(e["field"], e["code"]) for e in response.json()["errors"]] == [
        (field, "does_not_exist")
    ]


def test_needs_a_sign_in(anonymous, db):
    response = ask(anonymous)
    assert response.status_code == 401
    assert "RateLimit" not in response


def test_session_needs_its_csrf_token(alice):
    from django.test import Client  # noqa: PLC0415

    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post("/chat", {"content": "Hello"}, content_type="application/json")
    assert response.status_code == 403


def test_quote_is_cited_where_it_stands(as_alice, bob):
    from tests.factories import make_quote  # noqa: PLC0415

    quote = make_quote(bob, "The rest is silence.", speaker="Hamlet", is_apply=True)
    content = "He says: “The rest is silence.”"
    body = ask(as_alice, f"What about silence and rest? [[say: {content}]]").json()
    assert body["chat_reply"]["citations"] == [
        {
            "quote": quote.pk,
            "text": "The rest is silence.",
            "start": 10,
            "end": 30,
            "verdict": "verbatim",
            "match": "exact",
            "difference": [],
            "notes": [],
            "links": [
                {"rel": "quote", "href": f"http://testserver/quote/{quote.pk}", "method": "GET"}
            ],
        }
    ]
    assert as_alice.get(f"/chat/{body['id']}").json() == body


def test_an_altered_line_is_shown_with_its_difference(as_alice, bob):
    quote = make_quote(bob, "The rest is silence.", speaker="Hamlet", is_apply=True)
    answer = "Macbeth says: “The rest is violence.” And the proverb: “Nobody has ever said it.”"
    [altered, invented] = ask(as_alice, f"silence? [[say: {said(answer)}]]").json()["chat_reply"][
        "citations"
    ]
    assert altered.pop("links")
    assert altered == {
        "quote": quote.pk,
        "text": "The rest is violence.",
        "start": 15,
        "end": 36,
        "verdict": "altered",
        "match": "",
        "difference": [
            {"kind": "same", "text": "The rest is"},
            {"kind": "missing", "text": "silence."},
            {"kind": "added", "text": "violence."},
        ],
        "notes": ["wrong_speaker"],
    }
    assert invented == {
        "quote": None,
        "text": "Nobody has ever said it.",
        "start": 56,
        "end": 80,
        "verdict": "unknown",
        "match": "",
        "difference": [],
        "notes": [],
        "links": [],
    }


def test_statements_of_a_turn(as_alice, django_assert_max_num_queries):
    """The user; the allowance and two transactions with their ends (SQLite), or two statements;
    the lines found; two for the short answer, which may be a line.
    """
    ask(as_alice)
    most = 7 if connection.vendor == "postgresql" else 16
    with django_assert_max_num_queries(most):
        ask(as_alice)


def test_refused_question_leaves_its_conversation_as_it_was(as_alice, alice, settings):
    conversation = Conversation.objects.create(user=alice)
    before = conversation.updated_at
    settings.DAILY_CHAT_LIMIT = 0
    response = ask(as_alice, conversation=conversation.pk, system_prompt="Rhyme.")
    assert response.json()["code"] == "quota_exhausted"
    conversation.refresh_from_db()
    assert (conversation.title, conversation.system_prompt) == ("", "")
    assert conversation.updated_at == before
