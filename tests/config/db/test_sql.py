"""Hand-made statements store and read what the ORM would."""

import pytest

from chat.models import Chat, Conversation, Reply, Status
from config.db.sql import CteStatement, PreparedQuery, execute, fetch_all, fetch_one, insert, update
from tests.chat.asking import make_chat


def test_fetching(db):
    assert fetch_one("SELECT 1, 'a'") == (1, "a")
    assert fetch_one("SELECT 1 WHERE 1 = %s", [2]) is None
    assert fetch_all("SELECT 1 UNION SELECT 2 ORDER BY 1") == [(1,), (2,)]


def test_execute_counts_changed_rows(alice):
    make_chat(alice)
    make_chat(alice)
    assert execute("UPDATE chat_chat SET content = %s", ["new"]) == 2
    assert execute("UPDATE chat_chat SET content = %s WHERE id = 0", ["new"]) == 0


def test_insert_leaves_the_row_as_save_would(alice):
    row = Conversation(user=alice, title="“제목”")
    insert(row)
    stored = Conversation.objects.get()
    assert (row.pk, row._state.adding, row._state.db) == (stored.pk, False, "default")
    assert (stored.title, stored.created_at) == ("“제목”", row.created_at)


def test_update_is_conditional(alice):
    reply = make_chat(alice, reply={"status": Status.STREAMING}).chat_reply
    assert update(reply, only_if="status = 'streaming'", status=Status.DONE)
    assert not update(reply, only_if="status = 'streaming'", status=Status.FAILED)
    assert reply.status == Reply.objects.get().status == Status.DONE


def test_update_of_a_deleted_row(alice):
    reply = make_chat(alice, answer="before").chat_reply
    Chat.objects.all().delete()
    assert not update(reply, content="after")
    assert reply.content == "before"


def test_prepared_query(alice, bob):
    """The compiled query is run again with other values."""
    query = PreparedQuery(
        lambda pk, user: Chat.objects.filter(user=user, pk__gte=pk).values_list("pk", "created_at"),
        parameters=2,
    )
    chats = [make_chat(alice) for _ in range(3)]
    theirs = make_chat(bob)
    newest_first = [(chat.pk, chat.created_at) for chat in reversed(chats)]
    assert query.rows(0, alice.pk) == newest_first
    assert query.rows(0, alice.pk, limit=1, offset=1) == newest_first[1:2]
    assert query.rows(chats[1].pk, alice.pk) == newest_first[:2]
    assert query.rows(0, bob.pk) == [(theirs.pk, theirs.created_at)]
    assert (query.count(0, alice.pk), query.count(0, bob.pk)) == (3, 1)


@pytest.mark.postgres
@pytest.mark.postgres
def test_statement_of_several_tables(alice, django_assert_num_queries):
    parts = CteStatement()
    parts.add("source", "SELECT %s AS number", [7])
    parts.insert("conversation", Conversation(user=alice, title="One"), "source")
    chat = Chat(user=alice, content="Question")
    parts.insert("chat", chat, "conversation", conversation_id="conversation.id")
    with django_assert_num_queries(1):
        row = parts.run("SELECT number, chat.id FROM source, chat", before="SELECT 1")
    assert row == (7, Chat.objects.get(conversation__title="One").pk)


@pytest.mark.postgres
@pytest.mark.postgres
def test_statement_without_a_source_row_stores_nothing(alice):
    parts = CteStatement()
    parts.add("source", "SELECT 1 WHERE false")
    parts.insert("conversation", Conversation(user=alice), "source")
    assert parts.run("SELECT id FROM conversation") is None
    assert not Conversation.objects.exists()
