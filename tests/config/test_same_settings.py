"""What a start says of the settings of other machines."""

import json
import time

import pytest
from redis import Redis

from config import same_settings
from config.signing_keys import derived_key
from tests.environment import SETTINGS

pytestmark = pytest.mark.redis
OTHER = "another-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLM"


@pytest.fixture
def client():
    with Redis.from_url(SETTINGS["REDIS_URL"]) as made:
        made.delete(same_settings.KEY)
        yield made
        made.delete(same_settings.KEY)


def test_the_first_start_and_the_same_settings_say_nothing(client, settings):
    assert same_settings.compare(client, settings) == []
    assert same_settings.compare(client, settings) == []


def test_another_day_or_allowance_is_named_without_its_value(client, settings):
    same_settings.compare(client, settings)
    settings.TIME_ZONE, settings.DAILY_CHAT_LIMIT = "Europe/Rome", 77
    [warning] = same_settings.compare(client, settings)
    assert warning.startswith(
        "these settings differ from those of the last start with this Redis: TIME_ZONE, "
        "DAILY_CHAT_LIMIT. "
    )
    assert (
        same_settings.compare(client, settings) == []
    )  # the others are warned at their next start


def test_another_secret_is_reported(client, settings):
    same_settings.compare(client, settings)
    settings.SECRET_KEY = OTHER
    [warning] = same_settings.compare(client, settings)
    assert warning.startswith("SECRET_KEY differs from that of the last start")


def test_a_rotation_is_no_difference(client, settings):
    same_settings.compare(client, settings)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], OTHER
    settings.JWT_SIGNING_KEYS = [derived_key(OTHER), *settings.JWT_SIGNING_KEYS]
    assert same_settings.compare(client, settings) == []


def test_other_keys_of_tokens_are_reported(client, settings):
    same_settings.compare(client, settings)
    settings.JWT_SIGNING_KEYS = [("2026-11", OTHER)]
    [warning] = same_settings.compare(client, settings)
    assert "JWT_SIGNING_KEYS" in warning


def test_clocks_that_differ_are_reported(client, settings, monkeypatch):
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 30)
    [warning] = same_settings.compare(client, settings)
    assert warning.startswith("the clocks of this machine and of Redis are 30 s apart")


def test_redis_has_no_values(client, settings):
    settings.TIME_ZONE = "Europe/Rome"
    same_settings.compare(client, settings)
    stored = str(client.hgetall(same_settings.KEY))
    assert "Rome" not in stored
    assert settings.SECRET_KEY not in stored


def test_without_redis_a_start_goes_on(settings, capsys):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    same_settings.main()
    said = json.loads(capsys.readouterr().out)
    assert said == ["settings not compared with those of other machines: ConnectionError"]
