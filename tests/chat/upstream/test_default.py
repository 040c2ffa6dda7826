"""The default upstream follows the settings."""

import os
from typing import Any

import pytest

from chat.upstream import (
    close_default_upstream,
    default_upstream,
    errors,
    override_default_options,
)
from tests.chat.upstream.conftest import ANSWER

QUESTION: dict[str, Any] = {
    "model": "fake",
    "messages": [{"role": "user", "content": "Hello"}],
    "temperature": 0.5,
    "max_tokens": 50,
}


def test_it_is_shared(upstream):
    assert default_upstream() is default_upstream()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_has_one_of_its_own(upstream):
    first = default_upstream()
    child = os.fork()
    if not child:
        os._exit(0 if default_upstream() is not first else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert default_upstream() is first


def test_it_asks_the_server_of_the_settings(upstream, settings):
    settings.OPENAI_API_KEY = " fake\n"
    assert "".join(default_upstream().open_answer(**QUESTION)) == ANSWER
    assert upstream.seen()[0]["authorized"]


def test_it_follows_changed_settings(upstream, settings):
    list(default_upstream().open_answer(**QUESTION))
    settings.OPENAI_BASE_URL = "http://127.0.0.1:1/v1"
    with pytest.raises(errors.UpstreamUnreachable):
        list(default_upstream().open_answer(**QUESTION))
    settings.OPENAI_BASE_URL = ""
    assert default_upstream().health() == "not_configured"


@pytest.mark.parametrize("name", ["CONNECT", "FIRST_BYTE", "CHUNK"])
def test_its_timeouts_are_settings(upstream, settings, name):
    setattr(settings, f"UPSTREAM_{name}_TIMEOUT", 7.5)
    assert getattr(default_upstream().options, f"{name.lower()}_timeout") == 7.5


def test_overridden_options(upstream):
    before = default_upstream().options
    with override_default_options(retries=7), override_default_options(backoff_base=3.0):
        changed = default_upstream().options
        assert (changed.retries, changed.backoff_base) == (7, 3.0)
    assert default_upstream().options == before


def test_closing_discards_the_breaker(upstream):
    default_upstream().breaker_of("fake").failed()
    first = default_upstream()
    close_default_upstream()
    assert default_upstream() is not first
