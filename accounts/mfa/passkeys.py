"""Passkeys (WebAuthn): what allauth does not check.

- The origin is exactly the server's host, over HTTPS, and not a subdomain of it.
- An answer is for what it was asked for (signing in, second factor, confirming, adding), comes
  within five minutes, and is tried once. allauth keeps one challenge for all: one that was made for
  a second factor, without user verification, would also do for signing in without a password.
- The signature counter grows, or the passkey may have been copied (WebAuthn Level 3, 7.2 step 22).
- What is stored of a new passkey is bounded, and its key can be used.
"""

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from cryptography.exceptions import InvalidSignature
from django.conf import settings
from django.http import HttpRequest
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.webauthn import (
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    RegistrationResponse,
)

from accounts import trail
from accounts.mfa import mails
from accounts.models import FactorCounter

LONGEST = 16_384  # bytes of a new passkey's JSON; most take 1,000
LIFETIME = 300  # seconds
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_ASKED = "accounts.passkey_asked"
_KEPT = ("id", "rawId", "type", "authenticatorAttachment")


def patch_passkeys() -> None:
    """For `AppConfig.ready`."""
    auth.get_server = get_server
    auth.parse_registration_response = partial(_parse, RegistrationResponse.from_dict)
    auth.parse_authentication_response = partial(_parse, AuthenticationResponse.from_dict)


def get_server() -> Fido2Server:
    entity = PublicKeyCredentialRpEntity(**get_adapter().get_public_key_credential_rp_entity())
    return Fido2Server(entity, verify_origin=partial(is_own_origin, entity.id or ""))


def is_own_origin(host: str, origin: str) -> bool:
    """Ports do not count, because proxies may leave them out of `Host`."""
    try:
        parts = urlsplit(origin)
        name = parts.hostname or ""
    except ValueError:
        return False
    if name != host:
        return False
    return parts.scheme == "https" or (
        parts.scheme == "http" and settings.DEBUG and name in LOOPBACK
    )


def note_asked(request: HttpRequest, purpose: str) -> None:
    """Call when a challenge was put into the session."""
    request.session[_ASKED] = [purpose, time.time()]


def begin_answer(request: HttpRequest, purpose: str) -> None:
    """Call before an answer is checked: forgets the challenge if it was made for something else."""
    asked = request.session.pop(_ASKED, None)
    is_right = asked and asked[0] == purpose and time.time() - asked[1] < LIFETIME
    if not is_right:
        auth.clear_state()


def is_user_verified(credential: Any) -> bool:
    """Whether the device has checked who it is, by PIN, finger or face."""
    parsed = auth.parse_authentication_response(credential)
    return bool(parsed.response.authenticator_data.is_user_verified())


def check_counter(request: HttpRequest, factor: Authenticator, credential: Any) -> bool:
    """False if the passkey may have been copied: the owner is told. Passkeys that are synchronized
    have no counter, which is 0 always.
    """
    counter = auth.parse_authentication_response(credential).response.authenticator_data.counter
    stored = FactorCounter.objects.filter(authenticator=factor, newest__gt=0)
    if (counter == 0 and not stored.exists()) or FactorCounter.advance(factor, counter):
        return True
    trail.record(factor.user, trail.Kind.FACTOR_REFUSED, request=request, reason="copied_passkey")
    mails.tell(factor.user, "passkey_copied")
    return False


def note_added(factor: Authenticator) -> None:
    """Stores the counter with which a new passkey begins."""
    FactorCounter.advance(factor, factor.wrap().authenticator_data.counter)


def id_of(credential: Any) -> bytes:
    parsed = auth.parse_registration_response(credential)
    return bytes(parsed.response.attestation_object.auth_data.credential_data.credential_id)


def is_storable(credential: Any) -> bool:
    """Whether a new passkey is small, and of an algorithm and with a key that can be checked."""
    if len(json.dumps(credential)) > LONGEST:
        return False
    data = auth.parse_registration_response(credential).response.attestation_object.auth_data
    key = data.credential_data and data.credential_data.public_key
    if not key or key.get(3) not in CoseKey.supported_algorithms():
        return False
    try:
        key.verify(b"", b"")
    except InvalidSignature:
        return True
    except Exception:  # noqa: BLE001 - the key's parts are whatever the caller has sent
        return False
    return False


def stored_form(credential: Any) -> dict[str, Any]:
    """A new passkey without members that nothing reads."""
    given, results = credential["response"], credential.get("clientExtensionResults")
    properties = results.get("credProps") if isinstance(results, dict) else None
    is_discoverable = properties.get("rk") if isinstance(properties, dict) else None
    return {
        **{name: credential[name] for name in _KEPT if name in credential},
        "response": {
            "clientDataJSON": given["clientDataJSON"],
            "attestationObject": given["attestationObject"],
        },
        "clientExtensionResults": {"credProps": {"rk": is_discoverable is True}},
    }


def _parse(read: Callable[[Any], Any], given: Any) -> Any:
    """Raises `ValidationError` for anything that is not an answer of a browser: the library fails
    in many ways on other JSON.
    """
    try:
        return read(given)
    except Exception:  # noqa: BLE001 - only the library's own code runs in it
        raise get_adapter().validation_error("incorrect_code") from None
