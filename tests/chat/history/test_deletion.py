"""Deleting much at once: in short transactions, and nothing of other users."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from chat.history import deletion
from chat.models import Chat, Citation, Conversation, Reply
from config.batches import ROWS
from quotes.models import Quote, QuoteLike
from tests.chat.asking import make_chat, make_chats
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = ROWS + 20  # so that there are two batches


def transactions(queries: CaptureQueriesContext) -> int:
    return sum(query["sql"].startswith("COMMIT") for query in queries)


def test_clearing_ones_history(as_alice, alice, bob):
    make_chats(alice, COUNT)
    kept = make_chats(bob, 2)
    with CaptureQueriesContext(connection) as queries:
        assert as_alice.delete("/chat").status_code == 204
    assert {chat.pk for chat in Chat.objects.all()} == {chat.pk for chat in kept}
    assert set(Conversation.objects.values_list("user", flat=True)) == {bob.pk}
    assert Reply.objects.count() == Citation.objects.count() == 2
    assert transactions(queries) >= 2 + 2
    longest = max(query["sql"].count(",") for query in queries if "DELETE" in query["sql"])
    assert longest < ROWS  # the keys of a batch


def test_a_batch_takes_few_statements_and_loads_no_text(as_alice, alice):
    chats = make_chats(alice, ROWS)
    later = make_chat(alice, conversation=chats[0].conversation, parent=chats[0])
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        deletion._delete_chats([chat.pk for chat in chats])
    sent = [query["sql"].split()[0] for query in queries]
    locks = ["SELECT", "SELECT"] if connection.vendor == "postgresql" else []
    assert [word for word in sent if word not in {"BEGIN", "COMMIT"}] == [
        *locks,
        "DELETE",
        "DELETE",
        "DELETE",
        "SELECT",  # of files
        "DELETE",
        "UPDATE",
        "DELETE",
        "DELETE",
    ]
    later.refresh_from_db()
    assert later.parent is None


@pytest.mark.parametrize(
    ("model", "referring"),
    [
        (Chat, {"Chat", "Reply", "IdempotencyKey", "Attachment"}),
        (Reply, {"Chat", "Citation", "StoredAnswer"}),
        (Citation, {"MarkReport"}),
    ],
)
def test_all_that_refers_to_a_chat_is_known_to_the_deletion(model, referring):
    """It names these models. A new one must be deleted there, too."""
    assert {one.related_model.__name__ for one in model._meta.related_objects} <= referring | {
        "IdempotencyKey"  # deleted by its chat
    }


def test_deleting_a_long_conversation(as_alice, alice):
    chats = make_chats(alice, COUNT)
    other = make_chat(alice)
    with CaptureQueriesContext(connection) as queries:
        path = f"/conversations/{chats[0].conversation_id}"
        assert as_alice.delete(path).status_code == 204
    assert list(Chat.objects.all()) == [other]
    assert transactions(queries) >= 2


def test_interrupted_deletion_leaves_the_older_ones_and_can_be_repeated(as_alice, alice):
    chats = make_chats(alice, COUNT)
    seen = []

    def break_off(execute, sql, params, many, context):
        """At the second batch."""
        seen.append(sql)
        if sum(one.startswith('DELETE FROM "chat_chat"') for one in seen) > 1:
            raise KeyboardInterrupt
        return execute(sql, params, many, context)

    with connection.execute_wrapper(break_off), pytest.raises(KeyboardInterrupt):
        deletion.clear_history(alice)
    assert list(Chat.objects.order_by("pk")) == chats[: COUNT - ROWS]
    assert as_alice.get("/chat").json()["count"] == COUNT - ROWS
    deletion.clear_history(alice)
    assert not Chat.objects.exists()
    assert not Conversation.objects.exists()


def test_deleting_an_account_deletes_in_batches(alice, bob, client_for, settings):
    # Argon2 runs in another thread: the connection, which captures queries, is released meanwhile.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    alice.set_password(PASSWORD)
    alice.save()
    as_alice = client_for(alice)
    make_chats(alice, COUNT)
    Quote.objects.bulk_create(Quote(user=alice, content=f"Mine {n}") for n in range(COUNT))
    now = timezone.now()
    lines = Quote.objects.bulk_create(
        Quote(user=bob, content=f"Line {n}", is_apply=True, applied_at=now, likes=1)
        for n in range(COUNT)
    )
    QuoteLike.objects.bulk_create(QuoteLike(quote=line, user=alice) for line in lines)
    with CaptureQueriesContext(connection) as queries:
        response = as_alice.delete("/accounts/profile", {"password": PASSWORD})
    assert response.status_code == 204
    assert not User.objects.filter(pk=alice.pk).exists()
    assert not Chat.objects.exists()
    assert set(Quote.objects.values_list("user", "likes")) == {(bob.pk, 0)}
    assert transactions(queries) >= 4 * 2
    whole = "\n".join(query["sql"] for query in queries)
    last = whole.split("COMMIT")[-2]  # the one that deletes the account
    assert f'"id" IN ({alice.pk})' in last
    assert 'DELETE FROM "chat_chat"' not in last
    assert 'DELETE FROM "quotes_quote"' not in last


def test_a_wrong_password_empties_nothing(as_alice, alice):
    make_chats(alice, 2)
    assert as_alice.delete("/accounts/profile", {"password": "wrong"}).status_code == 400
    assert Chat.objects.count() == 2
