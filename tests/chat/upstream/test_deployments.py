"""The order in which servers are asked, what limits them, and what else they are asked for."""

import random
from collections import Counter
from dataclasses import replace
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.answering.embedder import UpstreamEmbedder
from chat.upstream import deployments_of, for_groups, in_order, minute_limits, running_servers
from chat.upstream import upstream_health as health
from chat.upstream.errors import UpstreamRateLimited
from quotes.search.embeddings import EmbeddingsUnavailable
from tests.chat import test_commands
from tests.chat.asking import make_chat
from tests.factories import make_quote
from tests.live import free_port
from tests.upstream import Several

check = test_commands.TestCheckUpstream.check
VECTORS = {"name": "vectors", "served_as": "fake-embedding", "embeds": True}


def first(several: Several, *, times: int = 2000, last: str = "") -> Counter[str]:
    chance = random.Random(7)  # noqa: S311
    orders = (in_order(deployments_of("fake"), last=last, pick=chance.random) for _ in range(times))
    return Counter(order[0].server for order in orders)


class TestOrder:
    def test_without_several_it_is_the_one_of_the_settings(self, upstream):
        [only] = deployments_of("fake")
        assert (only.server, only.served_as, only.refusal()) == ("", "", None)

    def test_by_priority(self, several: Several):
        several.use(several.server("a", priority=2), several.server("b", priority=1))
        assert first(several, times=50) == {"b": 50}

    def test_by_weight(self, several: Several):
        a, b = several.server("a", weight=3), several.server("b", weight=1, priority=1)
        several.use(a, b)
        assert 1400 < first(several)["a"] < 1600, "three quarters of 2000"

    def test_the_busy_one_less_often(self, several: Several):
        several.use(several.server("a"), several.server("b", priority=1))
        traffic = running_servers()[0].traffic
        for _ in range(9):
            assert traffic.enter(0)
        assert 120 < first(several)["a"] < 250, "one in eleven of 2000"

    def test_the_last_one_first(self, several: Several):
        several.use(several.server("a"), several.server("b"), several.server("c"))
        order = in_order(deployments_of("fake"), last="c")
        assert [one.server for one in order] == ["c", "a", "b"]

    def test_only_those_that_have_the_model(self, several: Several):
        several.use(several.server("a"), several.server("b", model={"name": "other"}))
        assert [one.server for one in deployments_of("other")] == ["b"]
        assert deployments_of("unknown") == []

    def test_only_those_of_the_groups(self, several: Several):
        given = several.server("a", model={"groups": frozenset({"x", "y"})})
        several.use(given, several.server("b"))
        found = deployments_of("fake")
        assert [one.server for one in for_groups(found, {"y"})] == ["a", "b"]
        assert [one.server for one in for_groups(found, {"z"})] == ["b"]


