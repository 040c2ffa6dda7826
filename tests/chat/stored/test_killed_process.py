"""A process that is killed while it writes the answer for which others wait."""

import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Reply, Status, StoredAnswer
from chat.stored import claims
from chat.turns import recover
from tests.chat.asking import ask, used
from tests.chat.turns.test_exactness import ROOT, environment
from tests.ledger import assert_ledger_is_exact

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = "Hello [[chunks: 5]] [[slow: 20]]"
# Asks as the user with this id, and then writes for longer than it lives.
WRITER = f"""
import sys, time, django
django.setup()
from accounts.models import User
from chat.turns import generate
from chat.turns.start import start_turn
from chat.turns.types import GenerationOptions, NewQuestion
options = GenerationOptions(model="fake", temperature=1, max_tokens=10)
question = NewQuestion(content="{QUESTION}", options=options)
generate.generate(start_turn(user=User.objects.get(pk=int(sys.argv[1])), question=question))
"""


def wait_for_claim():
    end = time.monotonic() + 60
    while not StoredAnswer.objects.exists():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_another_user_is_answered(alice, bob, as_bob, upstream, settings):
    settings.ANSWER_CACHE_SHARED = True
    cached = {"ANSWER_CACHE": "exact", "ANSWER_CACHE_SHARED": "true"}
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", WRITER, str(alice.pk)],
        cwd=ROOT,
        env={**environment(upstream.url), **cached},
    ) as writer:
        wait_for_claim()
        writer.kill()
    lost = Reply.objects.get()
    assert (lost.status, StoredAnswer.objects.get().reply) == (Status.STREAMING, lost)
    long_ago = timezone.now() - claims.LOST_AFTER - timedelta(seconds=1)
    Reply.objects.update(heartbeat_at=long_ago)
    options = {"temperature": 1.0, "max_tokens": 10}
    began = time.monotonic()
    response = as_bob.post(
        "/chat", {"content": QUESTION, **options}, headers={"Prefer": "respond-async"}
    )
    assert response.status_code == 202
    taken_over = StoredAnswer.objects.exclude(reply=lost)
    while not taken_over.exists():
        assert time.monotonic() - began < 10
        time.sleep(0.05)
    mine = Reply.objects.get(user=bob)
    assert as_bob.delete(f"/chat/stream/{mine.stream_id}").status_code in {202, 204}
    while StoredAnswer.objects.exists():
        assert time.monotonic() - began < 20
        time.sleep(0.05)
    assert recover.reap(silent_for=claims.LOST_AFTER) == 1
    assert (used(alice), used(bob)) == (0, 1)
    assert ask(as_bob, "Something else", **options).status_code == 201
    assert_ledger_is_exact()
