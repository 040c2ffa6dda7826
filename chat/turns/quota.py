"""The ledger of daily use: which user may ask today, exactly, under any concurrency and at every
endpoint.

A unit is taken by one conditional UPDATE of the user's row (`used < limit`), in the transaction
that stores the question (`chat.turns.store_start`), and settled by `chat.turns.finish`. Besides
this module only `chat.turns.carryover` writes `DailyUsage`. The day is the local one of `TIME_ZONE`
and ends at its midnight. ADR 0002 says what is charged.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.models import User
from accounts.personal_tokens import usage
from accounts.plans.limits import daily_limit_of
from accounts.tokens import InvalidToken
from chat import metrics
from chat.live.errors import TooManyStreams
from chat.models import DailyUsage, Reply, Status
from chat.turns import site_budget
from chat.turns.errors import QuotaExhausted
from chat.turns.types import QuotaStatus
from config.api.times import midnight_after
from config.api.users import request_user
from config.db.sql import execute, fetch_one, is_postgresql

_USED = "SELECT used FROM chat_dailyusage WHERE user_id = %s AND day = %s"
_USED_BY_BOTH = f"SELECT coalesce(({_USED}), 0), {site_budget.USED}"

# One statement for the day's first unit and for every later one. The SELECT inserts nothing where
# the limit is zero or the user has too many open answers. PostgreSQL evaluates the last WHERE again
# on the newest version of the row when two requests meet.
# The limit is read from the user's row here, not from the object that the request has loaded: staff
# may have changed it meanwhile. It is the one of `accounts.plans.limits`.
_LIMIT = "(SELECT coalesce(daily_limit, plan_daily_limit, %s) FROM accounts_user WHERE id = %s)"
_TAKE = f"""
INSERT INTO chat_dailyusage (user_id, day, used)
SELECT %s, %s, 1 WHERE {{conditions}}
ON CONFLICT (user_id, day) DO UPDATE SET used = chat_dailyusage.used + 1
WHERE chat_dailyusage.used < {_LIMIT}
RETURNING used
"""
_OPEN = "(SELECT count(*) FROM chat_reply WHERE user_id = %s AND status = 'streaming')"
_MAY_ASK = f"{_LIMIT} > 0 AND %s > {_OPEN}"

# The same for a turn that is free: it counts as a unit that was given back.
_TAKE_FREE = """
INSERT INTO chat_dailyusage (user_id, day, used, refunded)
SELECT %s, %s, 0, 1 WHERE {conditions} AND %s > 0
ON CONFLICT (user_id, day) DO UPDATE SET refunded = chat_dailyusage.refunded + 1
WHERE chat_dailyusage.refunded < %s
RETURNING used
"""

# Locks the user's row, so that requests of one user run one after another: a statement of
# PostgreSQL sees the rows as they were when it began, so the open answers must be counted by a
# statement that begins after the lock is held.
LOCK_USER = "SELECT 1 FROM accounts_user WHERE id = %s FOR NO KEY UPDATE"


def status(user: User) -> QuotaStatus:
    """A user's use of today. By hand-made SQL, since each response under /chat shows it."""
    day = timezone.localdate()
    if site_budget.is_on():
        used, site_used = fetch_one(_USED_BY_BOTH, [user.pk, day, day]) or (0, 0)
        return status_with(user, day, used, site_used or 0)
    row = fetch_one(_USED, [user.pk, day])
    return status_with(user, day, row[0] if row else 0)


def used_today(ids: Collection[int]) -> dict[int, int]:
    """The units that these users have used today, of those who have used any."""
    rows = DailyUsage.objects.filter(user__in=ids, day=timezone.localdate())
    return dict(rows.values_list("user_id", "used"))


def status_with(user: User, day: date, used: int, site_used: int | None = None) -> QuotaStatus:
    """The status of a user who has used `used` units of a day, and all users `site_used`."""
    return QuotaStatus(
        day=day,
        limit=daily_limit_of(user),
        used=used,
        resets_at=midnight_after(day),
        site_left=site_budget.left(site_used) if site_budget.is_on() else None,
    )


def refuse_early(user: User) -> None:
    """On SQLite: raises `QuotaExhausted` or `SiteLimitReached` where no unit is left, without
    waiting for the database's one writer. Requests that must be refused would else queue for it.
    """
    if is_postgresql():
        return
    spent = status(user)
    if not spent.remaining:
        raise _exhausted(spent)
    if spent.site_left == 0:
        raise site_budget.refusal()


def reserve(*, user: User) -> QuotaStatus:
    """Take one of today's units. Raises `QuotaExhausted`, `SiteLimitReached`, or `TooManyStreams`
    where the user has as many open answers as allowed, or `InvalidToken` where the personal token
    of the request was revoked meanwhile; then nothing was taken.

    Call it in the transaction that stores the question, so that both are stored or neither.
    """
    day = timezone.localdate()
    row = _take(user, take_statement(user, day))
    if row is None:
        raise refusal(user)
    site_used = site_budget.take(day) if site_budget.is_on() else None
    if user.personal_token_id:
        execute(*usage.count_statement(user.personal_token_id, day))
    return status_with(user, day, row[0], site_used)


def admit(user: User) -> QuotaStatus:
    """Check what `reserve` checks, for a turn that takes no unit: it needs no unit that is left.
    Raises `QuotaExhausted` where the user may not ask at all, `TooManyStreams` or `InvalidToken`.

    Call it in the transaction that stores the turn.
    """
    if is_postgresql():
        fetch_one(LOCK_USER, [user.pk])
    if user.personal_token_id and not usage.is_there(user.personal_token_id):
        raise InvalidToken
    _read_limit(user)
    current = status(user)
    if not current.limit:
        raise _exhausted(current)
    streaming = Reply.objects.filter(user=user, status=Status.STREAMING)
    if streaming.count() >= settings.MAX_STREAMS_PER_USER:
        raise TooManyStreams
    return current


