"""A shorter request, for a model that found the first one too long."""

from collections.abc import Sequence

from chat.answering.prompts import estimate_tokens
from chat.upstream import ChatMessage


def with_fewer_turns(
    messages: Sequence[ChatMessage], *, asking: int = 1
) -> list[ChatMessage] | None:
    """The messages of `build_messages` with the newest turns that fit into a third of the estimated
    tokens of all turns. None where there is no turn that could be left out. The last `asking`
    messages are the question, and stay.

    A third, because there is only one more attempt: with the defaults, such a request and its
    answer fit into 4096 tokens, the shortest context in use.
    """
    system, *turns = messages[:-asking]
    tokens = list(map(estimate_tokens, turns))
    first, budget = len(turns), sum(tokens) // 3
    while first and tokens[first - 1] <= budget:
        first -= 1
        budget -= tokens[first]
    while first < len(turns) and turns[first]["role"] != "user":
        first += 1  # no half of a turn
    return [system, *turns[first:], *messages[-asking:]] if turns else None
