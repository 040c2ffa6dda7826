"""The ledger of daily use: who may ask today, exactly, under any concurrency and on every door.

A unit is one row's conditional UPDATE (`used < limit`), in the transaction that stores the
question; `chat.turns` takes it and settles it. Nothing else writes `DailyUsage`. The day is the
local one of `TIME_ZONE` and turns at its midnight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from chat import metrics
from chat.models import DailyUsage
from chat.problems import QuotaExhausted, TooManyStreams
from config.api.problems import Problem

if TYPE_CHECKING:
    from accounts.models import User

_DAY_SECONDS = 86_400

_USED = "SELECT used FROM chat_dailyusage WHERE user_id = %s AND day = %s"

# One statement for the day's first unit and for every later one. The SELECT keeps a limit of zero
# from inserting, and somebody with too many open answers; the last WHERE is evaluated again on the
# newest row version when two meet.
_TAKE = """
INSERT INTO chat_dailyusage (user_id, day, used)
SELECT %s, %s, 1 WHERE %s > 0 AND %s > (
  SELECT count(*) FROM chat_reply WHERE user_id = %s AND status = 'streaming'
)
ON CONFLICT (user_id, day) DO UPDATE SET used = chat_dailyusage.used + 1
WHERE chat_dailyusage.used < %s
RETURNING used
"""

# On PostgreSQL a statement sees what was there when it began. So whoever takes a unit first waits
# for whoever of the same person does so just now, and only then counts the open answers.
LOCK = "SELECT 1 FROM accounts_user WHERE id = %s FOR NO KEY UPDATE"


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody's use of a day; `resets_at` is the local midnight that ends it."""

    day: date
    limit: int
    used: int
    resets_at: datetime

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    def seconds_left(self) -> int:
        return max(1, int((self.resets_at - timezone.now()).total_seconds()) + 1)

    def headers(self) -> dict[str, str]:
        """RateLimit and RateLimit-Policy (IETF draft-ietf-httpapi-ratelimit-headers)."""
        return {
            "RateLimit": f'"daily";r={self.remaining};t={self.seconds_left()}',
            "RateLimit-Policy": f'"daily";q={self.limit};w={_DAY_SECONDS}',
        }

    def as_dict(self) -> dict[str, object]:
        return {
            "limit": self.limit,
            "used": self.used,
            "remaining": self.remaining,
            "resets_at": self.resets_at,
        }


def limit_of(user: "User") -> int:
    return settings.DAILY_CHAT_LIMIT if user.daily_limit is None else user.daily_limit


def standing(user: "User") -> Standing:
    """Where somebody stands today."""
    day = timezone.localdate()
    with connection.cursor() as cursor:  # each answer under /chat tells it, so not by the ORM
        cursor.execute(_USED, [user.pk, day])
        row = cursor.fetchone()
    return standing_of(user, day, row[0] if row else 0)


def refuse_early(user: "User") -> None:
    """Raises `QuotaExhausted` where nothing is left, without waiting for the right to write: SQLite
    has one writer at a time, for which those who cannot ask any more must not stand in line.
    """
    if connection.vendor == "sqlite" and not (spent := standing(user)).remaining:
        raise _exhausted(spent)


def today() -> date:
    """The local day, whose unit is taken."""
    return timezone.localdate()


def reserve(*, user: "User") -> Standing:
    """Take one of today's units. Raises `QuotaExhausted`, or `TooManyStreams` where as many answers
    as may be are being written for this person; then nothing was taken.

    To be called in the transaction that stores the question, so that both stand or fall together.
    """
    day = today()
    take, values = taking(user, day)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            take, values = f"{LOCK}; {take}", [user.pk, *values]
        cursor.execute(take, values)
        row: Sequence[int] | None = cursor.fetchone()
    if row is None:
        raise refusal(user)
    return standing_of(user, day, row[0])


def taking(user: "User", day: date) -> tuple[str, list[Any]]:
    """The statement that takes a unit, with its values. It returns what is used by then, or no row
    where nothing was taken. On PostgreSQL it needs `LOCK` before it.
    """
    limit = limit_of(user)
    return _TAKE, [user.pk, day, limit, settings.MAX_STREAMS_PER_USER, user.pk, limit]


def refusal(user: "User") -> Problem:
    """Why nothing was taken."""
    spent = standing(user)
    return TooManyStreams() if spent.remaining else _exhausted(spent)


def give_back(*, user_id: int, day: date) -> None:
    """Return a unit to the day it was taken from. Call it once per unit: see `turns.fail_turn`."""
    DailyUsage.objects.filter(user_id=user_id, day=day, used__gt=0).update(used=F("used") - 1)


def standing_of(user: "User", day: date, used: int) -> Standing:
    """Where somebody stands who has used so much of a day."""
    midnight = datetime.combine(
        day + timedelta(days=1), time.min, tzinfo=timezone.get_current_timezone()
    )
    return Standing(day=day, limit=limit_of(user), used=used, resets_at=midnight)


def _exhausted(spent: Standing) -> QuotaExhausted:
    metrics.quota_refused()
    return QuotaExhausted(
        headers={
            **spent.headers(),
            "Retry-After": str(spent.seconds_left()),
            "x-should-retry": "false",  # the openai package would ask again at once
        },
        quota={**spent.as_dict(), "resets_at": spent.resets_at.isoformat()},
    )


class DailyQuota(BaseThrottle):
    """Declares that a view answers within the daily allowance, and puts it into the fields of
    every answer.

    It refuses nothing by itself: throttles run before the body and the Idempotency-Key have been
    looked at, and a refusal there would hit the retry of a question that was already answered.
    The unit is taken by `turns.start_turn`, whichever door calls it.
    """

    def allow_request(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        return True

    @staticmethod
    def fields(request: Request) -> dict[str, str]:
        """The RateLimit fields for an answer to `request`."""
        known: Standing | None = getattr(request, "standing", None)
        return (known or standing(cast("User", request.user))).headers()
