"""How allauth's second factors work here: its `MFA_ADAPTER`."""

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http.request import split_domain_port
from django.utils.translation import gettext

from accounts.mfa import encryption
from accounts.mfa.factors import passkeys_of
from accounts.models import User

NAME = "Daesa"


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The host by which the browser has reached the site: proxies pass it on, and
        `ALLOWED_HOSTS` checks it.
        """
        host, _port = split_domain_port(context.request.get_host())
        return {"id": host.strip("[]"), "name": NAME}

    def generate_authenticator_name(self, user: User, type: Any) -> str:  # noqa: A002, ARG002 - allauth's signature
        number = passkeys_of(user) + 1
        return gettext("Passkey %(number)d") % {"number": number}
