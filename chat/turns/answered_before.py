"""Stored answers in the course of a turn: whether one may answer a question, giving it, and storing
the answer of a turn that has asked the model. ADR 0049 says what is given to whom.
"""

import logging

from django.conf import settings
from django.db import Error

from accounts.models import User
from chat import metrics
from chat.live.streams import Live
from chat.stored import claims, keys, lookup
from chat.stored.keys import Wanted
from chat.turns.types import NewQuestion, Turn

logger = logging.getLogger(__name__)


def wanted_by(user: User, question: NewQuestion) -> Wanted | None:
    """What to look for; None where stored answers are off, a conversation came before, files go
    with the question, or it is temporary: its answers are given to nobody again.
    """
    options, place = question.options, question.conversation
    if not settings.ANSWER_CACHE or question.parent_id or options.history or question.attachments:
        return None
    is_temporary = place.temporary if place else question.temporary
    if is_temporary:
        return None
    return keys.wanted(
        user_id=user.pk,
        question=question.content,
        model=options.model,
        system_prompt=question.system_prompt or (place.system_prompt if place else ""),
        temperature=options.temperature,
        max_tokens=options.max_tokens,
    )


def give(turn: Turn, live: Live) -> bool:
    """Answer with a stored answer, for which it waits while another turn writes it. False: ask the
    model, as the turn has not been cancelled meanwhile either.

    What was judged of the same question holds: if anything of the board that concerns it had
    changed, it would not have been found. The answer to a similar question is to be judged.
    """
    if turn.wanted is None:
        return False
    was_waited_for = turn.stored is None
    if turn.stored is None:
        turn.stored = claims.answer_or_claim(turn.wanted, turn.reply, live)
    found, model = turn.stored, turn.reply.model
    if live.cancelled:
        return True
    if found is None:
        metrics.answer_not_stored(model=model)
        return False
    live.append(found.text)
    turn.cited = None if found.is_similar else found.cited_for(turn.reply)
    turn.reply.finish_reason = "stop"
    turn.is_free = not settings.ANSWER_CACHE_UNITS
    metrics.stored_answer_given(
        model=model,
        kind="awaited" if was_waited_for else "similar" if found.is_similar else "same",
        answered_at=found.answered_at.timestamp(),
        tokens=found.tokens,
    )
    return True


def store(turn: Turn) -> None:
    """Store the answer of a turn that has ended, if it is one to give again; else let another turn
    ask. A failure is logged: the answer itself is stored already, and the row is not used.
    """
    if turn.wanted is None or turn.stored is not None:
        return
    reply = turn.reply
    is_asked_model = reply.model == turn.wanted.model
    try:
        if turn.is_stored and is_asked_model and lookup.is_whole(reply):
            cited = turn.cited.citations if turn.cited else []
            quoted = {one.quote_id for one in cited if one.quote_id}
            claims.keep(turn.wanted, reply, lines=turn.lines | quoted)
        else:
            claims.release(turn.wanted, reply)
    except Error as error:
        logger.warning("answer %s not stored for others: %s", reply.pk, type(error).__name__)
