"""The fault matrix of several servers: who answers, what is charged, what the reader sees."""

import time
from dataclasses import replace
from functools import partial
from itertools import repeat
from typing import Any

import pytest
from django.core.cache import cache
from prometheus_client import REGISTRY

from accounts.models import User
from chat.live.registry import registry
from chat.models import Chat, Reply, Status
from chat.turns import servers
from chat.upstream import running_servers
from chat.upstream.errors import UpstreamFailed
from tests.chat.asking import ask, ask_streaming, begin_turn, text_of, used, wait_for_end
from tests.chat.turns.test_faults import FAILURES, HALF, NONE, WHOLE
from tests.concurrently import at_once
from tests.ledger import assert_ledger_is_exact
from tests.live import free_port
from tests.upstream import IMPATIENCE, SILENCES, Several

pytestmark = pytest.mark.django_db(transaction=True)

ASKED = f"[[say: {WHOLE}]] [[chunks: 4]]"
# The failures of which no word is shown and that are not charged.
BEFORE = sorted(
    name for name, (_, _, units, text) in FAILURES.items() if text == NONE and not units
)
AFTER = sorted(name for name, (*_, units, text) in FAILURES.items() if text and not units)
CHARGED = sorted(name for name, (*_, units, _) in FAILURES.items() if units)


def patience(fault: str) -> dict[str, Any]:
    """The times of a server that plays the fault: others keep theirs."""
    return {SILENCES[fault]: IMPATIENCE} if fault in SILENCES else {}


def passed_over(server: str, reason: str) -> float:
    labels = {"server": server, "reason": reason}
    return REGISTRY.get_sample_value("daesa_upstream_passed_over_total", labels) or 0


def stored() -> tuple[str, str, str, str]:
    reply = Reply.objects.latest("pk")
    return reply.status, reply.content, reply.server, reply.served_as


class TestBeforeTheFirstWord:
    @pytest.mark.parametrize("fault", BEFORE)
    def test_the_next_one_answers(self, as_alice, alice, several: Several, fault):
        code = FAILURES[fault][1]
        several.use(several.server("a", fault=fault, **patience(fault)), several.server("b"))
        before = passed_over("a", code)
        events = ask_streaming(as_alice, ASKED)
        assert text_of(events) == events[-1].data["full_content"] == WHOLE
        assert events[-1].data["type"] == "END"
        assert stored() == (Status.DONE, WHOLE, "b", "fake")
        asked = several.asked()
        assert asked["b"] == 1
        assert asked["a"] == 1, "another server answers sooner than a retry"
        assert passed_over("a", code) == before + 1
        assert used(alice) == 1
        assert_ledger_is_exact()

    def test_one_that_is_down(self, as_alice, alice, several: Several):
        down = replace(several.server("a"), base_url=f"http://127.0.0.1:{free_port()}/v1")
        several.use(down, several.server("b"))
        events = ask_streaming(as_alice, ASKED)
        assert text_of(events) == WHOLE
        assert stored() == (Status.DONE, WHOLE, "b", "fake")
        assert used(alice) == 1

    def test_down_and_at_its_limit_before_the_third(self, as_alice, alice, several: Several):
        down = replace(several.server("a"), base_url=f"http://127.0.0.1:{free_port()}/v1")
        several.use(down, several.server("b", fault="429"), several.server("c"))
        response = ask(as_alice, ASKED)
        assert response.status_code == 201
        assert response.json()["chat_reply"]["content"] == WHOLE
        assert stored()[2] == "c"
        assert several.asked() == {"b": 1, "c": 1}
        assert used(alice) == 1
        assert_ledger_is_exact()

    def test_a_slow_one_that_answers_is_waited_for(self, as_alice, several: Several):
        several.use(several.server("a"), several.server("b"))
        assert ask(as_alice, f"{ASKED} [[slow: 0.2]]").status_code == 201
        assert (stored()[2], several.asked()) == ("a", {"a": 1})

    def test_all_fail(self, as_alice, alice, several: Several):
        failing = [several.server(name, fault="500") for name in "ab"]
        several.use(*failing, several.server("c", fault="429"))
        response = ask(as_alice, ASKED)
        assert (response.status_code, response.json()["code"]) == (503, "upstream_rate_limited")
        assert response["Retry-After"] == "30"
        assert several.asked() == {"a": 1, "b": 1, "c": 1}
        assert stored() == (Status.FAILED, "", "c", "fake-429")
        assert used(alice) == 0
        assert_ledger_is_exact()

    def test_the_last_one_is_asked_again(self, as_alice, several: Several):
        several.use(several.server("a", fault="500-once"), several.server("b", fault="500-once"))
        assert ask(as_alice, ASKED).status_code == 201
        assert (stored()[2], several.asked()) == ("b", {"a": 1, "b": 2})

    def test_the_board_where_it_is_the_last(self, as_alice, alice, several: Several, settings):
        several.use(several.server("a", fault="500"), several.server("b", fault="503"))
        settings.FALLBACK_TO_BOARD = True
        response = ask(as_alice, "Who wrote it?")
        assert response.status_code == 201
        assert response.json()["chat_reply"]["model"] == "board"
        assert stored()[2:] == ("", "")
        assert used(alice) == 1
        assert_ledger_is_exact()

    def test_thoughts_of_one_server_alone_are_shown(self, as_alice, several: Several):
        """The first one dies when it has thought."""
        several.use(several.server("a", fault="die"), several.server("b"))
        events = ask_streaming(as_alice, "[[think: Hm.]] [[say: Yes]]")
        assert [e.data["content"] for e in events if e.data["type"] == "REASONING"] == ["Hm."]
        assert text_of(events) == "Yes"
        assert several.asked() == {"a": 1, "b": 1}


