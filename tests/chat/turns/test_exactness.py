"""The allowance of a user and the budget of the site under load: 200 questions at once from
threads, and from four processes.
"""

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

from accounts.tokens import issue
from chat.models import Chat, DailyUsage, Reply, SiteUsage, Status
from tests.chat.asker import ask_at_once
from tests.chat.asking import used
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[3]
LIMIT, REQUESTS, PROCESSES = 5, 200, 4


def check(statuses, alice, upstream):
    assert statuses == {201: LIMIT, 429: REQUESTS - LIMIT}
    assert used(alice) == LIMIT
    assert len(upstream.requests()) == LIMIT
    assert Chat.objects.count() == Reply.objects.filter(status=Status.DONE).count() == LIMIT


def test_from_threads(alice, upstream, settings):
    settings.DAILY_CHAT_LIMIT = LIMIT
    statuses = ask_at_once(issue(alice)["access"], REQUESTS)
    check(statuses, alice, upstream)


def test_from_processes(alice, upstream):
    statuses = ask_from_processes(issue(alice)["access"], upstream)
    check(statuses, alice, upstream)


def ask_from_processes(tokens, upstream, **settings):
    command = [sys.executable, "-m", "tests.chat.asker", tokens, str(REQUESTS // PROCESSES)]
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(  # noqa: S603 - our own command
                    command,
                    cwd=ROOT,
                    env={**environment(upstream.url), **settings},
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
    statuses = Counter()  # type: ignore[var-annotated]
    for count in counts:
        statuses.update({int(status): number for status, number in count.items()})
    return statuses


# --- The budget of the whole site --------------------------------------------------------------

SITE, PEOPLE = 17, 8


@pytest.fixture
def tokens(db):
    """Access tokens of so many users that they have more units together than the site."""
    return ",".join(issue(make_user())["access"] for _ in range(PEOPLE))


def check_site(statuses, upstream):
    assert statuses == {201: SITE, 429: REQUESTS - SITE}
    assert SiteUsage.objects.get().used == SITE
    by_person = list(DailyUsage.objects.values_list("used", flat=True))
    assert sum(by_person) == len(upstream.requests()) == SITE
    assert max(by_person) <= LIMIT
    assert Chat.objects.count() == Reply.objects.filter(status=Status.DONE).count() == SITE


def test_site_from_threads(tokens, upstream, settings):
    settings.DAILY_CHAT_LIMIT, settings.SITE_DAILY_LIMIT = LIMIT, SITE
    check_site(ask_at_once(tokens, REQUESTS), upstream)


def test_site_from_processes(tokens, upstream):
    check_site(ask_from_processes(tokens, upstream, SITE_DAILY_LIMIT=str(SITE)), upstream)


def test_site_gets_back_what_people_get_back(tokens, upstream, settings):
    """Refunds of some users while others take units: none is lost or returned twice."""
    settings.DAILY_CHAT_LIMIT, settings.SITE_DAILY_LIMIT = LIMIT, SITE
    settings.DAILY_REFUND_LIMIT = 2
    statuses = ask_at_once(tokens, REQUESTS, "[[fault: empty]]")
    assert set(statuses) <= {502, 429}
    ledgers = list(DailyUsage.objects.values_list("used", "refunded"))
    used = sum(used for used, _ in ledgers)
    assert SiteUsage.objects.get().used == used <= SITE
    assert Reply.objects.filter(charged_day__isnull=False).count() == used
    assert all(refunded <= 2 for _, refunded in ledgers)
    assert statuses[502] == used + sum(refunded for _, refunded in ledgers)


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
