import pytest

from tests.accounts.mfa.factors import give_totp


@pytest.fixture
def protected(alice):
    """Alice, with an authenticator app."""
    give_totp(alice)
    return alice


@pytest.fixture(autouse=True)
def _no_limits_per_address(settings):
    """Those per account are looked at here."""
    settings.ACCOUNT_RATE_LIMITS = {"login": None, "signup": None}
