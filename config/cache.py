"""The cache, in the process or in Redis. It holds only data that may be lost (counts of sign-in
attempts and of writes), so while Redis is away nothing is counted and requests go on.

Both have `count`, which is exact under concurrency. Django's `incr` for Redis makes two round trips
and fails for a new key.
"""

import logging
from datetime import timedelta
from typing import Any, cast

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

from config import redis_url

logger = logging.getLogger(__name__)

Key = str | bytes | memoryview
Expiry = int | timedelta | None


class _ForgivingClient(RedisCacheClient):
    _servers: list[str]
    _pools: dict[int, Any]
    _pool_options: dict[str, Any]

    def _get_connection_pool(self, write: bool) -> Any:  # noqa: ARG002, FBT001 - as in Django
        """Django's reads URLs of single servers only."""
        if not self._pools:
            self._pools[0] = redis_url.connection_pool(self._servers[0], **self._pool_options)
        return self._pools[0]

    def add(self, key: Key, value: Any, timeout: Expiry) -> bool:
        try:
            return bool(super().add(key, value, timeout))
        except RedisError as error:
            _log(error)
            return True

    def get(self, key: Key, default: Any) -> Any:
        try:
            return super().get(key, default)
        except RedisError as error:
            _log(error)
            return default

    def set(self, key: Key, value: Any, timeout: Expiry) -> None:
        try:
            super().set(key, value, timeout)
        except RedisError as error:
            _log(error)

    def delete(self, key: Key) -> bool:
        try:
            return bool(super().delete(key))
        except RedisError as error:
            _log(error)
            return False

    def count(self, key: Key, seconds: int, by: int) -> int:
        try:
            both = self.get_client(key, write=True).pipeline()
            both.incrby(key, by)
            both.expire(key, seconds)
            return int(both.execute()[0])
        except RedisError as error:
            _log(error)
            return 0


def _log(error: RedisError) -> None:
    logger.warning("cache unavailable: %s", type(error).__name__)


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache; while Redis is away, reads miss and writes do nothing."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        options = {"socket_connect_timeout": 1, "socket_timeout": 1, **params.get("OPTIONS", {})}
        # A text would be divided at its commas, which passwords and Sentinel's URLs have.
        servers = [server] if isinstance(server, str) else server
        super().__init__(servers, {**params, "OPTIONS": options})
        self._class = _ForgivingClient

    def count(self, key: str, *, seconds: int, by: int = 1) -> int:
        """Adds to a count in one round trip and returns it; it expires after `seconds`. 0 while
        Redis is away.
        """
        client = cast("_ForgivingClient", self._cache)
        return client.count(self.make_and_validate_key(key), seconds, by)


class LocalCache(LocMemCache):
    """Django's in-process cache, with `count`."""

    def count(self, key: str, *, seconds: int, by: int = 1) -> int:
        """As `ForgivingRedisCache.count`."""
        self.add(key, 0, seconds)
        try:
            return self.incr(key, by)
        except ValueError:  # evicted in between
            return by
