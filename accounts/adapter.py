"""How allauth (sign-in, join, mail) works in this house."""

import ipaddress
import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import clean_client_ip
from allauth.headless.internal.restkit.response import ErrorResponse
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts import limits
from accounts.models import User, UserManager
from config.connections import release_connection

logger = logging.getLogger(__name__)

PASSWORD_LENGTH = 256  # the longest; a longer one would only be work for the hash
NOBODY_KNOWS = "unknown"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "password_too_long": _("A password has at most %d characters."),
    }

    def clean_email(self, email: str) -> str:
        return UserManager.normalize_email(email)

    def clean_password(self, password: str, user: User | None = None) -> str:
        if len(password) > PASSWORD_LENGTH:
            raise self.validation_error("password_too_long", PASSWORD_LENGTH)
        return str(super().clean_password(password, user))

    def get_client_ip(self, request: Request | HttpRequest) -> str:
        """The caller's address. `X-Forwarded-For` counts only from as many proxies as are trusted;
        a request that came past fewer of them speaks for its own connection.
        """
        try:
            found = super().get_client_ip(request)
        except (ImproperlyConfigured, PermissionDenied):
            found = clean_client_ip(request.META.get("REMOTE_ADDR", ""))
        if not found:  # a Unix socket
            return NOBODY_KNOWS
        # Sockets that take both families write IPv4 as IPv6; limits cut IPv6 to its network, which
        # would make all those callers one.
        mapped = getattr(ipaddress.ip_address(found), "ipv4_mapped", None)
        return str(mapped or found)

    def _get_login_attempts_cache_key(
        self,
        request: Request | HttpRequest,  # noqa: ARG002
        **credentials: Any,
    ) -> str:
        # Without allauth's own part for the Host header, which the caller could vary.
        return self.clean_email(credentials.get("email") or credentials.get("username") or "")

    def pre_authenticate(self, request: Request | HttpRequest, **credentials: Any) -> None:
        limits.spend(request, action="sign_in")
        self._login_failed_rl_usage = limits.spend(
            request,
            action="login_failed",
            key=self._get_login_attempts_cache_key(request, **credentials),
        )

    def authenticate(self, request: Request | HttpRequest, **credentials: Any) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        # allauth lets the inactive through, to tell them so. We tell nobody.
        return user if user and user.is_active else None

    def save_user(
        self,
        request: HttpRequest,
        user: User,
        form: Any,
        commit: bool = True,  # noqa: FBT001, FBT002 - allauth's signature
    ) -> User:
        """Joins by the session's door. Of two at once, the database lets one through."""
        user.nickname = form.cleaned_data.get("nickname", "")
        try:
            with transaction.atomic():
                saved: User = super().save_user(request, user, form, commit)
        except IntegrityError:
            form.add_error("email", self.validation_error("email_taken"))
            raise ImmediateHttpResponse(ErrorResponse(request, input=form)) from None
        return saved

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is away is logged. It must not tell, by an error, who has an account;
        each mail can be asked for again.
        """
        release_connection()  # one that says nothing keeps us waiting for `EMAIL_TIMEOUT` seconds
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            logger.error("mail %s not sent: %s", template_prefix, type(error).__name__)  # noqa: TRY400 - a traceback could hold the address

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No page of ours shows Django's messages, so none are kept in cookies."""
