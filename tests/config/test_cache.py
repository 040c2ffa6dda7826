"""The cache in Redis: while Redis is away it forgets, and requests go on."""

import time

import pytest
from django.conf import settings as current
from rest_framework.test import APIClient

from config.cache import ForgivingRedisCache
from tests.factories import PASSWORD

AWAY = "redis://127.0.0.1:1/0"


@pytest.fixture
def away() -> ForgivingRedisCache:
    return ForgivingRedisCache(AWAY, {})


def test_away_it_forgets(away, caplog):
    assert away.get("count", 7) == 7
    assert away.get("count") is None
    away.set("count", 1, 60)
    assert away.get("count") is None
    assert away.add("lock", True, 60) is True  # a lock must not block for ever
    assert away.delete("lock") is False
    messages = {record.getMessage() for record in caplog.records}
    assert messages == {"cache unavailable: ConnectionError"}


def test_a_silent_redis_costs_a_second_and_no_more():
    import socket  # noqa: PLC0415 - only here

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        cache = ForgivingRedisCache(f"redis://127.0.0.1:{port}/0", {})
        start = time.monotonic()
        assert cache.get("count") is None
        assert time.monotonic() - start < 2.5


def test_people_sign_in_while_redis_is_away(alice, settings):
    settings.CACHES = {"default": {"BACKEND": "config.cache.ForgivingRedisCache", "LOCATION": AWAY}}
    body = {"email": alice.email, "password": PASSWORD}
    assert APIClient().post("/accounts/login", body).status_code == 200


@pytest.mark.redis
def test_there_it_remembers():
    cache = ForgivingRedisCache(current.REDIS_URL, {})
    cache.set("test:count", [1, 2], 60)
    assert cache.get("test:count") == [1, 2]
    assert cache.add("test:count", 3, 60) is False
    assert cache.delete("test:count") is True
    assert cache.get("test:count") is None


def test_options_of_a_site_win():
    cache = ForgivingRedisCache(AWAY, {"OPTIONS": {"socket_timeout": 9}})
    assert cache._options == {"socket_connect_timeout": 1, "socket_timeout": 9}  # type: ignore[attr-defined]
