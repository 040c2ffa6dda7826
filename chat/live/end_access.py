"""Ends a user's answers and streams, in all processes, when the user's access ends: the receivers
of the signals of `accounts`.

The answers of a deactivated or deleted user are interrupted, and so not charged: the server ended
them. A new password ends the open streams, since a person who knows the former one may have opened
them; clients with a live session or token resume. The end of one session, or of one program's
tokens, ends the streams that were opened with it. The answers themselves continue.
"""

from typing import Any

from accounts.signals import access_ended, credentials_changed, session_ended
from chat.live.redis_relay import ANSWERS, READERS, end_here, relay


def connect() -> None:
    access_ended.connect(_end_answers, dispatch_uid="chat.end_answers")
    credentials_changed.connect(_end_readers, dispatch_uid="chat.end_readers")
    session_ended.connect(_end_readers_of, dispatch_uid="chat.end_readers_of")


def _end_answers(user_id: int, **_kwargs: Any) -> None:
    _end(user_id, ANSWERS)


def _end_readers(user_id: int, **_kwargs: Any) -> None:
    _end(user_id, READERS)


def _end_readers_of(user_id: int, access_id: str, **_kwargs: Any) -> None:
    _end(user_id, READERS, access_id)


def _end(user_id: int, what: str, access_id: str = "") -> None:
    end_here(user_id, what, access_id)
    if relay:
        relay.request_end(user_id, what, access_id)
