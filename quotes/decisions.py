"""Mails to people whose lines were reviewed, where the site wants them (`REVIEW_EMAILS`).

They go out beside the request, after the decision is stored: a mail server that is slow or away
delays and fails no review. What could not be sent is logged without the address, and not tried
again; the page tells every decision anyway.
"""

import logging
from collections.abc import Iterable, Sequence
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from threading import Thread

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext, override

from quotes.models import Quote, Review, State

logger = logging.getLogger(__name__)


def tell_submitters(reviews: Iterable[Review], *, base: str) -> Thread | None:
    """Tells those who submitted the lines; not those who want no mails (`User.review_emails`), or
    cannot sign in any more. `base` is the site's address. Returns the thread that sends, if there
    is anything to send.
    """
    if not settings.REVIEW_EMAILS:
        return None
    by_quote = {review.quote_id: review for review in reviews}
    quotes = Quote.objects.filter(
        pk__in=by_quote, user__is_active=True, user__review_emails=True
    ).select_related("user")
    mails = [_mail(quote, by_quote[quote.pk], base) for quote in quotes]
    if not mails:
        return None
    thread = Thread(target=_send, args=(mails,), daemon=True)
    thread.start()
    return thread


def _mail(quote: Quote, review: Review, base: str) -> EmailMessage:
    """In every language of the site, that of the line first: nobody has said which they read."""
    codes = sorted(dict(settings.LANGUAGES), key=lambda code: code != quote.language[:2])
    subjects, parts = [], []
    for code in codes:
        with override(code):
            subject, happened = _words(review)
            subjects.append(subject)
            reason = f"{gettext('Reason')}: {review.reason}" if review.reason else ""
            closing = gettext(
                "You get this mail because you have submitted the line. To get no more of them, "
                "change that in your settings: %(address)s"
            ) % {"address": f"{base}/settings/profile"}
            link = f"{base}/quotes/{quote.pk}"
            parts.append(
                "\n\n".join(filter(None, [happened, quote.content, reason, link, closing]))
            )
    return EmailMessage(" / ".join(subjects), "\n\n--\n\n".join(parts), to=[quote.user.email])


def _words(review: Review) -> tuple[str, str]:
    if review.to_state == State.APPLIED:
        return gettext("Your line is on the board"), gettext("Your line is on the board now:")
    if review.from_state == State.APPLIED:
        return gettext("Your line was declined"), gettext("Your line was taken off the board:")
    return gettext("Your line was declined"), gettext("Your line was not taken on the board:")


def _send(mails: Sequence[EmailMessage]) -> None:
    """By one connection. A mail that the server refuses keeps no other one back; a server that is
    away does, for it would keep each of them waiting.
    """
    # Of an error only the kind is logged: its text and a traceback could hold the address.
    try:
        with get_connection() as connection:
            for mail in mails:
                try:
                    connection.send_messages([mail])
                except (SMTPRecipientsRefused, SMTPResponseException) as error:
                    logger.error("mail of a decision not sent: %s", type(error).__name__)  # noqa: TRY400
    except (OSError, SMTPException) as error:
        logger.error("mails of decisions not sent: %s", type(error).__name__)  # noqa: TRY400
