"""Ends a user's answers and streams, in all processes, when the user's access ends: the receivers
of the signals of `accounts`.

The answers of a deactivated or deleted user are interrupted, and so not charged: the server ended
them. A new password ends the open streams, since a person who knows the former one may have opened
them; clients with a live session or token resume. Revoking a personal token ends the streams that
were opened with it. The answers themselves continue.
"""

from typing import Any

from accounts.signals import access_ended, credentials_changed, personal_token_ended
from chat.live.redis_relay import ANSWERS, READERS, end_here, relay


def connect() -> None:
    access_ended.connect(_end_answers, dispatch_uid="chat.end_answers")
    credentials_changed.connect(_end_readers, dispatch_uid="chat.end_readers")
    personal_token_ended.connect(_end_readers_of_token, dispatch_uid="chat.end_readers_of_token")


def _end_answers(user_id: int, **_kwargs: Any) -> None:
    _end(user_id, ANSWERS)


def _end_readers(user_id: int, **_kwargs: Any) -> None:
    _end(user_id, READERS)


def _end_readers_of_token(user_id: int, token_id: int, **_kwargs: Any) -> None:
    _end(user_id, READERS, personal_token_id=token_id)


def _end(user_id: int, what: str, *, personal_token_id: int | None = None) -> None:
    end_here(user_id, what, personal_token_id=personal_token_id)
    if relay:
        relay.request_end(user_id, what, personal_token_id=personal_token_id)
