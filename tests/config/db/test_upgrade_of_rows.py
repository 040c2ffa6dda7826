"""A database of the first release, with rows, is upgraded to this one by `migrate`."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import User
from chat.models import Chat, Citation, DailyUsage, Reply
from config.backup.restore import ledger_difference
from config.db.migration_state import difference
from quotes.models import Quote
from quotes.search.index import has_terms
from quotes.text.tokenizer import VERSION
from tests.config.backup.databases import empty_database
from tests.config.db.test_upgrades import BEFORE

LINE = "죽느냐 사느냐, 그것이 문제로다"
ASKED = "ＨＡＭＬＥＴ의 대사"


def fill_as_before() -> None:
    """By the models of that time."""
    executor = MigrationExecutor(connection)
    state = executor.migrate(list(BEFORE.items()))
    model, now = state.apps.get_model, timezone.now()
    user = model("accounts", "User").objects.create(email="Alice@Example.com", nickname="alice")
    quote = model("quotes", "Quote").objects.create(
        user=user, content=LINE, speaker="햄릿", is_apply=True, applied_at=now
    )
    conversation = model("chat", "Conversation").objects.create(user=user, title="first")
    chat = model("chat", "Chat").objects.create(user=user, conversation=conversation, content=ASKED)
    day = timezone.localdate()
    reply = model("chat", "Reply").objects.create(
        user=user, chat=chat, status="done", content=LINE, model="board", charged_day=day
    )
    chat.chat_reply = reply
    chat.save()
    model("chat", "DailyUsage").objects.create(user=user, day=day, used=1)
    model("chat", "Citation").objects.create(
        reply=reply, quote=quote, text=LINE, start=0, end=5, verdict="verbatim"
    )


@pytest.mark.django_db(transaction=True)
def test_rows_of_the_first_release_are_kept(tmp_path):
    with empty_database(connection.vendor, tmp_path):
        fill_as_before()
        call_command("migrate", verbosity=0)
        assert difference(connection) == ""
        user = User.objects.get()
        assert (user.email, user.nickname, user.approval) == ("alice@example.com", "alice", "")
        chat = Chat.objects.get()
        assert (chat.content, chat.user, chat.conversation.title) == (ASKED, user, "first")
        assert list(Chat.objects.matching(["hamlet"])) == [chat]
        reply = Reply.objects.get()
        assert (reply, reply.content, reply.continuations) == (chat.chat_reply, LINE, 0)
        assert DailyUsage.objects.values_list("used", "refunded").get() == (1, 0)
        assert ledger_difference() == ""
        call_command("index_quotes", verbosity=0)
        quote = Quote.objects.get()
        assert (quote.content, quote.search_version, quote.likes) == (LINE, VERSION, 0)
        assert Citation.objects.values_list("quote", "text", "notes").get() == (quote.pk, LINE, [])
        found = Quote.objects.filter(has_terms({quote.search_text.split()[0]: False}))
        assert found.get() == quote
