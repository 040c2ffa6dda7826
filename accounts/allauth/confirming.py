"""allauth's own rule of who must confirm, replaced at start-up by `accounts.fresh_sign_in`: it
would let through everybody who has no password and no second factor.
"""

from typing import Any

from allauth.account.internal.flows import reauthentication
from allauth.account.signals import authentication_step_completed
from allauth.core import context
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt, encrypt
from django.http import HttpRequest

from accounts.fresh_sign_in import is_fresh


def patch_confirming() -> None:
    """For `AppConfig.ready`."""
    reauthentication.did_recently_reauthenticate = is_fresh
    totp.get_totp_secret = get_totp_secret
    authentication_step_completed.connect(_new_key, dispatch_uid="accounts.new_session_key")


def get_totp_secret(*, regenerate: bool = False) -> str:
    """Like allauth's, which keeps the secret in the session, in the database, in plain text."""
    session = context.request.session
    kept = None if regenerate else session.get(totp.SECRET_SESSION_KEY)
    if kept:
        return str(decrypt(kept))
    secret: str = totp.generate_totp_secret()
    session[totp.SECRET_SESSION_KEY] = encrypt(secret)
    return secret


def _new_key(request: HttpRequest, **_kwargs: Any) -> None:
    """After each step of a sign-in the session has a new key, not only after the last one."""
    if not request.user.is_authenticated:
        request.session.cycle_key()
