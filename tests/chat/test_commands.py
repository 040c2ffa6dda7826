from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
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
