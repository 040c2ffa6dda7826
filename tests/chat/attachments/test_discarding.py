"""When contents are deleted: exactly when no row names them any more."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.utils import timezone

from chat.attachments import discarding, files, uploads
from chat.attachments.errors import StorageFailed
from chat.attachments.models import Attachment, DiscardedFile
from chat.history.deletion import delete_inactive
from chat.models import Chat, Conversation
from chat.turns.prune import prune
from tests.chat.asking import ask
from tests.chat.attachments.samples import kept_in, picture, send, sent
from tests.concurrently import at_once

pytestmark = pytest.mark.django_db(transaction=True)

LATER = timedelta(hours=2)


def age(**fields) -> None:
    Attachment.objects.update(created_at=timezone.now() - timedelta(**fields))


@pytest.fixture
def question(as_alice):
    """A question with a file."""
    return ask(as_alice, attachments=[sent(as_alice, picture())["id"]]).json()


def delete_chat(client, question):
    client.delete(f"/chat/{question['id']}")


def delete_conversation(client, question):
    client.delete(f"/conversations/{question['conversation']}")


def clear_history(client, question):
    client.delete("/chat")


def let_expire(client, question):
    long_ago = timezone.now() - timedelta(days=400)
    Conversation.objects.update(updated_at=long_ago)
    delete_inactive()


@pytest.mark.parametrize("way", [delete_chat, delete_conversation, clear_history, let_expire])
def test_with_its_question(as_alice, question, folder, settings, way):
    settings.CHAT_RETENTION_DAYS = 30
    way(as_alice, question)
    assert not Chat.objects.exists()
    assert not Attachment.objects.exists()
    assert len(kept_in(folder)) == 1, "the transaction may still be undone"
    prune()
    assert kept_in(folder) == []
    assert not DiscardedFile.objects.exists()


def test_with_its_user(alice, question, folder):
    alice.delete()
    prune()
    assert kept_in(folder) == []


def test_a_file_of_two_questions(as_alice, question, folder):
    """It goes with the last of them."""
    key = question["attachments"][0]["id"]
    other = ask(as_alice, attachments=[key]).json()
    delete_chat(as_alice, question)
    prune()
    assert len(kept_in(folder)) == 1
    assert as_alice.get(other["attachments"][0]["links"][1]["href"]).status_code == 200
    delete_chat(as_alice, other)
    prune()
    assert kept_in(folder) == []


def test_uploads_without_a_question(as_alice, question, folder):
    sent(as_alice, picture(size=(10, 10)))
    prune()
    assert len(kept_in(folder)) == 2
    age(hours=25)
    prune()
    assert len(kept_in(folder)) == 1, "that of the question stays"


def test_used_again_within_the_day(as_alice, folder):
    """Uploading the same again lets it wait anew."""
    sent(as_alice, picture())
    age(hours=23)
    sent(as_alice, picture())
    age_of = timezone.now() - Attachment.objects.get().created_at
    assert age_of < timedelta(minutes=1)


def test_taken_back(as_alice, folder):
    key = sent(as_alice, picture())["id"]
    assert as_alice.delete(f"/attachments/{key}").status_code == 204
    assert as_alice.delete(f"/attachments/{key}").status_code == 404
    prune()
    assert kept_in(folder) == []


def test_not_that_of_a_question(as_alice, question, folder):
    key = question["attachments"][0]["id"]
    response = as_alice.delete(f"/attachments/{key}")
    assert (response.status_code, response.json()["code"]) == (409, "attachment_in_use")


def test_a_deletion_that_is_undone(question, folder):
    with transaction.atomic():
        Attachment.objects.all().delete()
        transaction.set_rollback(True)
    prune()
    assert len(kept_in(folder)) == 1


def test_a_process_that_dies_while_it_stores(as_alice, folder, monkeypatch):
    """Between writing the content and its row: it is deleted an hour later."""

    def die(*_args, **_kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(uploads, "_store", die)
    assert send(as_alice, picture()).status_code == 500
    prune()
    assert len(kept_in(folder)) == 1
    DiscardedFile.objects.update(due_at=timezone.now())
    prune()
    assert kept_in(folder) == []


def test_while_the_storage_is_away(as_alice, question, folder, monkeypatch):
    """It is tried again, and stops nothing else."""
    delete_chat(as_alice, question)
    delete = files.delete

    def fail(_key):
        raise StorageFailed

    monkeypatch.setattr(files, "delete", fail)
    assert prune()["contents of files"] == 0
    assert DiscardedFile.objects.count() == 1
    monkeypatch.setattr(files, "delete", delete)
    assert prune()["contents of files"] == 1
    assert kept_in(folder) == []


def test_no_transaction_waits_for_the_storage(as_alice, question, monkeypatch):
    seen = []
    monkeypatch.setattr(files, "delete", lambda _key: seen.append(connection.in_atomic_block))
    delete_chat(as_alice, question)
    prune()
    assert seen == [False]


def test_a_deletion_while_a_content_is_kept(as_alice, question, monkeypatch):
    """Its row has another time then, and stays for the next round."""
    key = Attachment.objects.get().key
    DiscardedFile.objects.create(key=key, due_at=timezone.now())
    named = Attachment.objects.filter

    def delete_after_the_look(**wanted):
        found = named(**wanted)
        if "key" in wanted and found.exists():
            delete_chat(as_alice, question)
            return _Seen()
        return found

    class _Seen:
        def exists(self):
            return True

    monkeypatch.setattr(Attachment.objects, "filter", delete_after_the_look)
    discarding.delete_discarded()
    assert DiscardedFile.objects.filter(key=key).exists()


def test_a_content_that_is_gone_already(as_alice, question, folder):
    delete_chat(as_alice, question)
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()
    assert prune()["contents of files"] == 1
    assert not DiscardedFile.objects.exists()


def test_deleted_and_used_again_at_once(as_alice, client_for, alice, folder):
    """Whichever comes first, no row names a content that is gone."""
    for number in range(5):
        first = ask(as_alice, attachments=[sent(as_alice, picture(size=(10, number + 1)))["id"]])
        key, clients = first.json()["attachments"][0]["id"], [client_for(alice) for _ in range(2)]
        at_once(
            partial(delete_chat, clients[0], first.json()),
            partial(ask, clients[1], attachments=[key]),
            discarding.delete_discarded,
        )
        discarding.delete_discarded()
        for one in Attachment.objects.all():
            files.read(one.key)
        alice.daily_usage.all().delete()


def test_space_is_exact_for_uploads_at_once(as_alice, client_for, alice, settings, folder):
    settings.ATTACHMENT_STORAGE = 3 * (4096 + 20)
    clients = [client_for(alice) for _ in range(6)]
    texts = [f"words {number}".encode() for number in range(6)]
    calls = [
        lambda one=one, text=text: send(one, text, "a.txt").status_code
        for one, text in zip(clients, texts, strict=True)
    ]
    assert sorted(at_once(*calls)) == [201] * 3 + [409] * 3
    assert Attachment.objects.count() == 3
    DiscardedFile.objects.update(due_at=timezone.now())
    prune()
    assert len(kept_in(folder)) == 3
