"""Second factors of users, and the requests that set them up and use them."""

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.internal import auth as webauthn
from fido2.utils import websafe_encode
from rest_framework.test import APIClient

from accounts.models import User
from tests.accounts.conftest import SESSION, Browser
from tests.accounts.mfa.software_passkey import Passkey
from tests.factories import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = 30
LOGIN, AUTHENTICATE = f"{SESSION}/auth/login", f"{SESSION}/auth/2fa/authenticate"
FACTORS = f"{SESSION}/account/authenticators"
TOTP, RECOVERY, PASSKEYS = (f"{FACTORS}/{kind}" for kind in ("totp", "recovery-codes", "webauthn"))
BY_PASSKEY = f"{SESSION}/auth/webauthn"
TOKENS, SECOND = "/accounts/login", "/accounts/login/second-factor"


def code_of(drift: int = 0, *, secret: str = SECRET) -> str:
    """What an app shows whose clock is off by so many steps."""
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // STEP + drift))


def wrong_code(*, secret: str = SECRET) -> str:
    right = {code_of(drift, secret=secret) for drift in range(-2, 3)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in right)


def give_totp(user: User) -> Authenticator:
    return totp.TOTP.activate(user, SECRET).instance


def give_passkey(user: User) -> Authenticator:
    about = {"user": {"id": websafe_encode(str(user.pk).encode())}, "challenge": "YQ"}
    return webauthn.WebAuthn.add(user, "Key", Passkey().create({"publicKey": about})).instance


def give_recovery_codes(user: User) -> list[str]:
    codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
    return codes


def sign_in(user: User, browser: Browser | None = None) -> Browser:
    """A browser that has sent the right password."""
    browser = browser or Browser()
    browser.send("POST", LOGIN, {"email": user.email, "password": PASSWORD})
    return browser


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/accounts/profile").status_code == 200


def add_passkey(browser: Browser, passkey: Passkey, name: str = "Key") -> Any:
    asked = browser.get(f"{PASSKEYS}?passwordless")
    options = asked.json()["data"]["creation_options"]
    body = {"name": name, "credential": passkey.create(options), "passwordless": True}
    return browser.send("POST", PASSKEYS, body)


def use_passkey(browser: Browser, passkey: Passkey, purpose: str = "login") -> Any:
    path = f"{BY_PASSKEY}/{purpose}"
    options = browser.get(path).json()["data"]["request_options"]
    return browser.send("POST", path, {"credential": passkey.get(options)})


def challenge_of(user: User, client: APIClient | None = None) -> str:
    body = {"email": user.email, "password": PASSWORD}
    challenge: str = (client or APIClient()).post(TOKENS, body).json()["challenge"]
    return challenge


def send_code(challenge: str, code: str, client: APIClient | None = None) -> Any:
    return (client or APIClient()).post(SECOND, {"challenge": challenge, "code": code})
