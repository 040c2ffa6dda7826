"""Mails to users whose lines were reviewed, if the site has enabled them (`REVIEW_EMAILS`).

They are sent in a thread after the decision is stored, so that a slow or unavailable mail server
cannot delay or fail a review. A failure is logged without the address and not retried; the page
shows every decision anyway.
"""

import logging
from collections.abc import Iterable, Sequence
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from threading import Thread

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext, override

from config.batches import paced
from config.mails import MailText, compose_mail
from quotes.models import Quote, Review, State

logger = logging.getLogger(__name__)


def notify_submitters(reviews: Iterable[Review], *, base: str) -> Thread | None:
    """Mails the submitters of the lines, except users who want no mails (`User.review_emails`) or
    cannot sign in any more. `base` is the site's URL. Returns the thread that sends, or None if
    there is nothing to send.
    """
    if not settings.REVIEW_EMAILS:
        return None
    by_quote = {review.quote_id: review for review in reviews}
    quotes = Quote.objects.filter(
        pk__in=by_quote, user__is_active=True, user__review_emails=True
    ).select_related("user")
    mails = [
        _mail(quote, by_quote[quote.pk], base, to=quote.user.email)
        for quote in paced(quotes)
        if quote.user.email
    ]
    if not mails:
        return None
    thread = Thread(target=_send, args=(mails,), daemon=True)
    thread.start()
    return thread


def _mail(quote: Quote, review: Review, base: str, *, to: str) -> EmailMessage:
    """In every language of the site, the line's first, as the user's own is not known."""
    codes = sorted(dict(settings.LANGUAGES), key=lambda code: code != quote.language[:2])
    written = []
    for code in codes:
        with override(code):
            subject, happened = _words(review)
            reason = f"{gettext('Reason')}: {review.reason}" if review.reason else ""
            closing = gettext(
                "You get this mail because you have submitted the line. To stop these mails, "
                "change your settings: %(address)s"
            ) % {"address": f"{base}/settings/profile"}
            link = f"{base}/quotes/{quote.pk}"
            body = "\n\n".join(filter(None, [happened, quote.content, reason, link, closing]))
            written.append(MailText(code, subject, body))
    return compose_mail(written, to=[to])


def _words(review: Review) -> tuple[str, str]:
    if review.to_state == State.APPLIED:
        return gettext("Your line is on the board"), gettext("Your line is on the board now:")
    if review.from_state == State.APPLIED:
        return gettext("Your line was declined"), gettext("Your line was taken off the board:")
    return gettext("Your line was declined"), gettext("Your line was not taken on the board:")


def _send(mails: Sequence[EmailMessage]) -> None:
    """Sends all over one connection. A refused mail does not stop the others; an unavailable server
    does, as each of them would have to wait for it.
    """
    # Only the type of an error is logged: its text and a traceback could contain the address.
    try:
        with get_connection() as connection:
            for mail in mails:
                try:
                    connection.send_messages([mail])
                except (SMTPRecipientsRefused, SMTPResponseException) as error:
                    logger.error("mail of a decision not sent: %s", type(error).__name__)  # noqa: TRY400
    except (OSError, SMTPException) as error:
        logger.error("mails of decisions not sent: %s", type(error).__name__)  # noqa: TRY400
