"""How allauth (sign-in, joining, mail) works here: its `ACCOUNT_ADAPTER`."""

import ipaddress
import logging
from functools import partial
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.userkit import filter_users_by_email
from allauth.core import context as allauth_context
from allauth.core.internal.httpkit import clean_client_ip
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts.devices import UNKNOWN_ADDRESS
from accounts.limits import password_attempts, rate_limits
from accounts.models import User, UserManager
from accounts.passwords.normalization import normalize_password, possible_forms
from accounts.passwords.rules import MAX_LENGTH
from config import background
from config.api.problems import ServiceUnavailable
from config.db.connections import release_connection

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "password_too_long": _("A password has at most %d characters."),
    }

    def clean_email(self, email: str) -> str:
        return UserManager.normalize_email(email)

    def clean_password(self, password: str, user: User | None = None) -> str:
        password = normalize_password(password)
        if len(password) > MAX_LENGTH:
            raise self.validation_error("password_too_long", MAX_LENGTH)
        return str(super().clean_password(password, user))

    def get_client_ip(self, request: Request | HttpRequest) -> str:
        """The caller's address. `X-Forwarded-For` counts only if it names as many proxies as are
        trusted; a request that passed fewer of them is judged by its own connection.
        """
        try:
            found = super().get_client_ip(request)
        except (ImproperlyConfigured, PermissionDenied):
            found = clean_client_ip(request.META.get("REMOTE_ADDR", ""))
        if not found:  # a Unix socket
            return UNKNOWN_ADDRESS
        # Dual-stack sockets write IPv4 addresses as IPv6. Limits count an IPv6 network as one
        # caller, so without this all IPv4 callers would be one.
        mapped = getattr(ipaddress.ip_address(found), "ipv4_mapped", None)
        return str(mapped or found)

    def pre_authenticate(self, request: Request | HttpRequest, **credentials: Any) -> None:
        """Replaced by `password_attempts`: with allauth's count anyone can lock out anyone."""

    def _delete_login_attempts_cached_email(self, *args: Any, **kwargs: Any) -> None:
        """Not needed: `User.save` resets the count when the password changes."""

    def authenticate(self, request: Request | HttpRequest, **credentials: Any) -> User | None:
        """Raises `TooManyAttempts` or `ServiceUnavailable`."""
        email = self.clean_email(credentials.get("email") or credentials.get("username") or "")
        if credentials.get("email"):
            credentials["email"] = email
        attempt = password_attempts.begin(request, email=email)
        try:
            user: User | None = super().authenticate(request, **credentials)
            if user is None and not filter_users_by_email(email):
                self._equalize_time(credentials.get("password") or "")
        except ServiceUnavailable:
            attempt.cancel()
            raise
        # allauth lets inactive users through, to show them a message; here they get the same
        # answer as everyone. It also accepts any recorded address; here only the login signs in.
        if user is None or not user.is_active or self.clean_email(user.email) != email:
            return None
        attempt.succeed()
        return user

    def _equalize_time(self, password: str) -> None:
        """A wrong password is hashed once per possible form; for an unknown address allauth hashes
        once. Hash the rest here, so that the time does not show which addresses have accounts.
        """
        for form in possible_forms(password)[1:]:
            User().set_password(form)

    def reauthenticate(self, user: User, password: str) -> bool:
        return password_attempts.check_password(allauth_context.request, user, password)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sends in the background, so that the time of an answer does not show whether there is an
        account. Anyone can cause these mails, so each address gets a limited number of them.
        """
        request, key = allauth_context.request, self.clean_email(email)
        if not rate_limits.try_spend(request, action="mail", key=key):
            logger.info("mail %s not sent: the address has had enough", template_prefix)
            return
        background.run(partial(self._send_now, template_prefix, email, context))

    def _send_now(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A failing mail server is only logged: each mail can be asked for again."""
        release_connection()  # a silent mail server blocks for up to `EMAIL_TIMEOUT` seconds
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            logger.error("mail %s not sent: %s", template_prefix, type(error).__name__)  # noqa: TRY400 - a traceback could hold the address

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No page shows Django's messages, so none are kept in cookies."""
