"""Asks a model for something small that is no answer to a user: the gloss of a line, the title of a
conversation, questions to follow. It costs no user's allowance, and counts against the limits of
the model's servers like any question.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings

from chat.answering import board_model
from chat.answering.prompts import estimate_tokens
from chat.upstream import (
    Answer,
    Attempts,
    ChatMessage,
    Deployment,
    UpstreamFailed,
    Use,
    deployments_of,
    has_upstream,
    in_order,
)
from config.text import json_without_tags

# The circuit breaker counts all of these as requests of one user, so that they alone do not open it
# for the users who ask questions. No user has this id.
NOBODY = 0


class NotWhole(Exception):  # noqa: N818 - it says what happened
    """What the model said was cut off, or it took too long."""


def model_of(name: str) -> str:
    """The model, "" where there is none that can be asked: the board says only its lines."""
    return name if has_upstream() and name != board_model.NAME else ""


def as_data(tag: str, *, question: str, answer: str) -> str:
    """A question and its answer as one JSON object between tags that neither can end."""
    told = json_without_tags({"question": question, "answer": answer})
    return f"<{tag}>\n{told}\n</{tag}>"


def ask_aside(
    model: str,
    *,
    system: str,
    user: str,
    among: Sequence[Deployment] | None = None,
    within: float | None = None,
) -> str:
    """What the model says, from the first of its servers (`among` these) that answers, `within` so
    many seconds. The client retries before this fails. Raises an UpstreamFailed or `NotWhole`.
    """
    messages: list[ChatMessage] = [
        {"role": "system", "content": system},
        {"role": "user", "content": user},
    ]
    attempts = Attempts(in_order(deployments_of(model) if among is None else list(among)))
    while True:
        use = attempts.next(lambda _one: _most_tokens(messages))
        try:
            with use:
                return _ask(use, model, messages, within)
        except UpstreamFailed as failure:
            goes_on = failure.refunded and not failure.is_users_fault
            attempts.failed(use.deployment, failure, goes_on=goes_on)
            if not goes_on:
                raise


def _ask(use: Use, model: str, messages: list[ChatMessage], within: float | None) -> str:
    answer = use.deployment.upstream.open_answer(
        model=model,
        messages=messages,
        temperature=0,
        max_tokens=settings.DEFAULT_MAX_TOKENS,  # reasoning takes most of them
        person=NOBODY,
        may_retry=use.may_retry,
    )
    with _closing(answer, within):
        text = "".join(answer)
    use.count(answer.prompt_tokens, answer.completion_tokens)
    if answer.stopped or answer.finish_reason == "length":
        raise NotWhole
    return text


@contextmanager
def _closing(answer: Answer, within: float | None) -> Iterator[None]:
    """Closes the answer at the end, or when the time is over."""
    timer = threading.Timer(within, answer.close) if within else None
    if timer:
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        if timer:
            timer.cancel()
        answer.close()


def _most_tokens(messages: list[ChatMessage]) -> int:
    return sum(map(estimate_tokens, messages)) + int(settings.DEFAULT_MAX_TOKENS)