class TestAfterTheFirstWord:
    @pytest.mark.parametrize("fault", AFTER)
    def test_no_other_is_asked(self, as_alice, alice, several: Several, fault):
        several.use(several.server("a", fault=fault, **patience(fault)), several.server("b"))
        events = ask_streaming(as_alice, ASKED)
        _, code, _, text = FAILURES[fault]
        assert text_of(events) == text
        assert events[-1].data["problem"]["code"] == code
        assert stored() == (Status.FAILED, text, "a", f"fake-{fault}")
        assert several.asked() == {"a": 1}
        assert used(alice) == 0
        assert_ledger_is_exact()

    @pytest.mark.parametrize("fault", CHARGED)
    def test_work_that_is_charged_is_not_repeated(self, as_alice, alice, several: Several, fault):
        several.use(several.server("a", fault=fault), several.server("b"))
        assert ask(as_alice, ASKED).json()["code"] == FAILURES[fault][1]
        assert several.asked() == {"a": 1}
        assert used(alice) == 1
        assert_ledger_is_exact()


class TestWhoIsNotAsked:
    def test_after_a_429_it_rests(self, as_alice, several: Several):
        several.use(several.server("a", fault="429"), several.server("b"))
        before = passed_over("a", "cooldown")
        for _ in range(3):
            assert ask(as_alice, ASKED).status_code == 201
        assert several.asked() == {"a": 1, "b": 3}
        assert passed_over("a", "cooldown") == before + 2

    def test_an_open_breaker(self, as_alice, alice, several: Several):
        several.use(several.server("a"), several.server("b"))
        breaker = running_servers()[0].upstream.breaker_of("fake")
        for _ in range(5):
            breaker.failed()
        before = passed_over("a", "breaker")
        assert ask(as_alice, ASKED).status_code == 201
        assert several.asked() == {"b": 1}
        assert passed_over("a", "breaker") == before + 1
        assert used(alice) == 1

    def test_failures_open_the_breaker_of_that_server_alone(
        self, as_alice, as_bob, several: Several, settings
    ):
        settings.DAILY_CHAT_LIMIT = 10
        several.use(several.server("a", fault="500"), several.server("b"))
        for client in (as_alice, as_bob, as_alice, as_bob, as_alice, as_bob):
            assert ask(client, ASKED).status_code == 201
        assert several.asked() == {"a": 5, "b": 6}
        waits = [bool(one.upstream.breaker_of("fake").wait()) for one in running_servers()]
        assert waits == [True, False]

    def test_requests_a_minute(self, as_alice, alice, several: Several, minute):
        several.use(
            several.server("a", requests_per_minute=1), several.server("b", requests_per_minute=1)
        )
        assert [ask(as_alice, ASKED).status_code for _ in range(3)] == [201, 201, 503]
        assert several.asked() == {"a": 1, "b": 1}
        assert used(alice) == 2
        assert Reply.objects.latest("pk").error_code == "upstream_rate_limited"
        assert_ledger_is_exact()
        minute.later()
        assert ask(as_alice, ASKED).status_code == 201
        assert several.asked() == {"a": 2, "b": 1}

    def test_tokens_a_minute(self, as_alice, several: Several, minute):
        """A request counts the most that it may take, until it is known what it took."""
        several.use(several.server("a", tokens_per_minute=1500), several.server("b"))
        for _ in range(3):
            assert ask(as_alice, ASKED, max_tokens=500).status_code == 201
        assert several.asked() == {"a": 3}
        assert ask(as_alice, ASKED, max_tokens=1400).status_code == 201
        assert several.asked() == {"a": 3, "b": 1}
        assert ask(as_alice, ASKED, max_tokens=500, conversation_history=[]).status_code == 201
        assert several.asked() == {"a": 4, "b": 1}, "what was refused was not counted"

    def test_requests_at_once(self, alice, client_for, several: Several):
        several.use(several.server("a", max_at_once=1), several.server("b"))
        slow = f"{ASKED} [[slow: 0.4]]"
        both = at_once(*repeat(lambda: ask(client_for(alice), slow).status_code, 2))
        assert both == [201, 201]
        assert several.asked() == {"a": 1, "b": 1}
        assert [one.traffic.busy for one in running_servers()] == [0, 0]
        assert ask(client_for(alice), ASKED).status_code == 201
        assert several.asked() == {"a": 2, "b": 1}


