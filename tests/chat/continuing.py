"""Answers that were cut off, and going on with them."""

from typing import Any

from django.utils import timezone

from chat.live.registry import registry
from chat.models import Chat, DailyUsage, Reply
from chat.turns.start import start_continuation
from tests.chat.asking import OPTIONS, make_chat, used

BEGUN, ADDED = "one, two, ", "six, ten."
DIED = "[[then-fault: die]]"
LINE = "The rest is silence, said the prince at the end."


def cut_off(user, *then, question="Count", content=BEGUN, **reply):
    """A chat whose answer was cut off, with what the model does when it is to go on."""
    fields = {"finish_reason": "length", "charged_day": timezone.localdate(), **reply}
    then = then or (f"[[then-say: {ADDED}]]",)
    DailyUsage.objects.get_or_create(user=user, day=timezone.localdate(), defaults={"used": 1})
    return make_chat(user, " ".join([question, *then]), content, reply=fields)


def go_on(client, chat, body=None, **headers):
    return client.post(f"/chat/{chat.pk}/continue", body or {}, headers=headers)


def row_of(chat):
    """All columns of its answer but those of attempts."""
    row: dict[str, Any] = {**Reply.objects.filter(chat=chat).values().get()}
    for name in ("stream_id", "continuations", "continuation_error", "heartbeat_at"):
        del row[name]
    return {**row, "finished_at": None, "search_text": None}


def begin(user, chat):
    """A continuation that is stored and not generated."""
    chat = Chat.objects.select_related("conversation", "chat_reply").get(pk=chat.pk)
    return start_continuation(user=user, chat=chat, options=OPTIONS)


def assert_refused(response, code, user, status=409):
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert used(user) == 1
    assert not registry.all()
