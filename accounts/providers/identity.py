"""Who somebody is to a provider, as strictly as it can be read. Nothing of it is trusted for its
type: a number, a text "false" or a missing member is what a broken or hostile provider sends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.addresses.canonical_form import canonical
from accounts.nicknames import LONGEST, clean_nickname, is_reserved
from accounts.providers.errors import ProviderFailed
from config import text

LONGEST_UID = 191  # of allauth's column
_LONGEST_ADDRESS = 254
_LONGEST_READ = 1000  # characters of a name; the rest is not looked at


@dataclass(frozen=True)
class Identity:
    """`provider` and `uid` are the person. `email` is canonical, None if there is no valid one;
    `is_verified` says that the provider has verified it, and is True only with an address.
    """

    provider: str
    uid: str
    email: str | None = None
    is_verified: bool = False
    nickname: str = ""

    @property
    def verified_email(self) -> str | None:
        return self.email if self.is_verified else None


def identity(
    provider: str,
    uid: str,
    *,
    email: object = None,
    flags: tuple[object, ...] = (),
    nickname: object = None,
) -> Identity:
    """`flags` are all that the provider says about the address; each must be True itself."""
    address = address_or_none(email)
    is_verified = bool(flags) and all(flag is True for flag in flags)
    return Identity(
        provider=provider,
        uid=uid,
        email=address,
        is_verified=address is not None and is_verified,
        nickname=nickname_or_empty(nickname),
    )


def subject(value: object, *, base_url: str = "") -> str:
    """The `uid` of a provider's number or text. `base_url` is that of a server which is not the
    provider's own: its subjects are other people, so they get a prefix of their own.

    Raises `ProviderFailed`.
    """
    found = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(found, str) or not found.isascii() or not found.isprintable():
        raise ProviderFailed("no subject")
    if not found.strip() or len(found) > _LONGEST_READ:
        raise ProviderFailed("no subject")
    prefix = f"{sha256(base_url.encode()).hexdigest()[:16]}:" if base_url else ""
    if len(prefix + found) > LONGEST_UID:
        found = f"sha256:{sha256(found.encode()).hexdigest()}"
    return prefix + found


def member(value: object, *path: str) -> Any:
    """A member of nested objects; None where there is no such object."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def address_or_none(value: object) -> str | None:
    if not isinstance(value, str) or len(value) > _LONGEST_ADDRESS:
        return None
    address = canonical(value)
    try:
        validate_email(address)
    except ValidationError:
        return None
    return address if address.isascii() and len(address) <= _LONGEST_ADDRESS else None


def nickname_or_empty(value: object) -> str:
    """The name in the form in which nicknames are stored, cut to their length; empty if it has
    forbidden characters or is kept for the site's staff.
    """
    if not isinstance(value, str):
        return ""
    name = text.one_line(value[:_LONGEST_READ])[:LONGEST]
    name = text.one_line(name)  # the cut may have left half of a sequence
    try:
        name = clean_nickname(name)
    except ValidationError:
        return ""
    return "" if is_reserved(name) or text.is_blank(name) else name
