"""Whether all machines of a site have the same settings, where they must: each start compares its
own with those of the last start, which Redis keeps. `python -m config.same_settings` prints the
warnings as JSON; gunicorn logs them.

Redis keeps digests made with SECRET_KEY, not the values. If they are lost, the next start stores
its own. A machine with another SECRET_KEY cannot compare the other settings.
"""

import hashlib
import hmac
import json
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

KEY = "daesa:settings"
# If two machines had different values, a user's day, allowance or sign-in would depend on which of
# them answers.
NAMES = (
    *("TIME_ZONE", "DAILY_CHAT_LIMIT", "DAILY_REFUND_LIMIT", "SITE_DAILY_LIMIT"),
    *("CONTINUATION_UNITS", "MAX_STREAMS_PER_USER", "QUOTE_POLICY"),
    *("ANSWER_CACHE", "ANSWER_CACHE_SHARED", "ANSWER_CACHE_UNITS"),
    *("TITLE_MODEL", "FOLLOW_UPS"),
    *("DEFAULT_MODEL", "CHAT_MODELS", "PLAN_MODELS"),
    *("EMBEDDING_MODEL", "EMBEDDING_QUERY_PREFIX", "EMBEDDING_PASSAGE_PREFIX"),
    *("SIGNUP", "EMAIL_VERIFICATION"),
)
_SECRET = "SECRET_KEY"  # noqa: S105 - its name
_KEYS = "JWT_SIGNING_KEYS"
# The clock of another machine decides whether a heartbeat is older than 25 s (chat.turns.recover).
MOST_SECONDS_APART = 5.0

_OTHER_SIGNATURES = (
    "SECRET_KEY differs from that of the last start with this Redis, which is not in "
    "SECRET_KEY_FALLBACKS: each machine refuses the sessions and tokens of the other"
)
_OTHER_VALUES = (
    "these settings differ from those of the last start with this Redis: {}. All machines need the "
    "same values; after a change, restart all of them"
)
_OTHER_TIME = (
    "the clocks of this machine and of Redis are {:.0f} s apart. From 25 s on, machines end each "
    "other's answers: synchronize the clocks (NTP)"
)


def compare(client: Any, settings: Any) -> list[str]:
    """Returns the warnings, and stores this machine's settings. Raises redis-py's errors."""
    stored = {key.decode(): value.decode() for key, value in client.hgetall(KEY).items()}
    own = _digests(settings.SECRET_KEY, settings)
    client.hset(KEY, mapping=own)
    seconds, micros = client.time()
    return [*_differences(stored, own, settings), *_clock(seconds + micros / 1_000_000)]


def _differences(stored: Mapping[str, str], own: Mapping[str, str], settings: Any) -> list[str]:
    if not stored:
        return []
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    then = next((s for s in secrets if _of_secret(s) == stored.get(_SECRET)), None)
    if then is None:
        return [_OTHER_SIGNATURES]
    # With the secret of that start, so that a rotation of the secret hides no other difference.
    own = own if then == settings.SECRET_KEY else _digests(then, settings)
    names = [name for name in (_KEYS, *NAMES) if stored.get(name) not in {None, own[name]}]
    if not names:
        return []
    return [_OTHER_VALUES.format(", ".join(names))]


def _clock(of_redis: float) -> list[str]:
    apart = abs(time.time() - of_redis)
    if apart < MOST_SECONDS_APART:
        return []
    return [_OTHER_TIME.format(apart)]


def _digests(secret: str, settings: Any) -> dict[str, str]:
    values = {name: getattr(settings, name) for name in NAMES}
    # Derived keys follow from SECRET_KEY and its fallbacks.
    values[_KEYS] = [kid for kid, _ in settings.JWT_SIGNING_KEYS if not kid.startswith("s-")]
    digests = {name: _digest(secret, f"{name}={value!r}") for name, value in values.items()}
    return {**digests, _SECRET: _of_secret(secret)}


def _of_secret(secret: str) -> str:
    return _digest(secret, _SECRET)


def _digest(secret: str, text: str) -> str:
    key = hmac.new(secret.encode(), b"daesa.same-settings", hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings  # noqa: PLC0415

    from config import redis_url  # noqa: PLC0415

    options = {"socket_connect_timeout": 2, "socket_timeout": 2}
    try:
        with redis_url.client(settings.REDIS_URL, **options) as client:
            warnings = compare(client, settings)
    except Exception as error:  # noqa: BLE001 - must not stop the start
        warnings = [f"settings not compared with those of other machines: {type(error).__name__}"]
    sys.stdout.write(json.dumps(warnings))


if __name__ == "__main__":
    main()
