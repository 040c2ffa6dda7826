"""What can go wrong with a question, apart from the upstream (`chat.upstream.errors`).

Problem
├── QuotaExhausted            429, with the time at which the allowance comes back
├── TurnInterrupted           503, the server stopped while it wrote; nothing was charged
├── TurnCrashed               500, the server failed; nothing was charged
└── Conflict
    └── ReplyInProgress       409, the chat's answer is still being written
"""

from django.utils.translation import gettext_lazy as _

from config.api.problems import Conflict, Problem


class QuotaExhausted(Problem):
    status_code = 429
    default_code = "quota_exhausted"
    default_detail = _("Today's allowance is used up.")


class ReplyInProgress(Conflict):
    default_code = "reply_in_progress"
    default_detail = _("The answer to this is still being written.")


class TurnInterrupted(Problem):
    status_code = 503
    default_code = "interrupted"
    default_detail = _(
        "The server stopped while it wrote the answer. Nothing was charged; ask again."
    )


class TurnCrashed(Problem):
    status_code = 500
    default_code = "internal"
    default_detail = _("The server failed. The failure has been logged.")
