"""Mails about the security of an account, to its owner. They are written in every language of the
site, the request's first, since the language of their reader is not known.
"""

import logging
from collections.abc import Callable
from functools import partial
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import get_language, gettext, override

from accounts.models import User
from config import background
from config.db.connections import release_connection
from config.mails import MailText, compose_mail

logger = logging.getLogger(__name__)

Words = Callable[[], tuple[str, str]]  # the subject and the text, in the language of the moment


def tell(user: User, words: Words) -> None:
    """Sends the mail in the background; nothing if the account has no address. The caller bounds
    how often it is called.
    """
    if user.email:
        background.run(partial(_send, _mail(user.email, words)))


def connected(provider: str) -> tuple[str, str]:
    return (
        gettext("A way to sign in was connected"),
        gettext(
            "Your account can now be signed in to with %(provider)s. If that was not you, remove "
            "it under Settings, change your password, and end your other sessions."
        )
        % {"provider": provider},
    )


def disconnected(provider: str) -> tuple[str, str]:
    return (
        gettext("A way to sign in was removed"),
        gettext(
            "Your account can no longer be signed in to with %(provider)s. If that was not you, "
            "change your password and end your other sessions."
        )
        % {"provider": provider},
    )


def conflict(provider: str) -> tuple[str, str]:
    return (
        gettext("A sign-in with your address"),
        gettext(
            "Somebody has signed in with %(provider)s for the first time, with your email address. "
            "As you have an account already, nothing was changed and no account was made. If it "
            "was you: sign in as usual, and connect %(provider)s under Settings. If it was not "
            "you, there is nothing to do."
        )
        % {"provider": provider},
    )


def _mail(address: str, words: Words) -> EmailMessage:
    current = get_language()
    codes = sorted(dict(settings.LANGUAGES), key=lambda code: code != current)
    written = []
    for code in codes:
        with override(code):
            written.append(MailText(code, *words()))
    return compose_mail(written, to=[address])


def _send(mail: EmailMessage) -> None:
    """A failing mail server is only logged, without the address."""
    release_connection()
    try:
        mail.send()
    except (OSError, SMTPException) as error:
        logger.error("notice not sent: %s", type(error).__name__)  # noqa: TRY400
