"""The bytes of attachments: below DATA_DIR, or in a bucket (`ATTACHMENT_BUCKET`). Each has a random
key, and is written once. Whatever fails is `StorageFailed`, and is logged by its kind alone.
"""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from chat.attachments.errors import StorageFailed
from config.db.connections import release_connection

logger = logging.getLogger(__name__)

_KEY = re.compile("[0-9a-f]{2}/[0-9a-f]{32}")


def new_key() -> str:
    """In one of 256 folders, so that none has too many files."""
    name = uuid4().hex
    return f"{name[:2]}/{name}"


def is_key(name: str) -> bool:
    return bool(_KEY.fullmatch(name))


def write(key: str, content: bytes) -> None:
    """Raises `StorageFailed`; then a part of it may be there."""
    with _failing("written"):
        stored = _storage().save(key, ContentFile(content))
        if stored != key:  # the key is random: it would be a bug
            raise OSError("the key is taken")


def read(key: str) -> bytes:
    """Raises `StorageFailed`, also where there is no such file."""
    with _failing("read"), _storage().open(key) as file:
        content: bytes = file.read()
        return content


def delete(key: str) -> None:
    """Does nothing where there is no such file. Raises `StorageFailed`."""
    with _failing("deleted"):
        _storage().delete(key)


def _storage() -> Storage:
    return storages["attachments"]


@contextmanager
def _failing(what: str) -> Iterator[None]:
    release_connection()
    try:
        yield
    except Exception as error:
        if not isinstance(error, _kinds()):
            raise
        logger.warning("attachment not %s: %s", what, type(error).__name__)
        raise StorageFailed from error


def _kinds() -> tuple[type[Exception], ...]:
    """How disks and buckets fail. Boto is imported only where it is used, since that takes time."""
    if "botocore" not in sys.modules:
        return (OSError,)
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    return (OSError, BotoCoreError, ClientError)