@pytest.fixture
def minute(monkeypatch):
    """The clock of the limits, which stands in the middle of a minute until it is moved."""

    class Minute:
        now = 1_000_000 * 60 + 30.0

        def later(self) -> None:
            self.now += 60

    clock = Minute()
    monkeypatch.setattr("chat.upstream.minute_limits.time.time", lambda: clock.now)
    return clock


class TestConversations:
    def test_it_stays_with_the_server_that_answered(self, as_alice, several: Several, settings):
        settings.DAILY_CHAT_LIMIT = 10
        a, b = several.server("a"), several.server("b")
        several.use(several.server("a", fault="500"), b)
        first = ask(as_alice, ASKED).json()
        several.use(a, b)
        assert ask(as_alice, ASKED, conversation=first["conversation"]).status_code == 201
        assert stored()[2] == "b"
        assert ask(as_alice, ASKED).status_code == 201
        assert stored()[2] == "a", "another conversation begins with the first"
        several.use(a, several.server("b", fault="500"))
        assert ask(as_alice, ASKED, conversation=first["conversation"]).status_code == 201
        assert stored()[2] == "a", "it stays only while that server answers"

    def test_it_returns_from_one_that_is_not_sticky(self, as_alice, several: Several):
        b = several.server("b", is_sticky=False)
        several.use(several.server("a", fault="500"), b)
        first = ask(as_alice, ASKED).json()
        several.use(several.server("a"), b)
        assert ask(as_alice, ASKED, conversation=first["conversation"]).status_code == 201
        assert stored()[2] == "a"

    def test_a_continuation_begins_with_its_server(self, as_alice, several: Several):
        several.use(several.server("a", fault="500"), several.server("b", fault="length"))
        asked = f"{ASKED} [[then-say: more]]"
        chat = ask(as_alice, asked).json()
        assert chat["chat_reply"]["content"] == HALF
        several.use(several.server("a"), several.server("b"))
        response = as_alice.post(f"/chat/{chat['id']}/continue", {})
        assert response.json()["chat_reply"]["content"] == f"{HALF}more"
        assert several.asked() == {"a": 1, "b": 2}

    def test_a_continuation_falls_back(self, as_alice, alice, several: Several):
        several.use(several.server("a", fault="length"), several.server("b"))
        chat = ask(as_alice, f"{ASKED} [[then-say: more]]").json()
        several.use(several.server("a", fault="500"), several.server("b"))
        response = as_alice.post(f"/chat/{chat['id']}/continue", {})
        assert response.json()["chat_reply"]["content"] == f"{HALF}more"
        assert stored()[2] == "b"
        assert used(alice) == 1

    def test_a_continuation_that_fails_leaves_the_server(self, as_alice, several: Several):
        several.use(several.server("a", fault="length"), several.server("b"))
        chat = ask(as_alice, f"{ASKED} [[then-say: more]]").json()
        several.use(several.server("a", fault="500"), several.server("b", fault="500"))
        assert as_alice.post(f"/chat/{chat['id']}/continue", {}).status_code >= 500
        assert stored() == (Status.DONE, HALF, "a", "fake-length")


class TestStopAndRetry:
    def test_stop_while_the_first_is_silent(self, as_alice, alice, several: Several):
        several.use(several.server("a", fault="timeout"), several.server("b"))
        stream_id = as_alice.post("/chat/stream", {"content": ASKED}).json()["stream_id"]
        wait_until(lambda: several.asked() == {"a": 1})
        assert as_alice.delete(f"/chat/stream/{stream_id}").status_code == 204
        assert wait_for_end().status == Status.STOPPED
        assert several.asked() == {"a": 1}
        assert used(alice) == 1
        assert_ledger_is_exact()

    def test_stop_after_the_fallback(self, as_alice, alice, several: Several):
        several.use(several.server("a", fault="500"), several.server("b"))
        slow = {"content": f"{ASKED} [[slow: 3]]"}
        stream_id = as_alice.post("/chat/stream", slow).json()["stream_id"]
        wait_until(lambda: several.asked() == {"a": 1, "b": 1})
        assert as_alice.delete(f"/chat/stream/{stream_id}").status_code == 204
        assert wait_for_end().status == Status.STOPPED
        assert stored()[2] == "b"
        wait_until(lambda: not several.fakes["b"].stats()["open"])
        assert used(alice) == 1
        assert_ledger_is_exact()

    def test_two_with_one_key_ask_once(self, alice, client_for, several: Several):
        several.use(several.server("a", fault="500"), several.server("b"))
        headers = {"Idempotency-Key": "one"}
        slow = f"{ASKED} [[slow: 0.2]]"
        both = at_once(*repeat(lambda: ask(client_for(alice), slow, headers=headers), 2))
        assert {one.json()["chat_reply"]["content"] for one in both} == {WHOLE}
        assert several.asked() == {"a": 1, "b": 1}
        assert Chat.objects.count() == used(alice) == 1

    def test_a_retry_after_all_failed_asks_again(self, as_alice, alice, several: Several):
        several.use(several.server("a", fault="500"), several.server("b", fault="429"))
        headers = {"Idempotency-Key": "one"}
        assert ask(as_alice, ASKED, headers=headers).status_code == 503
        several.use(several.server("a"), several.server("b"))
        assert ask(as_alice, ASKED, headers=headers).status_code == 201
        assert Chat.objects.count() == used(alice) == 1


