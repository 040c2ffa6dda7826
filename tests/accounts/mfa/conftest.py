import pytest

from tests.accounts.mfa.factors import give_totp


@pytest.fixture
def protected(alice):
    """Alice, with an authenticator app."""
    give_totp(alice)
    return alice


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """And without the limits per caller's address: those per account are looked at here."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    settings.ACCOUNT_RATE_LIMITS = {"login": None, "signup": None}
