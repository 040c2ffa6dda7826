"""Secrets and keys, which are long and random in production, and are never printed."""

import pytest

from tests.config.conftest import PRODUCTION, SECRET, complaint


def test_a_password_is_not_printed(start):
    for url in ("mysql://me:hidden@db/daesa", "nonsense://me:hidden@db/daesa"):
        assert "hidden" not in complaint(start, DEBUG="true", DATABASE_URL=url)
    assert "hidden" not in complaint(start, DEBUG="true", EMAIL_URL="pigeon://me:hidden@roof")
    assert "hidden" not in complaint(start, DEBUG="true", REDIS_URL="http://:hidden@redis")
    for url in (
        "redis://:hid/den@redis/0",
        "redis+sentinel://:hidden@a:b/x",
        "redis://:hidden@a/b",
    ):
        message = complaint(start, DEBUG="true", REDIS_URL=url)
        assert "hid" not in message


@pytest.mark.parametrize(
    "secret", [None, "", "short", "a" * 60, "abcd" * 15, "change-me-" + SECRET, SECRET[:49]]
)
def test_production_needs_a_secret_of_its_own(start, secret):
    given = {} if secret is None else {"SECRET_KEY": secret}
    message = complaint(start, **given)
    assert message.startswith('daesa: Environment variable "SECRET_KEY"')
    assert not secret or secret not in message


@pytest.mark.parametrize("former", ["short", "a" * 60, f"{SECRET[::-1]},short", SECRET])
def test_former_secrets_are_checked(start, former):
    message = complaint(start, **PRODUCTION, SECRET_KEY_FALLBACKS=former)
    assert message.startswith('daesa: Environment variable "SECRET_KEY_FALLBACKS"')
    assert former not in message


def test_keys_and_their_rotation(start):
    key, former = "k" + SECRET[:48], SECRET[::-1]
    read = start(**PRODUCTION)
    assert read["SECRET_KEY_FALLBACKS"] == []
    [(name, derived)] = read["JWT_SIGNING_KEYS"]
    assert SECRET not in derived
    read = start(**PRODUCTION, SECRET_KEY_FALLBACKS=former)
    assert read["SECRET_KEY_FALLBACKS"] == [former]
    assert read["JWT_SIGNING_KEYS"][0] == (name, derived)
    assert len(read["JWT_SIGNING_KEYS"]) == 2
    read = start(**PRODUCTION, JWT_SIGNING_KEYS=f" 2026-11:{key} , 2026-05:{key[::-1]}")
    assert read["JWT_SIGNING_KEYS"] == [("2026-11", key), ("2026-05", key[::-1])]


@pytest.mark.parametrize("entry", ["2026-11:short", SECRET, f"2026-11:{SECRET}", "x" * 60])
@pytest.mark.parametrize("debug", ["true", "false"])
def test_weak_signing_keys(start, entry, debug):
    message = complaint(start, **PRODUCTION, DEBUG=debug, JWT_SIGNING_KEYS=entry)
    assert message.startswith('daesa: Environment variable "JWT_SIGNING_KEYS"')
    assert entry not in message


def test_development_makes_its_secret_once(start, tmp_path):
    first = start(DEBUG="true")["SECRET_KEY"]
    assert len(first) >= 50
    assert start(DEBUG="true")["SECRET_KEY"] == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
