"""Which servers are asked for a turn, and when the next one is (ADR 0048)."""

from collections.abc import Iterable

from django.contrib.auth.models import Group

from chat.answering.prompts import estimate_tokens
from chat.models import Chat, Reply
from chat.turns.types import Turn
from chat.upstream import (
    ChatMessage,
    Deployment,
    Upstream,
    UpstreamFailed,
    deployments_of,
    for_groups,
    has_groups,
    in_order,
)


def servers_for(turn: Turn, upstream: Upstream | None) -> list[Deployment]:
    """Those that have the turn's model and that its user may use, as they are to be asked; where
    pictures go with the question, those that take them. `upstream` takes their place.

    Queries the database only where there is a choice: for the user's groups, and for the server
    that the conversation stays with.
    """
    model = turn.reply.model
    if upstream:
        return [Deployment(upstream, model)]
    found = servers_of(model, turn.reply.user_id)
    if has_pictures(turn):
        found = [one for one in found if one.sees]
    return in_order(found, last=_last_server(turn)) if len(found) > 1 else found


def has_pictures(turn: Turn) -> bool:
    """Whether any goes with the question."""
    return any(one.picture for one in turn.files.get(turn.chat.pk, ()))


def servers_of(model: str, user_id: int) -> list[Deployment]:
    """Those that have the model and that the user may use, in no order."""
    found = deployments_of(model)
    if not has_groups(found):
        return found
    groups = Group.objects.filter(user=user_id).values_list("name", flat=True)
    return for_groups(found, set(groups))


def _last_server(turn: Turn) -> str:
    """The server that has the beginning of the prompt in its cache: the one that answered what the
    question follows, or wrote the answer that is continued.
    """
    if turn.continues:
        return turn.reply.server
    parents = Chat.objects.filter(pk=turn.chat.parent_id or 0)
    return next(iter(parents.values_list("chat_reply__server", flat=True)), "") or ""


def note(reply: Reply, deployment: Deployment) -> None:
    """That this one is asked now."""
    if deployment.server:
        reply.server, reply.served_as = deployment.server, deployment.served_as


def may_ask_another(failure: UpstreamFailed) -> bool:
    """Whether another server may answer instead, where no word has been shown. Not where the
    failure is charged: that server has done its work.
    """
    return failure.refunded and not failure.is_users_fault


def most_tokens(turn: Turn, messages: Iterable[ChatMessage]) -> int:
    """What the request may count against a server's limit of tokens a minute."""
    return sum(map(estimate_tokens, messages)) + turn.options.max_tokens
