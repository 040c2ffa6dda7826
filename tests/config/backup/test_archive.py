"""An archive with one changed or missing byte, of a newer release, or of something else, is refused
before anything is restored.
"""

import io
import json
import zipfile
from typing import Any

import pytest

from config.backup.errors import BadArchive, NewerArchive
from tests.config.backup.databases import backup, check, rewritten
from tests.config.backup.sample import fill

pytestmark = pytest.mark.django_db(transaction=True)
FLIPS = 997  # bytes between two that are changed; a prime, so that no structure is skipped


def test_changed_and_missing_bytes_are_refused():
    fill()
    made = backup()
    assert check(made).rows > 50
    places = [*range(0, len(made), FLIPS), *range(len(made) - 200, len(made))]
    assert len(places) > 200
    for place in places:
        damaged = bytearray(made)
        damaged[place] ^= 1 << place % 8
        with pytest.raises(BadArchive):
            check(bytes(damaged))
    for length in {0, 1, 3, 4, 63, 64, 65, *places, len(made) - 1} - {len(made)}:
        with pytest.raises(BadArchive):
            check(made[:length])
    with pytest.raises(BadArchive):
        check(made + b"\0")


def of_manifest(**changes):
    """A change of an archive: these values in its manifest."""

    def change(name: str, content: bytes) -> bytes:
        if name != "manifest.json":
            return content
        return json.dumps({**json.loads(content), **changes}).encode()

    return change


def test_other_archives_are_refused():
    made = backup()
    newer = [["chat", "0001_initial"], ["chat", "9999_of_tomorrow"]]
    refused: list[tuple[type[Exception], dict[str, Any], str]] = [
        (NewerArchive, {"version": 3}, "newer format"),
        (NewerArchive, {"release": "99.0"}, "newer release 99.0"),
        (NewerArchive, {"migrations": newer}, "chat.9999_of_tomorrow"),
        (BadArchive, {"format": "another"}, "not a backup of Daesa"),
        (BadArchive, {"tables": {}}, "its files are not"),
        (BadArchive, {"tables": []}, "cannot be read"),
        (BadArchive, {"release": "of yesterday"}, "names no release"),
        (BadArchive, {"created_at": "soon"}, "cannot be read"),
        (BadArchive, {"more": 1}, "cannot be read"),
    ]
    for kind, changes, said in refused:
        with pytest.raises(kind, match=said):
            check(rewritten(made, of_manifest(**changes)))


def test_a_table_that_is_not_what_the_manifest_says_is_refused():
    def without_a_line(name: str, content: bytes) -> bytes:
        return content.partition(b"\n")[2] if "content_type" in name else content

    with pytest.raises(BadArchive, match="django_content_type is not what the manifest says"):
        check(rewritten(backup(), without_a_line))


@pytest.mark.parametrize("text", [b"", b"PK", b"-- a dump\n" * 100, b"age-encryption.org/v1\n" * 9])
def test_other_files_are_refused(text):
    with pytest.raises(BadArchive, match="not a backup of Daesa"):
        check(text)


def test_another_zip_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as other:
        other.writestr("manifest.json", "{}")
    with pytest.raises(BadArchive, match="its digest differs"):
        check(file.getvalue())


def test_it_is_an_ordinary_zip():
    with zipfile.ZipFile(io.BytesIO(backup())) as found:
        assert found.testzip() is None
        manifest = json.loads(found.read("manifest.json"))
    assert manifest["format"] == "daesa-backup"
    assert "django_session" in manifest["tables"]
    assert "SECRET_KEY" not in json.dumps(manifest)
