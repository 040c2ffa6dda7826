"""A turn that is written by another upstream than the one that the settings name."""

import pytest

from accounts.models import User
from chat.models import Status
from chat.turns import generate
from chat.upstream import Upstream
from tests.chat.asking import begin_turn

pytestmark = pytest.mark.django_db(transaction=True)


def test_generate_with_a_given_upstream(alice: User, upstream, settings):
    settings.OPENAI_BASE_URL = "http://127.0.0.1:1/v1"
    given = Upstream(upstream.url, "fake")
    turn = begin_turn(alice, "[[say: from another server]]")
    generate.generate(turn, upstream=given)
    turn.reply.refresh_from_db()
    assert (turn.reply.status, turn.reply.content) == (Status.DONE, "from another server")
    assert len(upstream.requests()) == 1
    given.close()
