"""Hashers with other parameters than ours, for the setting PASSWORD_HASHERS."""

from accounts.passwords.hashers import Argon2Hasher
from config.offload import Cores

NO_CORES = Cores(0, max_wait=0)


class Weaker(Argon2Hasher):
    """As an earlier release may have had it."""

    memory_cost = 8 * 1024


class Cheap(Argon2Hasher):
    """For hundreds of hashes whose cost is not judged."""

    memory_cost = 8
    time_cost = 1


class Waiting(Argon2Hasher):
    """No core is free for it."""

    def encode(self, password: str, salt: str) -> str:
        return NO_CORES.run(super().encode, password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        return NO_CORES.run(super().verify, password, encoded)
