"""What can go wrong with a question, apart from the upstream (`chat.upstream.errors`).

Problem
├── QuotaExhausted            429, with the time at which the allowance comes back
├── TooManyStreams            429, as many answers of this person are open as may be
├── TurnInterrupted           503, the server stopped while it wrote; nothing was charged
├── TurnCrashed               500, the server failed; nothing was charged
├── ServiceUnavailable
│   └── ProcessFull           503, this process carries as many answers as it can
└── Conflict
    └── ReplyInProgress       409, the chat's answer is still being written
"""

from typing import ClassVar, Protocol

from django.utils.translation import gettext_lazy as _

from config.api.problems import Conflict, Problem, ServiceUnavailable


class Failure(Protocol):
    """A problem that ends a turn; `refunded`: whether its unit comes back."""

    code: str
    refunded: ClassVar[bool]


class QuotaExhausted(Problem):
    status_code = 429
    default_code = "quota_exhausted"
    default_detail = _("Today's allowance is used up.")


class TooManyStreams(Problem):
    status_code = 429
    default_code = "too_many_streams"
    default_detail = _("Some of your answers are still being written. Wait for one, or stop one.")

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "5"})


class ProcessFull(ServiceUnavailable):
    default_code = "process_full"
    default_detail = _("The server is writing as many answers as it can. Try again in a moment.")


class ReplyInProgress(Conflict):
    default_code = "reply_in_progress"
    default_detail = _("The answer to this is still being written.")


class TurnInterrupted(Problem):
    status_code = 503
    default_code = "interrupted"
    default_detail = _(
        "The server stopped while it wrote the answer. Nothing was charged; ask again."
    )
    refunded: ClassVar[bool] = True


class TurnCrashed(Problem):
    status_code = 500
    default_code = "internal"
    default_detail = _("The server failed. The failure has been logged.")
    refunded: ClassVar[bool] = True
