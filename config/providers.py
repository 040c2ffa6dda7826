"""The variables of the providers by which people sign in, as allauth's `SOCIALACCOUNT_PROVIDERS`.

A provider is offered where its id and secret are set; the order of the result is the order in which
they are listed. Each complaint is one line, without a value of a secret.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from environs import EnvError

OIDC = "oidc"  # allauth's `provider_id` of the one OpenID provider
GOOGLE_ISSUER = "https://accounts.google.com"
_LONGEST = 255
_LONGEST_NAME = 40


@dataclass(frozen=True)
class Registration:
    """What a provider has given this site. `base_url` replaces the provider's own hosts, or is the
    issuer of an OpenID provider.
    """

    id: str
    name: str
    client_id: str
    secret: str
    base_url: str = ""

    def app(self) -> dict[str, Any]:
        return {
            "provider_id": OIDC if self.id == OIDC else "",
            "name": self.name,
            "client_id": self.client_id,
            "secret": self.secret,
            "settings": {"base_url": self.base_url},
        }


def providers(*registrations: Registration) -> dict[str, Any]:
    """Raises `EnvError`."""
    return {
        "openid_connect" if one.id == OIDC else one.id: {
            "APPS": [one.app()],
            "OAUTH_PKCE_ENABLED": True,
        }
        for one in registrations
        if _is_wanted(one)
    }


def _is_wanted(one: Registration) -> bool:
    prefix, base = one.id.upper(), "ISSUER" if one.id == OIDC else "BASE_URL"
    given = {
        f"{prefix}_{base}": one.base_url,
        f"{prefix}_CLIENT_ID": one.client_id,
        f"{prefix}_CLIENT_SECRET": one.secret,
    }
    if not any(given.values()):
        return False
    optional = set() if one.id == OIDC else {f"{prefix}_BASE_URL"}
    missing = [name for name, value in given.items() if not value and name not in optional]
    present = next(name for name, value in given.items() if value)
    if missing:
        raise EnvError(f'Environment variable "{present}" needs "{missing[0]}"')
    for name in (f"{prefix}_CLIENT_ID", f"{prefix}_CLIENT_SECRET"):
        if len(given[name]) > _LONGEST or not re.fullmatch(r"[!-~]+", given[name]):
            raise EnvError(
                f'Environment variable "{name}" must have 1 to {_LONGEST} characters of ASCII, '
                "without spaces"
            )
    if one.base_url and not is_safe(one.base_url, is_base=True):
        raise EnvError(
            f'Environment variable "{prefix}_{base}" must be a URL that starts with https:// '
            "(http:// only on loopback), without user, query and fragment"
        )
    if not one.name or len(one.name) > _LONGEST_NAME or not one.name.isprintable():
        raise EnvError(
            f'Environment variable "{prefix}_NAME" must have 1 to {_LONGEST_NAME} characters'
        )
    return True


def is_safe(url: str, *, is_base: bool = False) -> bool:
    """Whether codes, secrets and tokens may be sent there: by HTTPS, or within this machine."""
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        return False
    if re.search(r"[^!-~]", url) or not parts.hostname or not has_port or "@" in parts.netloc:
        return False
    if "#" in url or (is_base and "?" in url):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
