"""The canonical form of an email address, so that two spellings of a mailbox are one account."""

import idna

from config.text import without_invisible
from config.unicode import normalize

_MAX_DOMAIN_LENGTH = 255


def canonical(address: str) -> str:
    """Lower case, without invisible characters, wide letters or surrounding spaces; the domain in
    its ASCII form (IDNA 2008 with the mapping of UTS #46), without the root's full stop.

    Never fails. The result has characters beyond ASCII if the domain is invalid or the local part
    needs SMTPUTF8, which this server does not support; such a result is not a valid address.
    """
    text = normalize("NFKC", without_invisible(address)).strip().lower()
    local, at, domain = text.rpartition("@")
    return f"{local}{at}{_ascii(domain)}" if at else text


def _ascii(domain: str) -> str:
    if domain.isascii() and "xn--" not in domain:
        return domain.removesuffix(".")
    if len(domain) > _MAX_DOMAIN_LENGTH:  # invalid anyway, and slow to encode
        return domain
    try:
        return idna.encode(domain, uts46=True).decode().removesuffix(".")
    except idna.IDNAError:
        return domain
