"""What a model is asked for after an answer has ended: a title for its conversation, and questions
to follow (ADR 0051). Neither takes a unit of the user's; each takes one of the site's, if it has a
budget.

It is done once, in a thread of its own, for which nobody waits. If it fails or the process ends,
the conversation keeps the words of its question as its title, and the answer has no questions to
follow.
"""

import contextvars
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from django.conf import settings
from django.db import Error, transaction
from django.utils import timezone

from chat import metrics
from chat.answering import follow_ups, titles
from chat.answering.side_request import NotWhole, ask_aside, model_of
from chat.models import Conversation, Reply, Status, TitleBy
from chat.turns import site_budget
from chat.turns.errors import SiteLimitReached
from chat.turns.servers import servers_of
from chat.turns.store_start import title_of
from chat.turns.types import Turn
from chat.upstream import UpstreamFailed
from config import tracing
from config.background import start_thread
from config.db.connections import release_connection

logger = logging.getLogger(__name__)

T = TypeVar("T", str, list[str])

WITHIN_SECONDS = 20.0
AT_ONCE = 8  # answers of this process after which a model is asked; those beyond go without

places = threading.BoundedSemaphore(AT_ONCE)


def makes_titles() -> bool:
    return bool(model_of(settings.TITLE_MODEL))


def makes_follow_ups() -> bool:
    return settings.FOLLOW_UPS and makes_titles()


def start(turn: Turn) -> None:
    """Give the conversation of a turn that has ended its title, and the answer its questions to
    follow, where the site has them and the answer is complete. Returns at once: a thread does it.
    """
    if not (makes_titles() and turn.is_stored and turn.reply.status == Status.DONE):
        return
    if not places.acquire(blocking=False):
        logger.info("nothing added to reply %d: too many at once", turn.reply.pk)
        return
    context = contextvars.copy_context()
    work: Callable[[], None] = partial(context.run, _add, turn)
    if settings.GENERATE_IN_BACKGROUND:
        start_thread(work)
    else:
        work()


def _add(turn: Turn) -> None:
    try:
        with tracing.span("add to answer", reply=turn.reply.pk):
            _add_title(turn)
            _add_follow_ups(turn)
    except Error as error:
        logger.warning("nothing added to reply %d: %s", turn.reply.pk, type(error).__name__)
    except Exception:
        logger.exception("nothing added to an answer")
    finally:
        places.release()


def _add_title(turn: Turn) -> None:
    """One that the user writes meanwhile stays: the UPDATE names the words that it replaces."""
    chat = turn.chat
    words = title_of(chat.content)
    if chat.parent_id or turn.continues or chat.conversation.temporary:
        return
    own = Conversation.objects.filter(pk=chat.conversation_id, title=words, title_by="")
    if not own.exists():
        return
    title = ""
    if not _is_small_talk(turn):
        system, user = titles.prompt_for(chat.content, turn.reply.content)
        read = partial(titles.read_title, question=chat.content)
        title = title_of(_ask(turn, "title", system, user, read) or "")
    if title:
        own.update(title=title, title_by=TitleBy.MODEL)
    else:
        own.update(title_by=TitleBy.WORDS)


def _add_follow_ups(turn: Turn) -> None:
    """Another attempt to write the answer, such as a continuation, has another `stream_id`."""
    if not settings.FOLLOW_UPS:
        return
    reply, question = turn.reply, turn.chat.content
    found: list[str] = []
    if turn.stored:
        known = Reply.objects.filter(pk=turn.stored.reply_id)
        found = known.values_list("follow_ups", flat=True).first() or []
    elif not _is_small_talk(turn):
        system, user = follow_ups.prompt_for(question, reply.content)
        read = partial(follow_ups.read_follow_ups, question=question)
        found = _ask(turn, "follow_ups", system, user, read) or []
    own = Reply.objects.filter(pk=reply.pk, stream_id=reply.stream_id, status=Status.DONE)
    own.update(follow_ups=found)


def _is_small_talk(turn: Turn) -> bool:
    return turn.is_free and not turn.stored


def _ask(turn: Turn, what: str, system: str, user: str, read: Callable[[str], T]) -> T | None:
    """What `read` finds in what the model says, None where it says nothing."""
    day = timezone.localdate()
    try:
        if site_budget.is_on():
            with transaction.atomic():
                site_budget.take(day)
        model = settings.TITLE_MODEL
        among = servers_of(model, turn.reply.user_id)
        release_connection()
        said = ask_aside(model, system=system, user=user, among=among, within=WITHIN_SECONDS)
        if found := read(said):
            metrics.asked_aside(what, "made")
            return found
        reason = "not_usable"
    except SiteLimitReached as refusal:
        reason = refusal.default_code
    except NotWhole:
        reason = "not_whole"
    except UpstreamFailed as failure:
        reason = failure.code
        if site_budget.is_on() and failure.refunded:
            site_budget.give_back(day)
    metrics.asked_aside(what, reason)
    logger.info("no %s for reply %d: %s", what, turn.reply.pk, reason)
    return None
