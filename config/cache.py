"""The cache on Redis. It holds only what may be forgotten (counts of sign-in attempts), so while
Redis is away it forgets, and requests go on.
"""

import logging
from datetime import timedelta
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

Key = str | bytes | memoryview
Expiry = int | timedelta | None


class _ForgivingClient(RedisCacheClient):
    def add(self, key: Key, value: Any, timeout: Expiry) -> bool:
        try:
            return bool(super().add(key, value, timeout))
        except RedisError as error:
            _tell(error)
            return True

    def get(self, key: Key, default: Any) -> Any:
        try:
            return super().get(key, default)
        except RedisError as error:
            _tell(error)
            return default

    def set(self, key: Key, value: Any, timeout: Expiry) -> None:
        try:
            super().set(key, value, timeout)
        except RedisError as error:
            _tell(error)

    def delete(self, key: Key) -> bool:
        try:
            return bool(super().delete(key))
        except RedisError as error:
            _tell(error)
            return False


def _tell(error: RedisError) -> None:
    logger.warning("cache unavailable: %s", type(error).__name__)


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache, whose reads miss and whose writes do nothing while Redis is away."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = {"socket_connect_timeout": 1, "socket_timeout": 1, **params.get("OPTIONS", {})}
        super().__init__(server, {**params, "OPTIONS": options})
        self._class = _ForgivingClient
