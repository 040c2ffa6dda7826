"""Secrets of second factors at rest: encrypted (Fernet: AES-128-CBC with HMAC-SHA256) by a key that
is derived from `SECRET_KEY`. Those of `SECRET_KEY_FALLBACKS` are still read.
"""

import base64
import logging
from functools import lru_cache

from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

logger = logging.getLogger(__name__)


def encrypt(text: str) -> str:
    return _ciphers().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """The text. If no key reads it, a new random secret, so that no code is right, and an error in
    the log: the key was replaced without a fallback.
    """
    try:
        return _ciphers().decrypt(encrypted.encode()).decode()
    except InvalidToken:
        logger.error("a second factor cannot be read: is its key in SECRET_KEY_FALLBACKS?")  # noqa: TRY400 - the traceback says nothing
        return str(generate_totp_secret())


def renewed(encrypted: str) -> str | None:
    """The same secret under the current key; None if no key reads it."""
    try:
        return _ciphers().rotate(encrypted.encode()).decode()
    except InvalidToken:
        return None


def _ciphers() -> MultiFernet:
    return MultiFernet(
        [_cipher(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


@lru_cache(maxsize=16)
def _cipher(secret_key: str) -> Fernet:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"accounts.mfa")
    return Fernet(base64.urlsafe_b64encode(derive.derive(secret_key.encode())))
