import pytest

from tests.accounts.limits.attempts import stop
from tests.factories import hash_once


@pytest.fixture
def no_rate_limits(settings):
    """Without the limits per caller's address, and with a fast hasher."""
    hash_once()  # cached for the whole run, so made with the hasher of the other tests
    settings.ACCOUNT_RATE_LIMITS = {"login": None, "signup": None}
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]


@pytest.fixture
def stopped(alice):
    """Alice, to whose address unknown sources have tried too many passwords."""
    stop(alice.email)
    return alice
