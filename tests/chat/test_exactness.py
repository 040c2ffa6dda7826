"""The allowance under load: 200 at once from threads, and from four processes."""

import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from rest_framework_simplejwt.tokens import AccessToken

from chat.models import Chat, Reply, Status
from tests.chat.asker import ask_at_once
from tests.chat.asking import used

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
LIMIT, REQUESTS, PROCESSES = 5, 200, 4


def check(statuses, alice, upstream):
    assert statuses == {201: LIMIT, 429: REQUESTS - LIMIT}
    assert used(alice) == LIMIT
    assert len(upstream.requests()) == LIMIT
    assert Chat.objects.count() == Reply.objects.filter(status=Status.DONE).count() == LIMIT


def test_from_threads(alice, upstream, settings):
    settings.DAILY_CHAT_LIMIT = LIMIT
    statuses = ask_at_once(str(AccessToken.for_user(alice)), REQUESTS)
    check(statuses, alice, upstream)


def test_from_processes(alice, upstream):
    token = str(AccessToken.for_user(alice))
    command = [sys.executable, "-m", "tests.chat.asker", token, str(REQUESTS // PROCESSES)]
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(  # noqa: S603 - our own command
                    command,
                    cwd=ROOT,
                    env=environment(upstream.url),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(PROCESSES)
        ]
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        counts = [json.loads(process.stdout.read()) for process in processes]
    statuses = Counter()
    for count in counts:
        statuses.update({int(status): number for status, number in count.items()})
    check(statuses, alice, upstream)


def environment(upstream_url):
    """The environment of this run, with its database and its upstream."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url(),
        "DATABASE_POOL": "10",
        "OPENAI_BASE_URL": upstream_url,
        "OPENAI_API_KEY": "fake",
        "DEFAULT_MODEL": "fake",
        "DAILY_CHAT_LIMIT": str(LIMIT),
    }


def database_url():
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    person = f"{values['USER']}:{values['PASSWORD']}" if values["PASSWORD"] else values["USER"]
    return f"postgres://{person}@{values['HOST']}:{values['PORT']}/{values['NAME']}"


def test_settings_of_the_processes_are_those_of_this_run():
    """The token is signed with this run's secret, so a 401 there would be no refusal at all."""
    assert os.environ["SECRET_KEY"] == django_settings.SECRET_KEY
