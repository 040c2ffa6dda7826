"""OWASP's parameters, and older hashes that are replaced at the next sign-in."""

import pytest
from argon2 import extract_parameters
from django.contrib.auth import hashers

from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.usefixtures("real_hashes")

LOGIN = "/accounts/login"


class ReducedPBKDF2(hashers.PBKDF2PasswordHasher):
    iterations = 1000


def parameters(encoded):
    found = extract_parameters(encoded.removeprefix("argon2"))
    return found.memory_cost, found.time_cost, found.parallelism, found.type.name


def test_parameters():
    assert parameters(hashers.make_password(PASSWORD)) == (19456, 2, 1, "ID")


@pytest.mark.parametrize(
    "older",
    [hashers.Argon2PasswordHasher(), hashers.PBKDF2PasswordHasher(), ReducedPBKDF2()],
    ids=["100 MiB", "pbkdf2", "pbkdf2 of few iterations"],
)
def test_an_older_hash_is_replaced_at_the_next_sign_in(db, anonymous, older):
    alice = make_user("alice")
    alice.password = older.encode(PASSWORD, "saltsaltsaltsaltsaltsa")
    alice.save(update_fields=["password"])
    body = {"email": alice.email, "password": PASSWORD}
    assert anonymous.post(LOGIN, {**body, "password": "wrong"}).status_code == 401
    alice.refresh_from_db()
    assert alice.password == older.encode(PASSWORD, "saltsaltsaltsaltsaltsa")
    assert anonymous.post(LOGIN, body).status_code == 200
    alice.refresh_from_db()
    assert parameters(alice.password) == (19456, 2, 1, "ID")
    stored = alice.password
    assert anonymous.post(LOGIN, body).status_code == 200
    alice.refresh_from_db()
    assert alice.password == stored
