"""The contents of attachments in a backup: restored with their rows, or said to be missing."""

import io

import pytest
from django.conf import settings as django_settings

from chat.attachments import files
from chat.attachments.models import Attachment
from config.backup import archive
from config.backup.errors import BadArchive, BadTarget
from tests.config.backup.databases import backup, check, empty_database, opened, restored
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(settings, tmp_path):
    """The storage of attachments; `use` another one."""

    def use(name: str):
        options = {"location": tmp_path / name}
        backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
        settings.STORAGES = {**django_settings.STORAGES, "attachments": backend}
        return tmp_path / name

    use("before")
    return use


def keep(content: bytes, *, is_lost: bool = False) -> str:
    key = files.new_key()
    if not is_lost:
        files.write(key, content)
    row = {"kind": "text", "name": "a.txt", "size": len(content), "tokens": 1, "digest": key[3:]}
    Attachment.objects.create(user=make_user(), key=key, **row)
    return key


def test_they_are_restored(folder, tmp_path):
    keys = {keep(content): content for content in (b"one", b"\x00\xff" * 5000, "둘".encode())}
    made = backup()
    folder("after")
    with empty_database("sqlite", tmp_path):
        manifest = restored(made)
        assert {row.key: files.read(row.key) for row in Attachment.objects.all()} == keys
    assert manifest.missing_contents == []


def test_two_rows_of_one_content(folder, tmp_path):
    key = keep(b"one")
    row = Attachment.objects.get()
    Attachment.objects.create(
        user=make_user(), kind="text", name="b", size=3, tokens=1, key=key, digest=row.digest
    )
    with opened(backup()) as found:
        names = [name for name in found.namelist() if name.startswith("attachments/")]
    assert names == [f"attachments/{key}"]


def test_one_that_is_lost(folder, tmp_path):
    """The backup is made all the same, and names it."""
    kept, lost = keep(b"one"), keep(b"two", is_lost=True)
    made = backup()
    folder("after")
    with empty_database("sqlite", tmp_path):
        assert restored(made).missing_contents == [lost]
        assert files.read(kept) == b"one"


def test_a_restore_that_fails_leaves_none(folder, tmp_path, monkeypatch):
    keep(b"one")
    made = backup()
    after = folder("after")

    def fail(*_args):
        raise BadTarget("no")

    monkeypatch.setattr("config.backup.scratch._File.publish", fail)
    with empty_database("sqlite", tmp_path), pytest.raises(BadTarget):
        restored(made)
    assert [path for path in after.rglob("*") if path.is_file()] == []


def test_a_storage_that_takes_none(folder, tmp_path):
    keep(b"one")
    made = backup()
    folder("after").write_bytes(b"")
    with (
        empty_database("sqlite", tmp_path),
        pytest.raises(BadTarget, match="attachments cannot be stored"),
    ):
        restored(made)


@pytest.mark.parametrize("name", ["../../evil", "00/short", "/etc/passwd", "zz/" + "0" * 32])
def test_names_that_lead_elsewhere(folder, name):
    file = io.BytesIO()
    with opened(backup()) as found, archive.writing(file) as written:
        for kept in found.namelist():
            written.writestr(kept, found.read(kept))
        written.writestr(f"attachments/{name}", b"evil")
    with pytest.raises(BadArchive, match="strange name"):
        check(file.getvalue())
