"""What is counted of a personal token: the units of its user's allowance that were taken with it,
exactly, and roughly when it was last used.

`chat.turns` runs the statements in the transaction (on PostgreSQL in the statement) that takes or
returns the unit, after it has locked the user's row and the ledger's. Revoking locks the user's
row, too: once a token is revoked, no question is stored with it.
"""

import logging
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db import Error, connection
from django.utils import timezone

from accounts.personal_tokens.models import PersonalToken
from config import background
from config.db.sql import execute

# `last_used_at` is stored at most once in this time, so that most requests write nothing.
LAST_USE_EVERY = timedelta(minutes=5)
# A condition for the statement that takes the user's unit; its value is the token's id.
IS_THERE = "EXISTS (SELECT 1 FROM accounts_personaltoken WHERE accounts_personaltoken.id = %s)"
_COUNT = """
UPDATE accounts_personaltoken SET used = used + 1, used_on = %s, last_used_at = %s,
  used_today = CASE WHEN used_on = %s THEN used_today + 1 ELSE 1 END
WHERE id = %s
"""
_GIVE_BACK = """
UPDATE accounts_personaltoken SET used = used - 1,
  used_today = CASE WHEN used_on = %s THEN used_today - 1 ELSE used_today END
WHERE id = %s AND used > 0
"""

logger = logging.getLogger(__name__)


def access_id(token_id: int) -> str:
    """What names the streams that were opened with the token (`accounts.sessions.access_id`)."""
    return f"token:{token_id}"


def count_statement(token_id: int, day: date) -> tuple[str, list[Any]]:
    """The statement that counts a unit of a day, with its values."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    return _COUNT, [day, now, day, token_id]


def give_back(token_id: int, day: date) -> None:
    """Counts a unit of a day no more. Does nothing where the token has been revoked."""
    execute(_GIVE_BACK, [day, token_id])


def is_there(token_id: int) -> bool:
    return PersonalToken.objects.filter(pk=token_id).exists()


def note_last_use(token_id: int) -> None:
    """In the background, since it is no matter of the request: that may only read, and must not
    wait for a lock or fail with it.
    """
    background.run(partial(_store_last_use, token_id))


def _store_last_use(token_id: int) -> None:
    now = timezone.now()
    try:
        token = PersonalToken.objects.filter(pk=token_id)
        token.exclude(last_used_at__gt=now - LAST_USE_EVERY).update(last_used_at=now)
    except Error as error:
        logger.warning("last use of token %s not stored: %s", token_id, type(error).__name__)
