"""The mails about joining. Each is in every language of the site, as the reader's own is not known.
They are sent in the background; a failure is logged without the address.
"""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext, override

from accounts.joining.models import Invitation
from accounts.models import User
from config import background
from config.db.connections import release_connection
from config.mails import MailText, compose_mail

logger = logging.getLogger(__name__)

Texts = Callable[[], tuple[str, Sequence[str]]]  # the subject and the paragraphs


def tell_invited(invitation: Invitation, *, link: str) -> None:
    """`link` holds the token of the invitation."""

    def texts() -> tuple[str, Sequence[str]]:
        expires_at = timezone.localtime(invitation.expires_at)
        until = f"{date_format(expires_at, 'DATETIME_FORMAT')} ({date_format(expires_at, 'T')})"
        return gettext("You are invited to Daesa"), [
            gettext("You are invited to join Daesa. Open this link:"),
            link,
            gettext("It is valid until %(time)s.") % {"time": until},
            gettext("If you do not know why you get this mail, ignore it."),
        ]

    _send("invitation", [invitation.email], texts)


def tell_approved(user: User, *, base: str) -> None:
    def texts() -> tuple[str, Sequence[str]]:
        return gettext("You can sign in now"), [
            gettext("Your request to join Daesa was approved. You can sign in now:"),
            f"{base}/login",
        ]

    _send("approval", [user.email], texts)


def tell_declined(user: User, *, reason: str) -> None:
    def texts() -> tuple[str, Sequence[str]]:
        return gettext("Your request to join was declined"), [
            gettext("Your request to join Daesa was declined."),
            f"{gettext('Reason')}: {reason}" if reason else "",
        ]

    _send("decline", [user.email], texts)


def tell_staff(addresses: Sequence[str], *, count: int, base: str) -> None:
    def texts() -> tuple[str, Sequence[str]]:
        waiting = ngettext(
            "%(count)d person waits for approval.", "%(count)d people wait for approval.", count
        )
        return gettext("Somebody wants to join Daesa"), [
            waiting % {"count": count},
            f"{base}/admin/accounts/joinrequest/",
        ]

    for address in addresses:
        _send("notice", [address], texts)


def _send(name: str, to: Sequence[str | None], texts: Texts) -> None:
    addresses = [address for address in to if address]
    if addresses:
        background.run(partial(_send_now, name, _message(addresses, texts)))


def _message(to: Sequence[str], texts: Texts) -> EmailMessage:
    codes = sorted(dict(settings.LANGUAGES), key=lambda code: code != get_language())
    written = []
    for code in codes:
        with override(code):
            subject, paragraphs = texts()
        written.append(MailText(code, subject, "\n\n".join(filter(None, paragraphs))))
    return compose_mail(written, to=to)


def _send_now(name: str, message: EmailMessage) -> None:
    release_connection()  # a silent mail server blocks for up to `EMAIL_TIMEOUT` seconds
    try:
        message.send()
    except (OSError, SMTPException) as error:
        logger.error("mail %s not sent: %s", name, type(error).__name__)  # noqa: TRY400 - a traceback could hold the address
