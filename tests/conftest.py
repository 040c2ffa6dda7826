"""Three users: alice, bob, and carol, who has access to nothing of theirs."""

import gc
import os
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import override_settings
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User
from config.readiness import probe
from quotes.search.term_stats import frequencies
from tests import emptying
from tests.environment import SETTINGS
from tests.factories import hash_once, make_user
from tests.live import ROOT
from tests.scheduling import LONG, TOGETHER, Scheduling

pytest_plugins = [
    "tests.upstream",
    "tests.quotes.search.pgvector_server",
    "tests.architecture.frail",
]

# Deadlines per example measure the machine, not the code (tests/architecture/linear measures).
hypothesis.settings.register_profile(
    "daesa", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("daesa")

emptying.use_for_transactional_tests()

REAL_HASHERS = list(settings.PASSWORD_HASHERS)
SLOW = "faults"  # the folder of tests that break real servers and mostly wait
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Divides the slow tests among the others; marks those whose result may depend on the services,
    and skips those whose service is not part of this run.
    """
    later = [item for item in items if runs_later(item)]
    config.hook.pytest_deselected(items=later)
    items[:] = divide_slow([item for item in items if not runs_later(item)])
    away = {"postgres": connection.vendor != "postgresql", "redis": not SETTINGS["REDIS_URL"]}
    for item in items:
        if uses_services(item):
            item.add_marker("services")
        if path_of(item).startswith(LONG):
            item.add_marker("long")
        for service, is_away in away.items():
            if is_away and item.get_closest_marker(service):
                item.add_marker(pytest.mark.skip(reason=f"needs {service}"))


def pytest_collection_finish() -> None:
    """As a worker does (config/gunicorn.conf.py): else each full collection walks through all
    tests, and takes so much of the CPU time that judging an answer may use.
    """
    gc.collect()
    gc.freeze()


def runs_later(item: pytest.Item) -> bool:
    """Whether it runs on PostgreSQL after this run (`tests.__main__`)."""
    follows = bool(os.environ.get("TESTS_FOLLOW")) and uses_services(item)
    return follows and bool(item.get_closest_marker("one_database"))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling | None:
    return Scheduling(config, log) if config.getvalue("dist") == "loadscope" else None


def is_together(item: pytest.Item) -> bool:
    return path_of(item) in TOGETHER


def path_of(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT).as_posix()


def divide_slow(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Lets a slow test begin each time that as many others have begun, at the end of their file:
    while it waits, others use the cores. The last quarter has none, so that none is the last.
    """
    slow = [item for item in items if item.path.parent.name == SLOW]
    others = [item for item in items if item.path.parent.name != SLOW]
    others.sort(key=lambda item: not is_together(item))  # the long ones first
    gap, begun, path = 3 * len(others) // (4 * len(slow) or 1), 0, None
    for number, item in enumerate(others):
        if item.path != path:
            due = number // gap + 1 if gap else len(slow)
            yield from slow[begun:due]
            begun, path = max(begun, due), item.path
        yield item
    yield from slow[begun:]


def uses_services(item: pytest.Item) -> bool:
    markers = ("django_db", "postgres", "redis")
    return not item.get_closest_marker("any_database") and (
        item.path.parent.name == SLOW
        or not DATABASE_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
        or any(item.get_closest_marker(name) for name in markers)
    )


ClientFor = Callable[[User], APIClient]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            emptying.prepare_postgresql()


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes():
    """Argon2 is slow by design; the tests of its cost use `real_hashes`."""
    with override_settings(PASSWORD_HASHERS=["tests.hashers.Cheap", *REAL_HASHERS[1:]]):
        hash_once()  # before a test sets another: the hash is cached for the whole run
        yield


@pytest.fixture
def real_hashes(settings):
    settings.PASSWORD_HASHERS = REAL_HASHERS


@pytest.fixture(autouse=True)
def _forget_what_is_kept():
    """Clears the process's caches: rate limits, term frequencies of another test's board, and
    whether the database took a write.
    """
    cache.clear()
    frequencies.forget()
    probe.forget()


@pytest.fixture
def alice(db) -> User:
    return make_user("alice")


@pytest.fixture
def bob(db) -> User:
    return make_user("bob")


@pytest.fixture
def carol(db) -> User:
    return make_user("carol")


@pytest.fixture
def staff(db) -> User:
    return make_user("staff", is_staff=True, is_superuser=True)


@pytest.fixture
def anonymous() -> APIClient:
    return APIClient()


@pytest.fixture
def client_for() -> ClientFor:
    """A client that sends the user's bearer token, like a program."""

    def make(user: User) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.issue(user)['access']}")
        return client

    return make


@pytest.fixture
def as_alice(alice, client_for) -> APIClient:
    return client_for(alice)


@pytest.fixture
def as_bob(bob, client_for) -> APIClient:
    return client_for(bob)


@pytest.fixture
def as_carol(carol, client_for) -> APIClient:
    return client_for(carol)


@pytest.fixture
def as_staff(staff, client_for) -> APIClient:
    return client_for(staff)
