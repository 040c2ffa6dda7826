"""How a turn can fail, apart from the upstream (`chat.upstream.errors`).

Problem
├── QuotaExhausted            429, with the time at which the allowance is renewed
├── SiteLimitReached          429, all users together have used the day's budget of the site
├── TooManyStreams            429, the user has too many open answers (`chat.live.errors`)
├── TurnInterrupted           503, the server stopped while it wrote the answer
├── TurnCrashed               500, the server failed
├── ServiceUnavailable
│   ├── AttachmentLost        503, a file of the question cannot be read (`chat.attachments.errors`)
│   ├── ProcessFull           503, this process writes all that it may (`chat.live.errors`)
│   └── DatabaseUnavailable
│       └── TurnWithoutDatabase   503, the database failed before or after the upstream was asked
└── Conflict
    ├── ReplyInProgress       409, the chat's answer is still being written
    │   └── ParentInProgress  409, an answer that the question follows is; same code
    ├── NotCutOff             409, the answer to be continued is not cut off at its limit
    ├── AlreadyContinued      409, it was continued before, or too many attempts failed
    ├── ReplyNotShown         409, another answer to the question is shown
    ├── ModelNotOffered       409, the model that wrote it is not offered any more
    └── AnswerFollowed        409, a question has followed it
"""

from datetime import datetime
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from chat.attachments.errors import AttachmentLost
from chat.models import Reply, Status
from chat.upstream import UpstreamFailed
from config.api.problems import Conflict, DatabaseUnavailable, Problem
from config.api.times import seconds_until


class Failure(Protocol):
    """A problem that ends a turn. `refunded`: its unit is given back, up to the day's limit of
    refunds (`quota.give_back`). ADR 0002 has the table of all endings.
    """

    code: str
    refunded: bool


class QuotaExhausted(Problem):
    status_code = 429
    default_code = "quota_exhausted"
    default_detail = _("Today's allowance is used up.")


class SiteLimitReached(Problem):
    """`chat.api.base.QuotaHeaders` adds the headers of both allowances."""

    status_code = 429
    default_code = "site_limit_reached"
    default_detail = _("This site has reached its limit of questions for today.")

    def __init__(self, *, resets_at: datetime) -> None:
        wait = str(seconds_until(resets_at))
        super().__init__(
            headers={"Retry-After": wait, "x-should-retry": "false"},
            resets_at=resets_at.isoformat(),
        )


class ReplyInProgress(Conflict):
    default_code = "reply_in_progress"
    default_detail = _("The answer to this is still being written.")


class ParentInProgress(ReplyInProgress):
    """The member `stream_id` is the stream of the answer that must end first."""

    default_detail = _(
        "An answer that this question follows is still being written. Wait for its end, or stop it."
    )


class NotCutOff(Conflict):
    default_code = "not_cut_off"
    default_detail = _("This answer was not cut off at the limit of its length.")


class AlreadyContinued(Conflict):
    default_code = "already_continued"
    default_detail = _("This answer has been continued as often as it may be.")


class ReplyNotShown(Conflict):
    default_code = "reply_not_shown"
    default_detail = _("Another answer to this question is shown now.")


class ModelNotOffered(Conflict):
    default_code = "model_not_offered"
    default_detail = _("The model that wrote this answer is not offered any more.")


class AnswerFollowed(Conflict):
    default_code = "answer_followed"
    default_detail = _("A question has followed this answer, so it cannot be continued any more.")


class TurnInterrupted(Problem):
    status_code = 503
    default_code = "interrupted"
    default_detail = _("The server stopped while it wrote the answer. Ask again.")
    refunded = True


class TurnWithoutDatabase(DatabaseUnavailable):
    refunded = True


class TurnCrashed(Problem):
    status_code = 500
    default_code = "internal"
    default_detail = _("The server failed. The failure has been logged.")
    refunded = True


def problem_of(reply: Reply) -> Problem | None:
    """The problem with which a stored reply ended; None when it did not fail."""
    if reply.status == Status.INTERRUPTED:
        return TurnInterrupted()
    return _with_code(reply.error_code) if reply.status == Status.FAILED else None


def problem_of_last(reply: Reply) -> Problem | None:
    """The problem with which the last attempt to write a stored reply ended: its continuation, if
    there was one.
    """
    if reply.continuation_error and reply.status != Status.STREAMING:
        return _with_code(reply.continuation_error)
    return problem_of(reply)


def _with_code(code: str) -> Problem:
    kinds: list[type[UpstreamFailed | TurnWithoutDatabase | TurnInterrupted | AttachmentLost]] = [
        AttachmentLost,
        TurnInterrupted,
        TurnWithoutDatabase,
        UpstreamFailed,
        *UpstreamFailed.__subclasses__(),
    ]
    by_code = {kind.default_code: kind for kind in kinds}
    return by_code[code]() if code in by_code else TurnCrashed()
