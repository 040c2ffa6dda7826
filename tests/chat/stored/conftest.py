"""Stored answers are on, for the model `fake`."""

import pytest


@pytest.fixture(autouse=True)
def _on(upstream, settings):
    settings.ANSWER_CACHE = {"fake": "exact"}
    settings.DAILY_CHAT_LIMIT = 5
