"""A native program signs in by the system's browser (RFC 8252): authorization codes (RFC 6749, 4.1)
with PKCE (RFC 7636). No program is registered; docs/adr/0038 says why that is safe.

A code is exchanged once, within `LIFETIME`. The id of the family of tokens that it gives is derived
from it. So, if a code is sent a second time, its family is known and is ended if it still exists.

    Problem
    └── GrantRefused        400, with the member `error` of RFC 6749, 5.2
"""

import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts import tokens
from accounts.addresses.ownership import is_usable
from accounts.devices import origin_of
from accounts.models import AuthorizationCode, User
from accounts.token_renewal import report_reuse
from accounts.tokens import TokenPair
from accounts.trail import Kind, record
from config.api.problems import Problem

LIFETIME = timedelta(seconds=60)
MOST_OPEN = 1  # codes of a user: the next replaces the former
# A loopback address, any port and a plain path (RFC 8252, 7.3). Not `localhost`, which may be
# another machine's name (8.3).
LOOPBACK = (
    r"^http://(?:127\.0\.0\.1|\[::1\])"
    r":(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})"
    r"(?:/[A-Za-z0-9._~/-]{0,120})?$"
)


class GrantRefused(Problem):
    default_code = "invalid_grant"
    default_detail = _("The code or token is invalid, was used before, or is too old.")

    def __init__(self, detail: str | None = None, code: str = default_code) -> None:
        super().__init__(detail, code, error=code)


def make_code(
    user: User, *, redirect_uri: str, code_challenge: str, client_id: str, client_name: str
) -> str:
    """The code for a program that the user has just allowed to sign in."""
    code = secrets.token_urlsafe(32)
    values = {
        "digest": _digest(code),
        "stamp": user.token_stamp(),
        "redirect_uri": redirect_uri,
        "code_challenge": code_challenge,
        "client_id": client_id,
        "client_name": client_name,
        "expires_at": timezone.now() + LIFETIME,
    }
    AuthorizationCode.objects.update_or_create(user=user, defaults=values)
    return code


def exchange(
    request: Request, *, code: str, redirect_uri: str, code_verifier: str, client_id: str = ""
) -> TokenPair:
    """The tokens for a code, which is used up, also by a wrong verifier. Raises `GrantRefused`."""
    with transaction.atomic(durable=True):
        taken = _take(code)
        if taken and (
            taken.redirect_uri == redirect_uri
            and constant_time_compare(taken.code_challenge, _challenge(code_verifier))
            and client_id in {"", taken.client_id}
            and _is_current(taken)
        ):
            return _sign_in(request, taken, code)
    if taken is None:
        _end_former(request, code)
    raise GrantRefused


def _sign_in(request: Request, taken: AuthorizationCode, code: str) -> TokenPair:
    user, name = taken.user, taken.client_name
    record(user, Kind.TOKEN_MADE, request=request, reason="program_allowed", program=name)
    return tokens.issue(user, sid=_family(code), client_name=name, **origin_of(request))


def _take(code: str) -> AuthorizationCode | None:
    """Of concurrent callers one gets it. The user's row is locked first, as by what ends the user's
    access, and read after that.
    """
    row = AuthorizationCode.objects.filter(digest=_digest(code))
    found = row.first()
    if found is None:
        return None
    owner = User.objects.select_for_update(no_key=True).filter(pk=found.user_id).first()
    if owner is None or not row.delete()[0]:
        return None
    found.user = owner
    return found


def _is_current(taken: AuthorizationCode) -> bool:
    """Whether its user could still sign in, with the same password."""
    user = taken.user
    is_in_time = taken.expires_at > timezone.now()
    return is_in_time and taken.stamp == user.token_stamp() and is_usable(user)


def _end_former(request: Request, code: str) -> None:
    """Ends what the code has given before, if it is one that was used (RFC 6749, 4.1.2)."""
    for _sid, user_id in tokens.end_families([_family(code)]):
        if owner := User.objects.filter(pk=user_id).first():
            report_reuse(request, owner, reason="code_reused")


def _digest(code: str) -> str:
    return sha256(code.encode()).hexdigest()


def _family(code: str) -> str:
    """Tells nothing of the code, nor of its digest."""
    return sha256(f"family:{code}".encode()).hexdigest()[:32]


def _challenge(code_verifier: str) -> str:
    """S256 of RFC 7636, 4.2."""
    hashed = sha256(code_verifier.encode()).digest()
    return urlsafe_b64encode(hashed).rstrip(b"=").decode()
