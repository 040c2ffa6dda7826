"""Starting a turn: a question, its unit of the allowance, and an empty reply to be written.

All is stored by `chat.turns.store_start`, before anything is generated.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import Error, IntegrityError, transaction
from django.utils import timezone
from rest_framework.exceptions import NotAuthenticated, NotFound

from accounts.models import User
from chat.answering.prompts import turns_in
from chat.live.errors import TooManyStreams
from chat.live.registry import registry
from chat.models import Chat, IdempotencyKey, Reply, Status
from chat.stored import lookup
from chat.turns import ancestors, answered_before, concurrency, quota
from chat.turns.errors import (
    AlreadyContinued,
    NotCutOff,
    ParentInProgress,
    QuotaExhausted,
    ReplyInProgress,
    ReplyNotShown,
    SiteLimitReached,
)
from chat.turns.store_start import (
    Stored,
    parent_of,
    store_continuation,
    store_reply,
    store_turn,
)
from chat.turns.types import GenerationOptions, IdempotencyClaim, NewQuestion, Turn
from config.api.idempotency import KEPT_FOR, IdempotencyKeyReused
from config.api.problems import Conflict
from config.db.connections import repeated_if_lost
from config.db.errors import is_lost_connection
from config.db.sql import update

_FAILED = frozenset({Status.FAILED, Status.INTERRUPTED})


def start_turn(*, user: User, question: NewQuestion, claim: IdempotencyClaim | None = None) -> Turn:
    """Take a unit and store the question with an empty reply; or return the turn that an earlier
    request with the same `claim` began, and take nothing. A stored answer may cost nothing.

    Raises `QuotaExhausted`, `SiteLimitReached`, `TooManyStreams`, `ProcessFull`,
    `ParentInProgress`, `IdempotencyKeyReused`, `NotAuthenticated` where the account was deleted
    meanwhile, or `IntegrityError` where the conversation or the parent was; then nothing was
    stored.
    """
    if claim and (earlier := _earlier_turn(user, question, claim)):
        return earlier
    concurrency.check_process()
    wanted = answered_before.wanted_by(user, question)
    answer = lookup.find(wanted) if wanted else None
    is_free = answer is not None and not settings.ANSWER_CACHE_UNITS
    try:
        stored = store_turn(user, question, claim, is_free=is_free)
    except (IntegrityError, QuotaExhausted, SiteLimitReached, TooManyStreams, ParentInProgress):
        # A concurrent request with the same key may have taken the key, or the last unit.
        if claim and (earlier := _earlier_turn(user, question, claim)):
            return earlier
        if not User.objects.filter(pk=user.pk).exists():
            raise NotAuthenticated from None
        raise
    turn = _new_turn(stored, question.options)
    turn.wanted, turn.stored = wanted, answer
    return turn


def start_reply(
    *, user: User, chat: Chat, options: GenerationOptions, claim: IdempotencyClaim | None = None
) -> Turn:
    """Take a unit for another reply to a stored question; or return the turn that an earlier
    request with the same `claim` began, and take nothing.

    Raises `QuotaExhausted`, `SiteLimitReached`, `TooManyStreams`, `ProcessFull`, `ReplyInProgress`
    while a reply to it is being written, `ParentInProgress` while one above it is,
    `IdempotencyKeyReused`, or `NotFound` where the question was deleted meanwhile.
    """
    if claim and (earlier := _earlier_reply(user, chat, options, claim)):
        return earlier
    concurrency.check_process()
    begun = _begin(user, chat, options, claim, partial(_store_reply, user, chat, options, claim))
    return begun if isinstance(begun, Turn) else _new_turn(begun, options)


def start_continuation(
    *,
    user: User,
    chat: Chat,
    options: GenerationOptions,
    reply_id: int | None = None,
    claim: IdempotencyClaim | None = None,
) -> Turn:
    """Go on with the shown reply to a question, which was cut off at the limit of its length; or
    return the turn that an earlier request with the same `claim` began. Takes
    `CONTINUATION_UNITS`. With `reply_id`, that reply must be the shown one.

    Raises what `start_reply` raises, or `NotCutOff`, `AlreadyContinued`, `ReplyNotShown` or
    `AnswerFollowed`; then nothing was changed.
    """
    if claim and (earlier := _earlier_continuation(user, chat, options, claim)):
        return earlier
    if reply_id not in {None, chat.chat_reply_id}:
        raise ReplyNotShown
    concurrency.check_process()
    store = partial(_store_continuation, user, chat, options, claim)
    begun = _begin(user, chat, options, claim, store)
    if isinstance(begun, Turn):
        return begun
    turn = _new_turn(begun, replace(options, model=begun.reply.model))
    turn.continues, turn.begun = True, begun.reply.content
    if turn.live:
        turn.live.append(turn.begun)
        turn.live.saved = turn.live.length
    return turn


def _begin(
    user: User,
    chat: Chat,
    options: GenerationOptions,
    claim: IdempotencyClaim | None,
    store: Callable[[UUID], Stored | Turn],
) -> Stored | Turn:
    try:
        return _store_once(user, chat, options, store)
    except IntegrityError:
        if claim:
            _key_row(user, claim)  # another chat's reply may have taken the key
        raise


def _store_once(
    user: User, chat: Chat, options: GenerationOptions, store: Callable[[UUID], Stored | Turn]
) -> Stored | Turn:
    """What `store` has stored under a new stream id. It is repeated where the connection broke: it
    is then unknown whether the turn was stored, and the turn that is in progress or has the key may
    be this one.
    """
    stream_id = uuid4()
    try:
        return store(stream_id)
    except Error as error:
        if not is_lost_connection(error):
            raise
    ours = Reply.objects.filter(chat=chat, stream_id=stream_id)
    try:
        begun = store(stream_id)
    except ReplyInProgress:
        if not ours.exists():
            raise
    else:
        if isinstance(begun, Stored) or begun.reply.stream_id != stream_id:
            return begun
    chat.chat_reply = reply = ours.get()
    history = ancestors.past_turns(parent_of(chat, options), may_refuse=False)
    return Stored(quota.status(user), chat, reply, history)


def _store_reply(
    user: User,
    chat: Chat,
    options: GenerationOptions,
    claim: IdempotencyClaim | None,
    stream_id: UUID,
) -> Stored | Turn:
    with transaction.atomic(durable=True):
        _lock(chat)
        # Again: a request with the same key may have had the lock until now.
        if claim and (earlier := _earlier_reply(user, chat, options, claim)):
            return earlier
        if chat.replies.filter(status=Status.STREAMING).exists():
            raise ReplyInProgress
        return store_reply(user, chat, options, stream_id=stream_id, claim=claim)


def _store_continuation(
    user: User,
    chat: Chat,
    options: GenerationOptions,
    claim: IdempotencyClaim | None,
    stream_id: UUID,
) -> Stored | Turn:
    with transaction.atomic(durable=True):
        if _lock(chat) != chat.chat_reply_id:
            raise ReplyNotShown
        if claim and (earlier := _earlier_continuation(user, chat, options, claim)):
            return earlier
        reply = chat.chat_reply = Reply.objects.filter(pk=chat.chat_reply_id or 0).first()
        if reply is None or not reply.may_continue:
            raise _why_not(reply)
        return store_continuation(user, chat, reply, stream_id=stream_id, claim=claim)


def _why_not(reply: Reply | None) -> Conflict:
    """Why one may not go on with a reply."""
    if reply and reply.status == Status.STREAMING:
        return ReplyInProgress()
    return AlreadyContinued() if reply and reply.continuations else NotCutOff()


def show_reply(*, chat: Chat, reply: Reply) -> None:
    """Make one of a chat's replies the one that is shown, and that the next question follows.

    Raises `ReplyInProgress` while a reply is being written, or when one was started just now, or
    `NotFound` where the question was deleted meanwhile.
    """
    shown = chat.chat_reply_id
    if shown == reply.pk:
        return
    with transaction.atomic(durable=True):
        # A reply that is being written is always the shown one. So where another is shown by now,
        # one was started meanwhile.
        if _lock(chat) != shown or chat.replies.filter(status=Status.STREAMING).exists():
            raise ReplyInProgress
        update(chat, chat_reply=reply.pk, updated_at=timezone.now())


def _lock(chat: Chat) -> int | None:
    """Lock a question in the transaction. Returns the key of the reply that is shown. Raises
    `NotFound` where the question was deleted.
    """
    # NO KEY UPDATE, so that questions that refer to this one as their parent do not wait.
    locked = Chat.objects.select_for_update(of=("self",), no_key=True).filter(pk=chat.pk)
    row = locked.values_list("chat_reply_id").first()
    if row is None:
        raise NotFound
    return row[0]


def _new_turn(stored: Stored, options: GenerationOptions) -> Turn:
    reply, history = stored.reply, stored.history
    if options.history is not None:
        history = turns_in(options.history)
    live = registry.open(reply.stream_id, reply_id=reply.pk, user_id=reply.user_id)
    return Turn(stored.chat, reply, options=options, live=live, quota=stored.quota, history=history)


def _turn_of(chat: Chat, reply: Reply, options: GenerationOptions) -> Turn:
    """The turn that an earlier request began."""
    live = registry.get(reply.stream_id)
    return Turn(chat=chat, reply=reply, options=options, live=live, is_new=False)


def _key_row(user: User, claim: IdempotencyClaim) -> IdempotencyKey | None:
    """What an earlier request with the same key has left. Raises `IdempotencyKeyReused` if that
    was another request.
    """
    keys = IdempotencyKey.objects.filter(user=user)
    expired_before = timezone.now() - KEPT_FOR
    valid = keys.filter(key=claim.key, created_at__gte=expired_before)
    row = valid.select_related("reply", "chat__chat_reply", "chat__conversation").first()
    if row is None:
        repeated_if_lost(keys.filter(created_at__lt=expired_before).delete)
    elif row.fingerprint != claim.fingerprint:
        raise IdempotencyKeyReused
    return row


def _earlier_turn(user: User, question: NewQuestion, claim: IdempotencyClaim) -> Turn | None:
    """The turn that an earlier request with the same key began, if any.

    If that turn failed, another reply to its question is started: a retry then neither stores the
    question twice nor gets the old failure again.
    """
    row = _key_row(user, claim)
    return _resume(user, row.chat, question.options) if row else None


def _earlier_reply(
    user: User, chat: Chat, options: GenerationOptions, claim: IdempotencyClaim
) -> Turn | None:
    """The reply that an earlier request with the same key began, if any, unless it failed."""
    row = _key_row_of(user, chat, claim)
    if row is None or row.reply.status in _FAILED:
        return None
    return _turn_of(row.chat, row.reply, options)


def _earlier_continuation(
    user: User, chat: Chat, options: GenerationOptions, claim: IdempotencyClaim
) -> Turn | None:
    """The continuation that an earlier request with the same key began, if any, unless it failed
    and there may be another.
    """
    row = _key_row_of(user, chat, claim)
    if row is None or row.reply.may_continue:
        return None
    return replace(_turn_of(row.chat, row.reply, options), continues=True)


def _key_row_of(user: User, chat: Chat, claim: IdempotencyClaim) -> Any:
    """The row of a key that names a reply to this chat, if an earlier request has left one."""
    row = _key_row(user, claim)
    if row and (row.reply is None or row.chat_id != chat.pk):
        raise IdempotencyKeyReused
    return row


def _resume(user: User, chat: Chat, options: GenerationOptions) -> Turn:
    reply = chat.chat_reply
    if reply is None or reply.status in _FAILED:
        if earlier := chat.replies.exclude(status__in=_FAILED).order_by("pk").first():
            return _turn_of(chat, earlier, options)  # a later reply has failed, the asked one not
        try:
            return start_reply(user=user, chat=chat, options=options)
        except ParentInProgress:
            raise
        except ReplyInProgress:
            chat.refresh_from_db(fields=["chat_reply"])
            reply = chat.chat_reply
    if reply is None:  # pragma: no cover - a reply in progress is always the shown one
        raise ReplyInProgress
    return _turn_of(chat, reply, options)
