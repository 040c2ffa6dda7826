"""How allauth (sign-in, joining, mail) works here: its `ACCOUNT_ADAPTER`."""

import ipaddress
import logging
from functools import partial
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.password_reset import get_reset_password_url
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailConfirmationHMAC
from allauth.core import context as allauth_context
from allauth.core.internal.httpkit import clean_client_ip, get_frontend_url
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts import trail
from accounts.addresses.codes import as_shown
from accounts.addresses.confirmations import own_confirmation
from accounts.addresses.ownership import holders
from accounts.devices import UNKNOWN_ADDRESS
from accounts.joining.approval import refuse_unapproved
from accounts.limits import password_attempts, rate_limits
from accounts.models import User, UserManager
from accounts.passwords.normalization import normalize_password, possible_forms
from accounts.passwords.rules import MAX_LENGTH
from accounts.signup_policy import may_join
from config import background
from config.api.problems import ServiceUnavailable
from config.db.connections import release_connection
from config.mails import MailText, compose_mail

logger = logging.getLogger(__name__)

LONGEST_AGENT = 200


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

    def is_open_for_signup(self, request: Request | HttpRequest) -> bool:
        """For the endpoints of allauth that do not ask `accounts.signup_policy`: they are open only
        where everybody may join with any address.
        """
        return not may_join(request, email=None)

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
        """Raises `TooManyAttempts` or `ServiceUnavailable`; after the right password of somebody
        who is not approved, `WaitsForApproval` or `JoinDeclined`.
        """
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
        # answer as everyone, unless they wait for approval. It also accepts any recorded address;
        # here only the login signs in.
        is_refused = user is None or not (user.is_active or user.approval)
        if user is None or is_refused or self.clean_email(user.email or "") != email:
            reason = "inactive" if user else "wrong_password"
            background.run(partial(_record_refusal, request, email, reason))
            return None
        attempt.succeed()
        refuse_unapproved(request, user)
        return user

    def _equalize_time(self, password: str) -> None:
        """A wrong password is hashed once per possible form; for an unknown address allauth hashes
        once. Hash the rest here, so that the time does not show which addresses have accounts.
        """
        for form in possible_forms(password)[1:]:
            User().set_password(form)

    def reauthenticate(self, user: User, password: str) -> bool:
        return password_attempts.check_password(allauth_context.request, user, password)

    def get_login_stages(self) -> list[str]:
        ours = "accounts.allauth.stages.AddressStage"
        theirs = "allauth.account.stages.EmailVerificationStage"
        return [ours if path == theirs else path for path in super().get_login_stages()]

    def send_confirmation_mail(
        self,
        request: Request | HttpRequest,
        emailconfirmation: EmailConfirmationHMAC,
        signup: bool,  # noqa: FBT001 - allauth's signature
    ) -> None:
        """What allauth sends to the owner of an account: after a sign-in, or a join that needs no
        confirmation.
        """
        if rate_limits.try_spend(request, action="mail_source", key=""):
            address = emailconfirmation.email_address
            code = own_confirmation(address.user).code
            template = "email_confirmation_signup" if signup else "email_confirmation"
            self.send_code_mail(template, address.email, key=emailconfirmation.key, code=code)

    def send_code_mail(self, template: str, email: str, *, key: str, code: str) -> None:
        """A mail with a link and a code."""
        url = get_frontend_url(allauth_context.request, "account_confirm_email", key=key)
        context = {"activate_url": url, "code": as_shown(code)}
        self.send_mail(f"account/email/{template}", email, context)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tells users what was done in their account. `email`: if not to their login."""
        if address := email or user.email:
            agent = self.get_http_user_agent(self.request)
            origin = {
                "timestamp": timezone.localtime(),
                "ip": self.get_client_ip(self.request),
                "user_agent": "".join(filter(str.isprintable, agent))[:LONGEST_AGENT],
                "password_reset_url": get_reset_password_url(self.request),
            }
            self.send_mail(
                template_prefix, address, {**origin, "is_notice": True, **(context or {})}
            )

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sends in the background, so that the time of an answer does not show whether there is an
        account. Anyone can cause these mails, so each address gets a limited number of them;
        notices to users have a limit of their own.
        """
        request, key = allauth_context.request, self.clean_email(email)
        action = "mail_notice" if context.get("is_notice") else "mail"
        if not rate_limits.try_spend(request, action=action, key=key):
            logger.info("mail %s not sent: the address has had enough", template_prefix)
            return
        background.run(partial(self._send_now, template_prefix, email, context))

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """Notices are in every language of the site: who caused one may not be its reader."""
        languages = [translation.get_language()]
        if context.get("is_notice"):
            languages = [language for language, _name in settings.LANGUAGES]
        texts: list[MailText] = []
        for language in languages:
            with translation.override(language):
                named = {**context, "current_site": _NamedSite(context["current_site"].domain)}
                one = super().render_mail(template_prefix, email, named, headers)
            texts.append(MailText(language, str(one.subject), str(one.body)))
        to = [email] if isinstance(email, str) else email
        return compose_mail(texts, to=to, from_email=self.get_from_email())

    def format_email_subject(self, subject: str) -> str:
        """`compose_mail` adds the product."""
        return str(subject)

    def _send_now(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A failing mail server is only logged: each mail can be asked for again."""
        release_connection()  # a silent mail server blocks for up to `EMAIL_TIMEOUT` seconds
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            logger.error("mail %s not sent: %s", template_prefix, type(error).__name__)  # noqa: TRY400 - a traceback could hold the address

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No page shows Django's messages, so none are kept in cookies."""


class _NamedSite:
    """What mails call the site, in the language of the moment: the product and where it runs."""

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self.name = translation.gettext("Daesa (%(domain)s)") % {"domain": domain}


def _record_refusal(request: Request | HttpRequest, email: str, reason: str) -> None:
    """Runs in the background: its time depends on whether there is such an account."""
    user = holders(email).first()
    if user:
        trail.record(user, trail.Kind.SIGN_IN_REFUSED, request=request, reason=reason)
    else:
        logger.info("sign-in refused: unknown_address")
