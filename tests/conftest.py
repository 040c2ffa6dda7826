"""Three people stand ready: alice, bob, and carol, who has access to nothing of theirs."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import RefreshToken

from accounts.models import User
from tests.factories import make_user

pytest_plugins = ["tests.upstream"]

ClientFor = Callable[[User], APIClient]


@pytest.fixture(autouse=True)
def _forget_rate_limits():
    cache.clear()


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
