"""Asks the upstream for the glosses of `quotes.glosses`. They cost no user's allowance."""

from django.conf import settings

from chat.answering import board_model
from chat.answering.prompts import estimate_tokens
from chat.upstream import (
    Attempts,
    ChatMessage,
    UpstreamFailed,
    Use,
    deployments_of,
    has_upstream,
    in_order,
)
from chat.upstream.errors import (
    UpstreamContentFilter,
    UpstreamContextTooLong,
    UpstreamEmpty,
    UpstreamMalformed,
    UpstreamModelNotFound,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnauthorized,
    UpstreamUnreachable,
)
from quotes.glosses.asking import ModelAway, ModelBusy, NoAnswer
from quotes.glosses.prompt import Prompt

# The circuit breaker counts all glosses as requests of one user, so that failed glosses alone do
# not open it for the users who ask questions. No user has this id.
NOBODY = 0

_CAUSED_BY_LINE = (UpstreamContentFilter, UpstreamContextTooLong, UpstreamEmpty)
_PERMANENT = (
    *(UpstreamUnauthorized, UpstreamModelNotFound, UpstreamUnreachable, UpstreamRejected),
    UpstreamMalformed,
)


class UpstreamGlosser:
    """A `quotes.glosses.asking.Glosser`. The client retries a request before this fails."""

    @property
    def model(self) -> str:
        name: str = settings.GLOSS_MODEL or settings.DEFAULT_MODEL
        return name if has_upstream() and name != board_model.NAME else ""

    def __call__(self, prompt: Prompt) -> str:
        messages: list[ChatMessage] = [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": prompt.user},
        ]
        attempts = Attempts(in_order(deployments_of(self.model)))
        while True:
            try:
                use = attempts.next(lambda _one: _most_tokens(messages))
            except UpstreamFailed as failure:
                raise _outcome(failure) from failure
            try:
                with use:
                    return _ask(use, self.model, messages)
            except UpstreamFailed as failure:
                goes_on = failure.refunded and not failure.is_users_fault
                attempts.failed(use.deployment, failure, goes_on=goes_on)
                if not goes_on:
                    raise _outcome(failure) from failure


def _ask(use: Use, model: str, messages: list[ChatMessage]) -> str:
    answer = use.deployment.upstream.open_answer(
        model=model,
        messages=messages,
        temperature=0,
        max_tokens=settings.DEFAULT_MAX_TOKENS,  # reasoning takes most of them
        person=NOBODY,
        may_retry=use.may_retry,
    )
    try:
        text = "".join(answer)
    finally:
        answer.close()
    use.count(answer.prompt_tokens, answer.completion_tokens)
    if answer.finish_reason == "length":
        raise NoAnswer("cut off")
    return text


def _most_tokens(messages: list[ChatMessage]) -> int:
    return sum(map(estimate_tokens, messages)) + int(settings.DEFAULT_MAX_TOKENS)


def _outcome(failure: UpstreamFailed) -> Exception:
    """What the failure means for the other lines. After a timeout, the same line is not asked for
    again: the wait for it was long enough.
    """
    if isinstance(failure, _CAUSED_BY_LINE):
        return NoAnswer(failure.code)
    if isinstance(failure, _PERMANENT):
        return ModelAway(failure.code)
    return ModelBusy(
        failure.code, wait=failure.wait, again=not isinstance(failure, UpstreamTimeout)
    )
