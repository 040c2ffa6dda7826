"""Three people stand ready: alice, bob, and carol, who has access to nothing of theirs."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import RefreshToken

from accounts.models import User
from quotes.frequencies import frequencies
from tests.factories import make_user

pytest_plugins = ["tests.upstream", "tests.chat.pgvector"]

SLOW = "faults"  # the folder of those that break real servers, and mostly wait


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first, so that the others are done beside them."""
    items.sort(key=lambda item: item.path.parent.name != SLOW)


ClientFor = Callable[[User], APIClient]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """With no ANALYZE in the background, by which a test would find the lines of another more or
    less frequent than its own.
    """
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE quotes_quote SET (autovacuum_enabled = false)")


@pytest.fixture(autouse=True)
def _forget_what_is_kept():
    """The process keeps rate limits and the frequencies of terms; each test has a board its own."""
    cache.clear()
    frequencies.forget()


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
    """A client that sends the bearer token of somebody, as a program would."""

    def make(user: User) -> APIClient:
        client = APIClient()
        token = RefreshToken.for_user(user).access_token
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
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
