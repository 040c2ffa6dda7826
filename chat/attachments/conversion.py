"""Runs `convert` for one file: at most so many at once, and one of a user, so that nobody's uploads
keep those of others waiting. Each has bounds on time and memory.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from chat.attachments.errors import ConversionBusy, NotReadable
from config.db.connections import release_connection
from config.offload import CORES

MOST_PIXELS = 50_000_000
MOST_CHARACTERS = 200_000  # of a text; a question can hold far fewer
CPU_SECONDS = 20
_SECONDS = 40.0  # of wall-clock time, which is longer on a busy machine
_WAIT = 20.0  # seconds that an upload waits for others
_PROGRAM = Path(__file__).with_name("convert.py")

_running = threading.BoundedSemaphore(CORES)
# Locks by the id of the user. A lock is dropped when no upload of the user uses it.
_of_users: WeakValueDictionary[int, Any] = WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Converted:
    """What is kept of a file. `kind` is `image` or `text`; `content_type` is that of the content,
    for a text that of the file. A text's content is UTF-8.
    """

    kind: str
    content_type: str
    content: bytes
    width: int | None = None
    height: int | None = None


def convert(data: bytes, *, user_id: int) -> Converted:
    """Raises `NotReadable`, or `ConversionBusy` where too many others are being read, or others of
    the same user. Holds no database connection meanwhile.
    """
    release_connection()
    of_user = _of_users.setdefault(user_id, threading.Lock())
    with _held(of_user), _held(_running):
        output = _run(data)
    head, _, content = output.partition(b"\n")
    try:
        found = json.loads(head)
    except ValueError:
        raise NotReadable("too_much_work") from None  # it was killed while it wrote
    if reason := found.get("refused"):
        raise NotReadable(reason)
    return Converted(
        kind=found["kind"],
        content_type=found["type"],
        content=content,
        width=found.get("width"),
        height=found.get("height"),
    )


@contextmanager
def _held(lock: Any) -> Iterator[None]:
    if not lock.acquire(timeout=_WAIT):
        raise ConversionBusy
    try:
        yield
    finally:
        lock.release()


def _run(data: bytes) -> bytes:
    """The output of the program. It gets no environment, so it has no secret to lose."""
    limits = map(str, (MOST_PIXELS, MOST_CHARACTERS, CPU_SECONDS))
    command = [sys.executable, "-I", "-B", str(_PROGRAM), *limits]
    try:
        done = subprocess.run(  # noqa: S603 # nosec B603 - our own program, and no shell
            command, input=data, capture_output=True, timeout=_SECONDS, env={}, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotReadable("too_much_work") from None
    if done.returncode < 0:  # killed by the limit of its time, or crashed
        raise NotReadable("too_much_work")
    if done.returncode:
        raise NotReadable("unreadable")
    return done.stdout
