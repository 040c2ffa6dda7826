"""Password hashing with OWASP's parameters (Password Storage Cheat Sheet), off the event loop.
Django replaces an older hash at the user's next sign-in.
"""

# Imported here, so that no import happens in the thread of a hash.
import argon2  # noqa: F401
from django.contrib.auth import hashers

from config import offload


class Argon2Hasher(hashers.Argon2PasswordHasher):
    """19 MiB, two passes, one lane. Django's 100 MiB and 8 lanes take seven times as long."""

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        return offload.run(super().encode, password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        return offload.run(super().verify, password, encoded)


class PBKDF2Hasher(hashers.PBKDF2PasswordHasher):
    """For imported hashes."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        # `verify` and `harden_runtime` call this too.
        return offload.run(super().encode, password, salt, iterations)
