"""Every way in which the upstream fails: its problem, its effect on the unit, what is stored."""

import socket

import pytest

from chat.models import Chat, Reply, Status
from fakeopenai import faults
from tests.chat.asking import ask, ask_streaming, text_of, used
from tests.ledger import assert_ledger_is_exact
from tests.upstream import wait_briefly_for

WHOLE = "one, two, six, ten."
HALF = "one, two, "
NONE = ""

# Fault of fakeopenai: (status, code, units used after it, the stored part of the answer)
FAILURES = {
    "401": (502, "upstream_unauthorized", 0, NONE),
    "403": (502, "upstream_unauthorized", 0, NONE),
    "404": (502, "upstream_model_not_found", 0, NONE),
    "400": (502, "upstream_rejected", 0, NONE),
    "context": (422, "upstream_context_too_long", 0, NONE),
    "filter-400": (422, "upstream_content_filter", 1, NONE),
    "filter": (422, "upstream_content_filter", 1, WHOLE),
    "429": (503, "upstream_rate_limited", 0, NONE),
    "429-spent": (503, "upstream_rate_limited", 0, NONE),
    "500": (502, "upstream_failed", 0, NONE),
    "502": (502, "upstream_failed", 0, NONE),
    "503": (502, "upstream_failed", 0, NONE),
    "redirect": (502, "upstream_rejected", 0, NONE),
    "timeout": (504, "upstream_timeout", 0, NONE),
    "timeout-body": (504, "upstream_timeout", 0, NONE),
    "stall": (504, "upstream_timeout", 0, HALF),
    "reset": (502, "upstream_disconnected", 0, NONE),
    "close": (502, "upstream_disconnected", 0, NONE),
    "die": (502, "upstream_disconnected", 0, HALF),
    "die-reset": (502, "upstream_disconnected", 0, HALF),
    "cut": (502, "upstream_disconnected", 0, HALF),
    "not-http": (502, "upstream_malformed", 0, NONE),
    "html": (502, "upstream_malformed", 0, NONE),
    "malformed": (502, "upstream_malformed", 0, NONE),
    "other-json": (502, "upstream_malformed", 0, NONE),
    "framing": (502, "upstream_malformed", 0, HALF),
    "garbage": (502, "upstream_malformed", 0, HALF),
    "error-event": (502, "upstream_failed", 0, HALF),
    "error-object": (502, "upstream_failed", 0, HALF),
    "abort": (502, "upstream_failed", 0, WHOLE),
    "error-first": (502, "upstream_failed", 0, NONE),
    "empty": (502, "upstream_empty", 0, NONE),
    "blank": (502, "upstream_empty", 1, NONE),
    "unseen": (502, "upstream_empty", 1, NONE),
    "counted": (502, "upstream_empty", 1, NONE),
}
# Unusual responses that count as answers: (finish reason, text)
ANSWERED = {
    "new-names": ("stop", WHOLE),
    "strict": ("stop", WHOLE),
    "short-context": ("stop", WHOLE),
    "429-once": ("stop", WHOLE),
    "429-twice": ("stop", WHOLE),
    "500-once": ("stop", WHOLE),
    "reset-once": ("stop", WHOLE),
    "length": ("length", HALF),
    "stops": ("stop", WHOLE),
    "think": ("stop", WHOLE),
    "no-done": ("stop", WHOLE),
    "no-finish": ("", WHOLE),
    "no-usage": ("stop", WHOLE),
    "json": ("stop", WHOLE),
    "crlf": ("stop", WHOLE),
    "cr": ("stop", WHOLE),
    "comments": ("stop", WHOLE),
    "halves": ("stop", WHOLE),
    "bytes": ("stop", WHOLE),
}


@pytest.fixture
def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def question(fault):
    return f"[[say: {WHOLE}]] [[chunks: 4]] [[fault: {fault}]]"


def test_every_fault_of_fakeopenai_is_here():
    assert set(faults.FAULTS) == set(FAILURES) | set(ANSWERED)


@pytest.mark.parametrize("fault", FAILURES)
def test_failure(as_alice, alice, upstream, settings, fault):
    wait_briefly_for(fault, settings)
    status, code, units, text = FAILURES[fault]
    response = ask(as_alice, question(fault))
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == code
    assert used(alice) == units
    assert response["RateLimit"].startswith(f'"daily";r={5 - units};')
    reply = Reply.objects.get()
    assert (reply.status, reply.error_code) == (Status.FAILED, code)
    assert reply.content.strip() == text.strip()
    assert (reply.charged_day is None) == (units == 0)
    assert problem["chat"]["chat_reply"]["charged"] is (units == 1)
    assert Chat.objects.get().content == question(fault), "the question is kept"
    assert problem["chat"] == as_alice.get(f"/chat/{reply.chat_id}").json()


@pytest.mark.parametrize("fault", ANSWERED)
def test_oddity(as_alice, alice, upstream, fault):
    finish_reason, text = ANSWERED[fault]
    response = ask(as_alice, question(fault))
    assert response.status_code == 201, response.content
    reply = response.json()["chat_reply"]
    assert (reply["status"], reply["finish_reason"]) == ("done", finish_reason)
    assert reply["content"].strip() == text.strip()
    assert used(alice) == 1
    assert_ledger_is_exact()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "fault", ["401", "stall", "die", "garbage", "empty", "blank", "unseen", "filter"]
)
def test_failure_in_a_stream(as_alice, alice, upstream, settings, fault):
    wait_briefly_for(fault, settings)
    _, code, units, text = FAILURES[fault]
    events = ask_streaming(as_alice, question(fault))
    assert events[-1].data["type"] == "ERROR"
    assert events[-1].data["problem"]["code"] == code
    assert events[-1].data["chat"]["chat_reply"]["charged"] is (units == 1)
    assert text_of(events).strip() == text.strip()
    assert used(alice) == units


def test_model_of_that_name_plays_the_fault(as_alice, alice, upstream):
    assert ask(as_alice, "Hello", model="fake-401").json()["code"] == "upstream_unauthorized"
    assert used(alice) == 0


def test_server_is_unreachable(as_alice, alice, upstream, settings, closed_port):
    settings.OPENAI_BASE_URL = f"http://127.0.0.1:{closed_port}/v1"
    response = ask(as_alice, "Hello")
    assert response.status_code == 503
    assert response.json()["code"] == "upstream_unreachable"
    assert used(alice) == 0


def test_breaker_says_so_and_costs_nothing(as_alice, alice, upstream, settings, closed_port):
    settings.OPENAI_BASE_URL = f"http://127.0.0.1:{closed_port}/v1"
    codes = [ask(as_alice, "Hello").json()["code"] for _ in range(7)]
    assert codes[0] == "upstream_unreachable"
    assert codes[-1] == "upstream_unavailable"
    assert used(alice) == 0


def test_rate_limit_of_the_upstream_says_when(as_alice, upstream):
    response = ask(as_alice, question("429"))
    assert response["Retry-After"] == "30"


def test_one_line_in_the_log_without_content(as_alice, upstream, caplog):
    with caplog.at_level("INFO", logger="chat"):
        ask(as_alice, "My secret [[fault: 500]]")
    turns = [record for record in caplog.records if record.name == "chat.turns.finish"]
    assert [record.getMessage() for record in turns] == ["turn failed"]
    assert turns[0].error_code == "upstream_failed"
    assert "My secret" not in caplog.text
    assert "alice" not in caplog.text
