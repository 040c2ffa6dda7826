"""Asks the upstream for the glosses of `quotes.glosses`. They cost no user's allowance."""

from django.conf import settings

from chat.answering.side_request import NotWhole, ask_aside, model_of
from chat.upstream import UpstreamFailed
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

_CAUSED_BY_LINE = (UpstreamContentFilter, UpstreamContextTooLong, UpstreamEmpty)
_PERMANENT = (
    *(UpstreamUnauthorized, UpstreamModelNotFound, UpstreamUnreachable, UpstreamRejected),
    UpstreamMalformed,
)


class UpstreamGlosser:
    """A `quotes.glosses.asking.Glosser`. The client retries a request before this fails."""

    @property
    def model(self) -> str:
        return model_of(settings.GLOSS_MODEL or settings.DEFAULT_MODEL)

    def __call__(self, prompt: Prompt) -> str:
        try:
            return ask_aside(self.model, system=prompt.system, user=prompt.user)
        except NotWhole as error:
            raise NoAnswer("cut off") from error
        except UpstreamFailed as failure:
            raise _outcome(failure) from failure


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
