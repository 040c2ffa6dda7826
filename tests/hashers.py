"""Hashers with other parameters than ours, for the setting PASSWORD_HASHERS."""

from accounts.passwords.hashers import Argon2Hasher


class Weaker(Argon2Hasher):
    """As an earlier release may have had it."""

    memory_cost = 8 * 1024


class Cheap(Argon2Hasher):
    """For hundreds of hashes whose cost is not judged."""

    memory_cost = 8
    time_cost = 1
