"""Compares the connections that all workers may open with those that PostgreSQL allows their role,
or behind PgBouncer the role's time limits with those of the settings.
`python -m config.db.postgresql.capacity` prints as JSON what is logged at start.
"""

import json
import os
import sys
from typing import Any

import psycopg2

_CONNECT_SECONDS = 3
# Reserved slots and limits of the role or the database do not apply to superusers.
# `reserved_connections` exists since PostgreSQL 16.
_ALLOWED = """
    SELECT least(
        current_setting('max_connections')::int,
        CASE WHEN NOT rolsuper THEN current_setting('max_connections')::int
            - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true), '0')::int END,
        CASE WHEN NOT rolsuper AND rolconnlimit >= 0 THEN rolconnlimit END,
        CASE WHEN NOT rolsuper AND datconnlimit >= 0 THEN datconnlimit END
    )
    FROM pg_roles, pg_database
    WHERE rolname = current_user AND datname = current_database()
"""


def allowed_connections() -> int:
    """The most connections that the server allows our role. Raises psycopg2's errors."""
    return int(_fetch(_ALLOWED)[0][0])


def role_limits() -> dict[str, int]:
    """The time limits of our role, in milliseconds; 0: none. Raises psycopg2's errors."""
    names = "'lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout'"
    return dict(_fetch(f"SELECT name, setting::int FROM pg_settings WHERE name IN ({names})"))  # noqa: S608


def _fetch(statement: str) -> list[tuple[Any, ...]]:
    from django.db import connection  # noqa: PLC0415 - needs the settings

    # Not from the pool, which waits if the server is full.
    params: dict[str, Any] = {
        **connection.get_connection_params(),
        "connect_timeout": _CONNECT_SECONDS,
    }
    own = psycopg2.connect(**params)
    try:
        with own.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())
    finally:
        own.close()


def compare(*, workers: int, pool: int, allowed: int) -> tuple[bool, str]:
    """Whether the connections suffice, and the message to log."""
    most = workers * (pool + 1)
    message = (
        f"PostgreSQL connections: {workers} worker(s) with DATABASE_POOL={pool}, and one each for "
        f"heartbeats, open {most} at most; the server gives {allowed}"
    )
    if most <= allowed:
        return True, message
    share = max(1, allowed * 4 // 5 // workers - 1)
    return False, f"{message}. Set DATABASE_POOL={share} or less, or raise the server's limit"


def compare_limits(*, workers: int, pool: int, wanted: dict[str, int]) -> tuple[bool, str]:
    """Whether each limit that is wanted is the role's own, and the message to log."""
    message = (
        f"PgBouncer: {workers} worker(s) with DATABASE_POOL={pool}, and one each for heartbeats, "
        f"open {workers * (pool + 1)} connections to it at most (its max_client_conn)"
    )
    actual = role_limits()
    missing = [name for name in wanted if not actual.get(name)]
    if not missing:
        return True, message
    alter = "; ".join(f"ALTER ROLE CURRENT_USER SET {name} = {wanted[name]}" for name in missing)
    return False, f"{message}. Its role in PostgreSQL has no limits of time: {alter}"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings  # noqa: PLC0415

    workers = settings.WEB_CONCURRENCY
    pool = settings.DATABASES["default"]["OPTIONS"]["POOL_SIZE"]
    try:
        if settings.DATABASE_PGBOUNCER:
            wanted = settings.DATABASE_TIME_LIMITS
            fits, message = compare_limits(workers=workers, pool=pool, wanted=wanted)
        else:
            fits, message = compare(workers=workers, pool=pool, allowed=allowed_connections())
    except Exception as error:  # noqa: BLE001 - must not stop the start
        fits, message = (
            False,
            f"PostgreSQL did not say its connection limit: {type(error).__name__}",
        )
    sys.stdout.write(json.dumps([fits, message]))


if __name__ == "__main__":
    main()