def wait_until(is_so: Any) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_many_at_once_are_charged_exactly(alice, client_for, several: Several, settings):
    """Two of the servers fail at every other request, and one has room for few."""
    settings.DAILY_CHAT_LIMIT, settings.MAX_STREAMS_PER_USER = 12, 20
    several.use(
        several.server("a", fault="500-once", max_at_once=3),
        several.server("b", fault="reset-once", priority=1),
        several.server("c", max_at_once=5),
    )
    asked = [partial(ask, client_for(alice), f"{ASKED} {number}") for number in range(20)]
    codes = [response.status_code for response in at_once(*asked)]
    done = Reply.objects.filter(status=Status.DONE)
    assert codes.count(201) == done.count() == used(alice) <= 12
    assert set(done.values_list("content", flat=True)) == {WHOLE}
    assert_ledger_is_exact()
    assert [one.traffic.busy for one in running_servers()] == [0, 0, 0]


class TestWhatIsSent:
    def test_another_model_of_another_server(self, as_alice, several: Several):
        other = {"name": "deep", "served_as": "fake"}
        several.use(several.server("a"), several.server("b", model=other, key="fake"))
        response = ask(as_alice, ASKED, model="deep")
        assert response.json()["chat_reply"]["model"] == "deep"
        assert several.asked() == {"b": 1}
        assert several.fakes["b"].requests()[0]["model"] == "fake"
        assert stored()[2:] == ("b", "fake")

    def test_each_server_gets_its_own_key(self, as_alice, several: Several):
        several.use(several.server("a", fault="500", key="other"), several.server("b"))
        assert ask(as_alice, ASKED).status_code == 201
        authorized = [several.fakes[name].seen()[0]["authorized"] for name in "ab"]
        assert authorized == [False, True]

    def test_the_names_that_the_model_takes(self, as_alice, several: Several):
        model = {
            "limit_parameter": "max_completion_tokens",
            "takes_temperature": False,
            "system_role": "developer",
        }
        several.use(several.server("a", model=model), several.server("b"))
        assert ask(as_alice, ASKED, temperature=1, max_tokens=7).status_code == 201
        [body] = several.fakes["a"].requests()
        assert {"max_tokens", "temperature"}.isdisjoint(body)
        assert body["max_completion_tokens"] == 7
        assert [message["role"] for message in body["messages"]] == ["developer", "user"]

    def test_a_short_context_gets_fewer_turns(self, as_alice, several: Several):
        history = [
            {"role": role, "content": "word " * 900}
            for role in ("user", "assistant", "user", "assistant")
        ]
        several.use(
            several.server("a", fault="500", model={"max_context": 4096}), several.server("b")
        )
        response = ask(as_alice, ASKED, conversation_history=history, max_tokens=1000)
        assert response.status_code == 201
        sent = [len(several.fakes[name].requests()[0]["messages"]) for name in "ab"]
        assert sent == [4, 6]


def test_the_last_failure_is_kept(as_alice, several: Several):
    several.use(several.server("a", fault="503"), several.server("b"))
    cache.clear()
    assert ask(as_alice, ASKED).status_code == 201
    a, b = (one.traffic.last_failure("fake") for one in running_servers())
    assert (a.code, a.status) == (UpstreamFailed.default_code, 503)
    assert b is None


def test_a_choice_takes_one_query(alice: User, several: Several, django_assert_num_queries):
    turn = begin_turn(alice)
    registry.close(turn.reply.stream_id)
    several.use(several.server("a"))
    with django_assert_num_queries(0):
        servers.servers_for(turn, None)
    several.use(several.server("a"), several.server("b"))
    with django_assert_num_queries(1):
        servers.servers_for(turn, None)
