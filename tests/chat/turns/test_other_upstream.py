"""A turn that is written by another upstream than the one that the settings name."""

import pytest
from rest_framework.test import APIClient

from chat.models import Status
from chat.turns import generate
from chat.upstream import Upstream
from tests.chat.asking import ask

pytestmark = pytest.mark.django_db(transaction=True)


def test_generate_with_a_given_upstream(as_alice: APIClient, upstream, settings, monkeypatch):
    settings.OPENAI_BASE_URL = "http://127.0.0.1:1/v1"
    given = Upstream(upstream.url, "fake")
    original = generate.generate
    monkeypatch.setattr(generate, "generate", lambda turn: original(turn, upstream=given))
    reply = ask(as_alice, "[[say: from another server]]").json()["chat_reply"]
    assert (reply["status"], reply["content"]) == (Status.DONE, "from another server")
    assert len(upstream.requests()) == 1
    given.close()
