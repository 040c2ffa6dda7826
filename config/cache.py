"""The cache on Redis. It holds only what may be forgotten (counts of sign-in attempts), so while
Redis is away it forgets, and requests go on.
"""

import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class _ForgivingClient(RedisCacheClient):
    def add(self, key: str, value: Any, timeout: int | None) -> bool:
        try:
            return bool(super().add(key, value, timeout))
        except RedisError as error:
            return _away(error, otherwise=True)

    def get(self, key: str, default: Any) -> Any:
        try:
            return super().get(key, default)
        except RedisError as error:
            return _away(error, otherwise=default)

    def set(self, key: str, value: Any, timeout: int | None) -> None:
        try:
            super().set(key, value, timeout)
        except RedisError as error:
            _away(error)

    def delete(self, key: str) -> bool:
        try:
            return bool(super().delete(key))
        except RedisError as error:
            return _away(error, otherwise=False)


def _away(error: RedisError, *, otherwise: Any = None) -> Any:
    logger.warning("cache unavailable: %s", type(error).__name__)
    return otherwise


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache, whose reads miss and whose writes do nothing while Redis is away."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = {"socket_connect_timeout": 1, "socket_timeout": 1, **params.get("OPTIONS", {})}
        super().__init__(server, {**params, "OPTIONS": options})
        self._class = _ForgivingClient
