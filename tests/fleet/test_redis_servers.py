"""Redis by TLS and by Sentinel, through every part that uses it."""

import uuid

import pytest
from django.conf import settings as current

from chat.live.redis_relay import RedisRelay
from chat.live.registry import Registry
from config import redis_url
from config.cache import ForgivingRedisCache
from tests.fleet.servers import authority, redis_with_tls, sentinel_group, wait_until

# One server with TLS for most tests of this file.
pytestmark = [pytest.mark.live]


@pytest.fixture(scope="module")
def made():
    with authority() as found:
        yield found


@pytest.fixture(scope="module")
def tls(made):
    with redis_with_tls(made) as url:
        yield url


@pytest.fixture
def own_authority(settings, made):
    settings.REDIS_CA_FILE = made.ca


def relay_a_text(url: str) -> str:
    """What a second process reads of a text that a first one writes."""
    texts = Registry()
    writer, reader = RedisRelay(url, texts), RedisRelay(url)
    texts.on_change = writer.touch
    stream_id = uuid.uuid4()
    live = texts.open(stream_id, reply_id=1, user_id=1)
    live.append("To be, ")
    live.append("or not to be")
    assert writer.flush()
    return reader.text_of(stream_id)


def test_texts_and_counts_pass_by_tls(tls, own_authority):
    assert relay_a_text(tls) == "To be, or not to be"
    assert ForgivingRedisCache(tls, {}).count("tls", seconds=60) == 1
    with redis_url.client(tls) as client:
        assert client.ping()


def test_the_authority_may_be_in_the_url(tls, made):
    assert relay_a_text(f"{tls}?ssl_ca_certs={made.ca}") == "To be, or not to be"


def test_the_authority_may_be_in_the_usual_variable(tls, made, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", made.ca)
    assert relay_a_text(tls) == "To be, or not to be"


def test_an_unknown_authority_is_refused(tls):
    assert current.REDIS_CA_FILE == ""
    assert relay_without_redis(tls)
    assert ForgivingRedisCache(tls, {}).count("tls", seconds=60) == 0


def relay_without_redis(url: str) -> bool:
    texts = Registry()
    writer = RedisRelay(url, texts)
    texts.on_change = writer.touch
    texts.open(uuid.uuid4(), reply_id=1, user_id=1).append("To be")
    return not writer.flush()


def test_a_text_continues_at_the_new_master(settings):
    with sentinel_group() as group:
        texts = Registry()
        writer, reader = RedisRelay(group.url, texts), RedisRelay(group.url)
        cache = ForgivingRedisCache(group.url, {})
        texts.on_change = writer.touch
        stream_id = uuid.uuid4()
        live = texts.open(stream_id, reply_id=1, user_id=1)
        live.append("To be, ")
        assert writer.flush()
        assert reader.text_of(stream_id) == "To be, "
        assert cache.count("sentinel", seconds=60) == 1
        group.kill_master()
        live.append("or not to be")
        assert not writer.flush()
        assert cache.count("sentinel", seconds=60) == 0
        group.wait_for_new_master()
        wait_until(writer.flush)
        assert reader.text_of(stream_id) == "To be, or not to be"
        assert cache.count("after", seconds=60) == 1
        with redis_url.client(group.url) as client:
            assert client.ping()