def admit_free(user: User) -> QuotaStatus | None:
    """Admit a turn that is free although it is a question: small talk, or one that a stored answer
    answers. It needs no unit that is left, of the user or the site, and counts as one that was
    given back. None: so many units were given back today that it takes one like any other question.

    Raises what `admit` raises. Call it in the transaction that stores the turn.
    """
    day = timezone.localdate()
    if row := _take(user, free_statement(user, day)):
        return status(user) if site_budget.is_on() else status_with(user, day, row[0])
    admit(user)  # raises if that is why nothing was counted
    return None


def take_statement(user: User, day: date, *, only_if: str = "") -> tuple[str, list[Any]]:
    """The statement that takes one of the user's units, with its values. It returns the units used
    then, or no row where nothing was taken. `only_if` is a further condition (SQL).

    On PostgreSQL run `LOCK_USER` before it. Where the site has a budget, also take a unit of that
    (`site_budget.take_statement`), and where the request has a personal token, count it
    (`usage.count_statement`).
    """
    limit = [settings.DAILY_CHAT_LIMIT, user.pk]
    values = [user.pk, day, *limit, settings.MAX_STREAMS_PER_USER, user.pk]
    conditions = [_MAY_ASK]
    if site_budget.is_on():
        conditions.append(site_budget.HAS_UNITS_LEFT)
        values += site_budget.condition(day)
    if user.personal_token_id:
        conditions.append(usage.IS_THERE)
        values.append(user.personal_token_id)
    if only_if:
        conditions.append(only_if)
    return _TAKE.format(conditions=" AND ".join(conditions)), [*values, *limit]


def free_statement(user: User, day: date, *, only_if: str = "") -> tuple[str, list[Any]]:
    """Like `take_statement` for a turn that is free (`admit_free`). No row: the turn takes a unit
    like any other, or is refused.
    """
    values = [user.pk, day, settings.DAILY_CHAT_LIMIT, user.pk]
    values += [settings.MAX_STREAMS_PER_USER, user.pk]
    conditions = [_MAY_ASK]
    if user.personal_token_id:
        conditions.append(usage.IS_THERE)
        values.append(user.personal_token_id)
    if only_if:
        conditions.append(only_if)
    most = settings.DAILY_REFUND_LIMIT
    return _TAKE_FREE.format(conditions=" AND ".join(conditions)), [*values, most, most]


def refusal(user: User) -> APIException:
    """The reason for which `take_statement` took nothing."""
    if user.personal_token_id and not usage.is_there(user.personal_token_id):
        return InvalidToken()
    began = status(user)
    _read_limit(user)
    spent = replace(began, limit=daily_limit_of(user))
    for known in (spent, began):  # the limit may have been raised since nothing was taken
        if not known.remaining:
            return _exhausted(known)
    return site_budget.refusal() if spent.site_left == 0 else TooManyStreams()


def give_back(*, user_id: int, day: date, personal_token_id: int | None = None) -> bool:
    """Return a unit to the day it was taken from, to the user and to the site, and count it no more
    for the token. Call it once per unit: see `finish.fail_turn`. False: nothing was returned, since
    `DAILY_REFUND_LIMIT` units of that day have been given back already.
    """
    refundable = DailyUsage.objects.filter(
        user_id=user_id, day=day, used__gt=0, refunded__lt=settings.DAILY_REFUND_LIMIT
    )
    if not refundable.update(used=F("used") - 1, refunded=F("refunded") + 1):
        return False
    if site_budget.is_on():
        site_budget.give_back(day)
    if personal_token_id:
        usage.give_back(personal_token_id, day)
    return True


def _take(user: User, statement: tuple[str, list[Any]]) -> tuple[Any, ...] | None:
    """The row of such a statement, run with the user's row locked."""
    take, values = statement
    if is_postgresql():
        take, values = f"{LOCK_USER}; {take}", [user.pk, *values]
    return fetch_one(take, values)


def _read_limit(user: User) -> None:
    """Staff may have changed it since the request began. A user who is gone keeps the old one."""
    rows = User.objects.filter(pk=user.pk).values_list("daily_limit", "plan_daily_limit")
    if limits := rows.first():
        user.daily_limit, user.plan_daily_limit = limits


def _exhausted(spent: QuotaStatus) -> QuotaExhausted:
    metrics.quota_refused()
    return QuotaExhausted(
        headers={
            **spent.headers(),
            "Retry-After": str(spent.seconds_left()),
            "x-should-retry": "false",  # the openai package would retry at once
        },
        quota={**spent.as_dict(), "resets_at": spent.resets_at.isoformat()},
    )


class DailyQuota(BaseThrottle):
    """Declares that a view is subject to the daily allowance, and puts it into the headers of every
    response.

    It refuses nothing itself: throttles run before the body and the Idempotency-Key have been read,
    and a refusal there would hit the retry of a question that was already answered. The unit is
    taken by `start.start_turn`.
    """

    def allow_request(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        return True

    @staticmethod
    def headers(request: Request) -> dict[str, str]:
        """The RateLimit headers for the response to `request`."""
        known: QuotaStatus | None = getattr(request, "quota_status", None)
        return (known or status(request_user(request))).headers()
