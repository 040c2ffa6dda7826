from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from chat.models import Reply, Status
from tests.chat.asking import make_chat

pytestmark = pytest.mark.django_db


def test_end_lost_turns(alice):
    chats = [make_chat(alice, reply={"status": Status.STREAMING}) for _ in range(2)]
    Reply.objects.filter(chat=chats[0]).update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    out = StringIO()
    call_command("end_lost_turns", stdout=out)
    assert out.getvalue() == "Ended: 1\n"
    statuses = {reply.chat_id: reply.status for reply in Reply.objects.all()}
    assert statuses == {chats[0].pk: Status.INTERRUPTED, chats[1].pk: Status.STREAMING}


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

    def test_nobody_there(self, settings):
        settings.OPENAI_BASE_URL = "http://127.0.0.1:1/v1"
        with pytest.raises(CommandError, match="does not serve: upstream_unreachable"):
            self.check()

    def test_no_server_is_wanted(self, settings):
        settings.OPENAI_BASE_URL = ""
        assert "the board answers alone" in self.check()
