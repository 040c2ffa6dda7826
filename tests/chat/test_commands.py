import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from prometheus_client import REGISTRY

from chat.management.commands.check_ledger import SHOWN
from chat.models import DailyUsage, Reply, Status
from chat.turns import task_times
from tests.chat.asking import make_chat
from tests.chat.upstream import conftest
from tests.chat.upstream.conftest import read_request

pytestmark = pytest.mark.django_db
ask, make_upstream, serve = conftest.ask, conftest.make_upstream, conftest.serve

DAY = "2030-01-01"


def test_end_lost_turns(alice):
    chats = [make_chat(alice, reply={"status": Status.STREAMING}) for _ in range(2)]
    Reply.objects.filter(chat=chats[0]).update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    out = StringIO()
    call_command("end_lost_turns", stdout=out)
    assert out.getvalue() == "Ended: 1\n"
    statuses = {reply.chat_id: reply.status for reply in Reply.objects.all()}
    assert statuses == {chats[0].pk: Status.INTERRUPTED, chats[1].pk: Status.STREAMING}


class TestCheckLedger:
    """A chat of `make_chat` is done, holds a unit of its day, and that unit is used."""

    @staticmethod
    def check(*options: str) -> list[str]:
        out = StringIO()
        try:
            call_command("check_ledger", *options, stdout=out)
        except CommandError as error:
            out.write(str(error))
        return out.getvalue().splitlines()

    @pytest.fixture
    def chat(self, alice, bob):
        for user in (alice, bob):
            chat = make_chat(user, reply={"charged_day": DAY})
            DailyUsage.objects.create(user=user, day=DAY, used=1)
        make_chat(alice, reply={"charged_day": None, "status": Status.FAILED})
        DailyUsage.objects.create(user=alice, day="2029-12-31", used=0, refunded=1)
        return chat

    def test_it_is_exact(self, chat, django_assert_num_queries):
        with django_assert_num_queries(3):  # of which one stores when it ran
            assert self.check("--nothing-deleted") == ["The ledger is exact"]

    def test_its_result_is_in_the_metrics(self, chat, bob):
        def shown(what: str) -> float:
            task_times.measure()
            return REGISTRY.get_sample_value(f"daesa_ledger_{what}_timestamp_seconds")

        self.check()
        first = shown("checked")
        assert first == shown("exact") > time.time() - 60
        DailyUsage.objects.filter(user=bob).delete()
        self.check()
        assert shown("checked") > shown("exact") == first

    def test_an_answer_whose_unit_is_not_used(self, chat, bob):
        DailyUsage.objects.filter(user=bob).delete()
        assert self.check() == [
            f"user {bob.pk}, {DAY}: 0 used, 1 held",
            "The ledger is not exact. Differences: 1",
        ]

    def test_small_talk_needs_no_unit(self, chat, bob):
        for question, model in (("thanks!", "board"), ("thanks!", "other"), ("Who?", "board")):
            given = {"charged_day": None, "model": model}
            last = make_chat(bob, content=question, reply=given)
        charged = last.chat_reply_id
        assert self.check() == [
            f"user {bob.pk}, reply {charged - 1}: done, and holds no unit",
            f"user {bob.pk}, reply {charged}: done, and holds no unit",
            "The ledger is not exact. Differences: 2",
        ]

    def test_an_answer_without_a_unit(self, chat, bob):
        Reply.objects.filter(user=bob).update(charged_day=None)
        DailyUsage.objects.filter(user=bob).delete()
        assert self.check() == [
            f"user {bob.pk}, reply {chat.chat_reply_id}: done, and holds no unit",
            "The ledger is not exact. Differences: 1",
        ]

    def test_small_talk_of_the_board_holds_none(self, chat, alice):
        make_chat(alice, "thanks", reply={"charged_day": None, "model": "board"})
        assert self.check() == ["The ledger is exact"]

    def test_a_unit_whose_answer_was_deleted(self, chat, bob):
        chat.delete()
        assert self.check() == ["The ledger is exact"]
        assert self.check("--nothing-deleted") == [
            f"user {bob.pk}, {DAY}: 1 used, 0 held",
            "The ledger is not exact. Differences: 1",
        ]

    def test_more_differences_than_are_shown_are_counted(self, alice):
        days = [timezone.localdate() - timedelta(days=n) for n in range(SHOWN + 2)]
        DailyUsage.objects.bulk_create(DailyUsage(user=alice, day=day, used=1) for day in days)
        *shown, more, all_of_them = self.check("--nothing-deleted")
        assert len(shown) == SHOWN
        assert more == "… and 2 more"
        assert all_of_them == f"The ledger is not exact. Differences: {SHOWN + 2}"


