r"""The form of personal tokens: `daesa_pat_`, 32 random characters and a checksum of 6, in base 62:

    \bdaesa_pat_[0-9A-Za-z]{38}\b        as a regular expression, for scanners

The prefix lets secret scanners find a token that was published by mistake. The checksum (CRC-32 of
all before it, as GitHub does) tells them, and this server, a token from a placeholder without
asking a database.

Stored is the SHA-256 of a token. A slow hash protects secrets that can be guessed. One of 62^32
tokens (190 bits) cannot be, so a slow hash would only cost each request its time. Looking a hash up
in an index reveals nothing by the time that takes: nobody can choose tokens by their hashes.
"""

import re
import secrets
import string
from hashlib import sha256
from zlib import crc32

PREFIX = "daesa_pat_"
PATTERN = re.compile(r"daesa_pat_[0-9A-Za-z]{38}")
SHOWN = len(PREFIX) + 4  # characters of a token that lists show, to tell which it is

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM, _CHECKSUM = 32, 6


def make() -> str:
    body = PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    return body + checksum(body)


def is_well_formed(token: str) -> bool:
    """Whether this server can have made it."""
    if not PATTERN.fullmatch(token):
        return False
    return token[-_CHECKSUM:] == checksum(token[:-_CHECKSUM])


def checksum(body: str) -> str:
    number, digits = crc32(body.encode()), ""
    for _ in range(_CHECKSUM):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits


def digest(token: str) -> str:
    """What is stored of a token."""
    return sha256(token.encode()).hexdigest()
