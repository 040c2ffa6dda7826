import pytest

from tests.accounts.limits.attempts import stop


@pytest.fixture
def no_rate_limits(settings):
    """Without the limits per caller's address."""
    settings.ACCOUNT_RATE_LIMITS = {"login": None, "signup": None}


@pytest.fixture
def stopped(alice):
    """Alice, to whose address unknown sources have tried too many passwords."""
    stop(alice.email)
    return alice