class TestCheckUpstream:
    @staticmethod
    def check() -> str:
        out = StringIO()
        call_command("check_upstream", stdout=out)
        return out.getvalue().strip()

    def test_all_are_there(self, upstream, settings):
        settings.CHAT_MODELS, settings.EMBEDDING_MODEL = ["fake", "board"], "fake-embedding"
        assert self.check() == f"{settings.OPENAI_BASE_URL} has fake, fake-embedding"

    def test_one_is_missing(self, upstream, settings):
        settings.CHAT_MODELS = ["fake", "another"]
        with pytest.raises(CommandError, match=r"has no another\. It has: fake, fake-"):
            self.check()

    def test_server_is_unreachable(self, settings):
        settings.OPENAI_BASE_URL = "http://127.0.0.1:1/v1"
        with pytest.raises(CommandError) as failed:
            self.check()
        start = "http://127.0.0.1:1/v1 does not serve: upstream_unreachable. The model's server "
        assert str(failed.value).startswith(f"{start}cannot be reached. (")
        assert str(failed.value).endswith("Connection refused)")

    def test_the_proxy_is_named_without_its_password(self, settings, monkeypatch):
        settings.OPENAI_BASE_URL = "http://model.invalid/v1"
        monkeypatch.setenv("http_proxy", "http://me:secret@127.0.0.1:1")
        with pytest.raises(CommandError) as failed:
            self.check()
        assert "(by the proxy http://127.0.0.1:1, http_proxy) does not serve" in str(failed.value)
        assert "secret" not in str(failed.value)

    @pytest.mark.parametrize(
        ("models", "questions", "says"),
        [
            (b"404 Not Found", b"404 Not Found", r"has neither /models nor /chat/completions\. Is"),
            (
                b"404 Not Found",
                b"405 No",
                r"has neither /models nor /chat/completions\. Is its path",
            ),
            (b"404 Not Found", b"400 Bad Request", None),
            (
                b"200 OK",
                b"",
                r"upstream_malformed\. What it sends for /models is no list of models",
            ),
            (b"401 Unauthorized", b"", r"\(status 401\)\. It does not accept OPENAI_API_KEY\."),
            (b"301 Moved Permanently", b"", r"upstream_rejected \(status 301\)\. The model's"),
            (b"407 Proxy", b"", r"upstream_unreachable \(status 407\)\."),
        ],
    )
    def test_a_wrong_address(self, serve, settings, models, questions, says):
        def handler(connection):
            asked = read_request(connection)
            status = questions if asked.startswith(b"POST") else models
            lines = [b"HTTP/1.1 " + status, b"Content-Length: 6", b"Location: /elsewhere"]
            connection.sendall(b"\r\n".join([*lines, b"Connection: close", b"", b"<html>"]))

        settings.OPENAI_BASE_URL = serve(handler)
        if says:
            with pytest.raises(CommandError, match=says):
                self.check()
        else:
            assert self.check().endswith("takes questions, but does not say which models it has.")

    def test_no_server_is_wanted(self, settings):
        settings.OPENAI_BASE_URL = ""
        assert "the board answers alone" in self.check()