@pytest.mark.django_db
class TestMinuteLimits:
    """With `services`, the counts are in Redis."""

    @staticmethod
    def take(tokens: int = 0):
        limits = {"requests": 2, "tokens": 100}
        return minute_limits.take("a", **limits, of_request=lambda: tokens)

    @pytest.fixture(autouse=True)
    def _still(self, monkeypatch):
        monkeypatch.setattr("chat.upstream.minute_limits.time.time", lambda: 60_000_030.0)

    def test_what_is_refused_counts_nothing(self):
        assert self.take(101) == "tokens"
        assert [type(self.take(50)).__name__ for _ in range(2)] == ["Taken", "Taken"]
        assert self.take(0) == "requests"

    def test_what_was_taken_is_settled(self):
        taken = self.take(90)
        taken.settle(requests=1, tokens=20)
        assert self.take(81) == "tokens"
        other = self.take(80)
        other.settle(requests=0, tokens=0)
        assert self.take(80).tokens == 80

    def test_another_server_has_its_own(self):
        assert self.take(100).tokens == 100
        other = minute_limits.take("b", requests=1, tokens=0, of_request=lambda: 0)
        assert not isinstance(other, str)

    def test_without_limits_nothing_is_counted(self):
        taken = minute_limits.take("a", requests=0, tokens=0, of_request=lambda: 1 // 0)
        assert not isinstance(taken, str)
        assert (taken.requests, taken.tokens) == (0, 0)

    def test_the_rest_of_the_minute(self):
        assert minute_limits.seconds_left() == 30


def down(several: Several, name: str, **changes):
    nowhere = f"http://127.0.0.1:{free_port()}/v1"
    return replace(several.server(name, **changes), base_url=nowhere)


@pytest.mark.django_db
class TestOtherRequests:
    def test_health_needs_one_that_answers(self, several: Several):
        several.use(down(several, "a"), several.server("b"))
        assert health() == "ok"
        several.use(down(several, "a"), down(several, "b"))
        assert health() == "unavailable"

    def test_vectors_come_from_the_next_one(self, several: Several, settings):
        settings.EMBEDDING_MODEL = "vectors"
        several.use(down(several, "a", model=VECTORS), several.server("b", model=VECTORS))
        embed = UpstreamEmbedder(question_seconds=30.0)
        [vector] = embed(["A line"], patiently=False)
        assert len(vector) > 1
        assert several.fakes["b"].seen()[0]["body"]["model"] == "fake-embedding"
        several.use(down(several, "a", model=VECTORS), down(several, "b", model=VECTORS))
        with pytest.raises(EmbeddingsUnavailable, match="upstream_unreachable"):
            embed(["Another"], patiently=False)

    def test_glosses_come_from_the_next_one(self, several: Several, bob):
        several.use(several.server("a", fault="500"), several.server("b"))
        meaning = "Those who hurry spoil their work"
        quote = make_quote(bob, "Haste makes waste", context=f"[[say: {meaning}]]", is_apply=True)
        call_command("gloss_quotes", stdout=StringIO())
        quote.refresh_from_db()
        assert quote.gloss == meaning
        assert several.asked() == {"a": 1, "b": 1}


@pytest.mark.django_db
class TestCheck:
    def test_all_are_tried(self, several: Several):
        a, b = several.server("a"), several.server("b", model={"served_as": "gone"})
        several.use(down(several, "c"), b, a)
        out = StringIO()
        with pytest.raises(CommandError, match=r"^2 of 3 servers do not serve\.$"):
            call_command("check_upstream", stdout=out)
        one, two, three = out.getvalue().splitlines()
        assert one.startswith("c: http://127.0.0.1:")
        assert "does not serve: upstream_unreachable" in one
        assert two.startswith(f"b: {b.base_url} has no gone. It has: fake, ")
        assert three == f"a: {a.base_url} has fake"

    def test_all_serve(self, several: Several):
        several.use(several.server("a"))
        assert check() == f"a: {several.fakes['a'].url} has fake"

    def test_a_group_that_there_is_not(self, several: Several):
        Group.objects.create(name="research")
        groups = frozenset({"research", "reserch"})
        several.use(several.server("a", model={"groups": groups}))
        assert check().endswith("UPSTREAMS names the group 'reserch', and there is none.")


@pytest.mark.django_db
class TestAdministration:
    def rows(self, client, language: str = "en") -> list[list[str]]:
        response = client.get("/admin/", headers={"Accept-Language": language})
        [table] = response.context["tables"]
        assert table.title in response.content.decode()
        return [[str(cell) for cell in row] for row in table.rows]

    def test_the_state_of_each(self, client, staff, alice, several: Several):
        several.use(several.server("a", max_at_once=1), several.server("b"), several.server("c"))
        a, b, _ = running_servers()
        assert a.traffic.enter(1)
        for _ in range(5):
            b.upstream.breaker_of("fake").failed()
        for _ in range(2):
            make_chat(alice, reply={"server": "c", "model": "fake"})
        client.force_login(staff)
        assert self.rows(client) == [
            ["a", "fake", "fake", "as busy as it may be", "1", "", "0"],
            ["b", "fake", "fake", "circuit breaker open", "0", "", "0"],
            ["c", "fake", "fake", "is asked", "0", "", "2"],
        ]
        a.traffic.leave()

    def test_the_last_failure(self, client, staff, several: Several):
        several.use(several.server("a"))
        failure = UpstreamRateLimited(wait=30, upstream_status=429)
        running_servers()[0].traffic.failed("fake", failure)
        client.force_login(staff)
        [[*_, state, busy, last, answers]] = self.rows(client)
        assert (state, busy, answers) == ("rests after a refusal (429)", "0", "0")
        assert last.startswith("upstream_rate_limited (429), 2")

    def test_not_without_several_and_not_for_everybody(self, client, staff, several: Several):
        client.force_login(staff)
        assert client.get("/admin/").context["tables"] == []
        several.use(several.server("a"))
        staff.is_superuser = False
        staff.save()
        assert client.get("/admin/").context["tables"] == []

    def test_it_takes_the_same_queries_for_any_number(self, client, staff, several: Several):
        client.force_login(staff)
        client.get("/admin/")
        counts = set()
        for names in ("a", "abc"):
            several.use(*map(several.server, names))
            with CaptureQueriesContext(connection) as queries:
                assert len(self.rows(client)) == len(names)
            counts.add(len(queries))
        assert len(counts) == 1
