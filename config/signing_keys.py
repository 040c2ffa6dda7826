"""The keys that sign JWTs: the variable JWT_SIGNING_KEYS, and making a key.

An entry is `kid:key`, newest first. The first one signs, all verify. The word `derived` stands for
a key made of SECRET_KEY (and one of each of SECRET_KEY_FALLBACKS), and is the default, so that a
server at home needs no further secret.
"""

import hashlib
import hmac
import re
import secrets as random
from collections.abc import Sequence
from datetime import UTC, datetime

from environs import EnvError

DERIVED = "derived"
_ENTRY = re.compile(r"([A-Za-z0-9._-]{1,32}):([\x21-\x7e]{43,512})")  # 43: 32 bytes in base64
_LEAST_CHARACTERS = 10  # different ones, which a random key of this length has

SigningKey = tuple[str, str]  # kid, key


def read(entries: Sequence[str], *, secrets: Sequence[str]) -> list[SigningKey]:
    """The keys, newest first. `secrets`: SECRET_KEY and its fallbacks."""
    keys: list[SigningKey] = []
    for entry in entries or [DERIVED]:
        if entry == DERIVED:
            keys += [derived_key(secret) for secret in secrets]
            continue
        match = _ENTRY.fullmatch(entry)
        if match is None or len(set(match[2])) < _LEAST_CHARACTERS or match[2] in secrets:
            raise _bad_keys()
        keys.append((match[1], match[2]))
    if len(dict(keys)) < len(keys):
        raise _bad_keys()
    return keys


def derived_key(secret: str) -> SigningKey:
    """A key that only its owner can make of the secret (HKDF's expansion, RFC 5869), and an id that
    tells nothing of either.
    """
    return f"s-{_expand(secret, 'kid')[:16]}", _expand(secret, "key")


def _expand(secret: str, purpose: str) -> str:
    label = f"daesa.jwt.{purpose}\x01".encode()
    return hmac.new(secret.encode(), label, hashlib.sha256).hexdigest()


def fresh_entry() -> str:
    """A new random key with the current minute as its id."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M}:{random.token_urlsafe(48)}"


def _bad_keys() -> EnvError:
    return EnvError(
        'Environment variable "JWT_SIGNING_KEYS" must be like 2026-11:KEY,2026-05:KEY: each id '
        "once, each key a random text of at least 43 characters that is not SECRET_KEY (make one "
        f"with `manage.py make_signing_key`), or the word {DERIVED}"
    )
