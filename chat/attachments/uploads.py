"""Storing what a user uploads."""

import hashlib
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chat import metrics
from chat.attachments import discarding, files
from chat.attachments.conversion import Converted, convert
from chat.attachments.errors import AttachmentsOff, StorageFull
from chat.attachments.models import LONGEST_FILE_NAME, Attachment
from chat.token_estimate import PICTURE_TOKENS, most_tokens
from config.api.problems import Problem
from config.db.locks import lock_user
from config.file_names import file_name

if TYPE_CHECKING:
    from accounts.models import User

_SPACE_OF_ONE = 4096  # bytes that a file takes besides its content, as limits count it
_EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "application/pdf": "pdf"}


def upload(user: "User", data: bytes, name: str) -> Attachment:
    """The user's new attachment, of no question yet. What the user has uploaded before is neither
    read nor stored again.

    Raises `AttachmentsOff`, `StorageFull`, or what `convert` and `files` raise; then nothing is
    kept.
    """
    try:
        attachment = _upload(user, data, name)
    except Problem as problem:
        metrics.uploaded(problem.code)
        raise
    metrics.uploaded(attachment.kind)
    return attachment


def _upload(user: "User", data: bytes, name: str) -> Attachment:
    if not settings.ATTACHMENT_STORAGE:
        raise AttachmentsOff
    digest = hashlib.sha256(data).hexdigest()
    if known := _uploaded_before(user, digest, name):
        return known
    _check_space(user)
    converted = convert(data, user_id=user.pk)
    key = files.new_key()
    discarding.expect(key)
    files.write(key, converted.content)
    return _store(user, converted, name=name, key=key, digest=digest)


def _store(user: "User", converted: Converted, *, name: str, key: str, digest: str) -> Attachment:
    with transaction.atomic(durable=True):
        lock_user(user)
        _check_space(user, len(converted.content))
        discarding.keep(key)
        return Attachment.objects.create(
            user=user,
            kind=converted.kind,
            name=_name(name, converted.content_type),
            content_type=converted.content_type,
            size=len(converted.content),
            width=converted.width,
            height=converted.height,
            tokens=_tokens(converted),
            key=key,
            digest=digest,
        )


def _uploaded_before(user: "User", digest: str, name: str) -> Attachment | None:
    """The same content under another row, unless one waits for its question already."""
    own = Attachment.objects.owned_by(user).filter(digest=digest)
    if not own.exists():  # without a transaction: on SQLite that would lock
        return None
    with transaction.atomic(durable=True):
        lock_user(user)
        found = own.select_for_update().order_by("-pk").first()
        if found is None:
            return None
        if found.chat_id is not None:
            copy(found)
        found.name, found.created_at = _name(name, found.content_type), timezone.now()
        found.save()
        return found


def copy(attachment: Attachment) -> None:
    """Makes of a loaded row, which must be locked, one that is not stored yet."""
    attachment.pk, attachment.chat = None, None
    attachment._state.adding = True  # noqa: SLF001 - Django documents it for copies


def space_used(user: "User") -> int:
    """Bytes. Content that several questions share counts once."""
    contents = Attachment.objects.owned_by(user).order_by().values_list("key", "size").distinct()
    return sum(size + _SPACE_OF_ONE for _key, size in contents)


def _check_space(user: "User", more: int = 0) -> None:
    used = space_used(user)
    if used + more + _SPACE_OF_ONE > settings.ATTACHMENT_STORAGE:
        raise StorageFull(used=used, limit=settings.ATTACHMENT_STORAGE)


def _tokens(converted: Converted) -> int:
    if converted.kind == Attachment.Kind.IMAGE:
        return PICTURE_TOKENS
    return most_tokens(converted.content.decode())


def _name(given: str, content_type: str) -> str:
    """A name that any file system takes, without folders."""
    clean = file_name(given.replace("\\", "/").rpartition("/")[2]).strip(" .")
    extension = _EXTENSIONS.get(content_type, "txt")
    return clean[:LONGEST_FILE_NAME] or f"file.{extension}"
