"""Making a backup: whole or not at all, private, at one moment, and in bounded memory."""

import gc
import io
import stat
import threading
import tracemalloc
import zipfile
from itertools import islice

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from chat.models import Chat, Conversation
from chat.turns import task_times
from config.backup import rows
from config.backup.dump import dump
from config.backup.progress import Progress
from tests.chat.asking import make_chat
from tests.config.backup.databases import backup, check, silent
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_file_is_private_and_complete(tmp_path, capsys):
    make_user()
    path = tmp_path / "daesa.zip"
    call_command("backup", str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["daesa.zip"]
    assert check(path.read_bytes()).tables["accounts_user"].rows == 1
    assert "Backed up: " in capsys.readouterr().err
    call_command("verify_backup", str(path))
    assert "The backup is complete: " in capsys.readouterr().err
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", str(path))


def test_a_backup_that_fails_leaves_no_file(tmp_path):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('chat', '9999_of_tomorrow', '2030-01-01')"
        )
    try:
        with pytest.raises(CommandError, match="migrations of a newer release"):
            call_command("backup", str(tmp_path / "daesa.zip"))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_of_tomorrow'")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("backup", str(tmp_path / "missing" / "daesa.zip"))


def test_a_database_that_is_in_use_takes_no_restore(tmp_path):
    path = tmp_path / "daesa.zip"
    call_command("backup", str(path))
    with pytest.raises(CommandError, match="The database is not empty"):
        call_command("restore", str(path))
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("restore", str(tmp_path / "missing.zip"))


def test_the_metrics_show_when_it_was(tmp_path, client):
    call_command("backup", str(tmp_path / "daesa.zip"))
    task_times.store(task_times.REHEARSAL)
    task_times.measure()
    shown = client.get("/metrics").content.decode()
    for name in ("backup", "restore_rehearsal"):
        [line] = [one for one in shown.splitlines() if one.startswith(f"daesa_last_{name}_")]
        assert float(line.split()[1]) > 1.7e9


class Meanwhile(Progress):
    """Somebody joins and asks while the first rows are written."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self.tables = list[str]()

    def end(self, what: str, done: int) -> None:
        if not self.tables:
            thread = threading.Thread(target=self._join)
            thread.start()
            thread.join()
        self.tables.append(what)

    def _join(self) -> None:
        try:
            make_chat(make_user("late"))
        finally:
            connection.close()


def test_all_tables_are_of_one_moment():
    make_chat(make_user("early"))
    progress, file = Meanwhile(), io.BytesIO()
    dump(file, progress)
    assert len(progress.tables) > 40
    assert User.objects.count() == Chat.objects.count() == 2
    found = check(file.getvalue()).tables
    names = ("accounts_user", "chat_conversation", "chat_chat", "chat_reply")
    assert [found[name].rows for name in names] == [1, 1, 1, 1]


CHATS = 4 * rows.PAGE


def add_chats(user: User, count: int) -> None:
    conversation = Conversation.objects.create(user=user)
    for _ in range(count // rows.PAGE):
        Chat.objects.bulk_create(
            [
                Chat(user=user, conversation=conversation, content="가" * 500)
                for _ in range(rows.PAGE)
            ]
        )


def peak_of(work) -> int:
    """Without garbage: how much of it waits to be collected is chance."""
    often, before = (700, 2, 2), gc.get_threshold()
    gc.collect()
    gc.set_threshold(*often)
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.set_threshold(*before)


class Nowhere(io.RawIOBase):
    def write(self, data) -> int:
        return len(data)


def make_and_restore() -> None:
    """A backup, and of it the largest table back into the database."""
    dump(Nowhere(), silent())  # type: ignore[arg-type]
    lines = list(islice(rows.lines_of(Chat), rows.PAGE))
    total = Chat.objects.count()
    Chat.objects.all()._raw_delete(connection.alias)
    repeated = (
        line.replace(b"[", b"[%d" % copy, 1)
        for copy in range(1, total // rows.PAGE + 1)
        for line in lines
    )
    assert max(rows.insert(Chat, repeated)) == total
    rows.set_last_key(Chat, 0)


def test_memory_does_not_grow_with_the_tables():
    user = make_user()
    add_chats(user, CHATS)
    backup()  # loads what is loaded once
    once = peak_of(make_and_restore)
    add_chats(user, CHATS)
    assert Chat.objects.count() == 2 * CHATS
    assert peak_of(make_and_restore) < 1.2 * once


def test_a_pipe_gets_the_same(capfdbinary):
    make_user()
    call_command("backup", "-")
    assert check(capfdbinary.readouterr().out).tables["accounts_user"].rows == 1


def test_the_seal_is_the_comment_of_the_zip():
    made = backup()
    with zipfile.ZipFile(io.BytesIO(made)) as found:
        assert found.comment == made[-64:]
