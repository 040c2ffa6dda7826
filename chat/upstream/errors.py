"""Every way in which a call of an upstream can fail, and whether the user gets the unit back.

    Problem
    └── UpstreamFailed               502 upstream_failed             5xx, an error, abort …
        ├── UpstreamUnauthorized     502 upstream_unauthorized       401, 403: key not accepted
        ├── UpstreamModelNotFound    502 upstream_model_not_found    404
        ├── UpstreamContextTooLong   422 upstream_context_too_long   413, or by the error's message
        ├── UpstreamContentFilter    422 upstream_content_filter     message, finish_reason; charged
        ├── UpstreamRejected         502 upstream_rejected           any other 3xx and 4xx
        ├── UpstreamRateLimited      503 upstream_rate_limited       429, with Retry-After
        ├── UpstreamUnreachable      503 upstream_unreachable        refused, no such name, bad TLS
        ├── UpstreamUnavailable      503 upstream_unavailable        the breaker is open
        ├── UpstreamTimeout          504 upstream_timeout            connect, first byte, or a gap
        ├── UpstreamMalformed        502 upstream_malformed          not the protocol
        ├── UpstreamDisconnected     502 upstream_disconnected       closed before its end
        └── UpstreamEmpty            502 upstream_empty              complete without any text;
                                                                     charged if the model worked
A unit that is charged stays spent: the content filter stops what the user asked for, and an answer
of reasoning or white space costs as much as any other. All other failures give the unit back
(`refunded`; the table is in ADR 0002).
"""

import math
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from chat.upstream.parameters import Complaint
from config.api.problems import Problem


class UpstreamFailed(Problem):
    """`wait` is the upstream's Retry-After in seconds. `retryable`: it came before the first byte
    and may be temporary. `upstream_status` is 0 without a response. `is_users_fault`: another
    model, such as the board, must not answer instead. `trips_breaker`: the breaker counts it.
    `is_unsent`: the request did not reach the server, so it cannot have caused the failure.
    `complaint` names the parameters that the server refuses.
    """

    status_code = 502
    default_code = "upstream_failed"
    default_detail = _("The model's server failed. Try again in a moment.")
    refunded: bool = True
    is_users_fault: ClassVar[bool] = False
    trips_breaker: ClassVar[bool] = True
    default_wait: ClassVar[float | None] = None
    is_unsent: bool = False

    def __init__(
        self,
        *,
        retryable: bool = False,
        wait: float | None = None,
        upstream_status: int = 0,
        complaint: Complaint | None = None,
    ) -> None:
        shown = self.default_wait if wait is None else wait
        headers = {} if shown is None else {"Retry-After": str(max(1, math.ceil(shown)))}
        super().__init__(headers=headers)
        self.retryable = retryable
        self.wait = wait
        self.upstream_status = upstream_status
        self.complaint = complaint or Complaint()


class UpstreamUnauthorized(UpstreamFailed):
    default_code = "upstream_unauthorized"
    default_detail = _("The model's server does not accept this server's key.")
    trips_breaker = False


class UpstreamModelNotFound(UpstreamFailed):
    default_code = "upstream_model_not_found"
    default_detail = _("The model's server does not have this model.")
    trips_breaker = False


class UpstreamContextTooLong(UpstreamFailed):
    status_code = 422
    default_code = "upstream_context_too_long"
    default_detail = _("The conversation is too long for this model.")
    trips_breaker = False


class UpstreamContentFilter(UpstreamFailed):
    status_code = 422
    default_code = "upstream_content_filter"
    default_detail = _("The model's content filter stopped this answer.")
    refunded = False
    is_users_fault = True
    trips_breaker = False


class UpstreamRejected(UpstreamFailed):
    default_code = "upstream_rejected"
    default_detail = _("The model's server refused the request.")
    trips_breaker = False


class UpstreamRateLimited(UpstreamFailed):
    status_code = 503
    default_code = "upstream_rate_limited"
    default_detail = _("The model's server is at its limit. Try again in a moment.")
    default_wait = 5.0
    trips_breaker = False


class UpstreamUnreachable(UpstreamFailed):
    status_code = 503
    default_code = "upstream_unreachable"
    default_detail = _("The model's server cannot be reached.")
    is_unsent = True


class UpstreamUnavailable(UpstreamFailed):
    status_code = 503
    default_code = "upstream_unavailable"
    default_detail = _(
        "The model's server keeps failing, so no requests are sent to it for a moment."
    )
    trips_breaker = False


class UpstreamTimeout(UpstreamFailed):
    status_code = 504
    default_code = "upstream_timeout"
    default_detail = _("The model's server did not answer in time.")

    def __init__(self, *, is_unsent: bool = False) -> None:
        super().__init__()
        self.is_unsent = is_unsent


class UpstreamMalformed(UpstreamFailed):
    default_code = "upstream_malformed"
    default_detail = _("The model's server sent an invalid answer.")
    trips_breaker = False


class UpstreamDisconnected(UpstreamFailed):
    default_code = "upstream_disconnected"
    default_detail = _("The model's server disconnected before the answer was complete.")


class UpstreamEmpty(UpstreamFailed):
    default_code = "upstream_empty"
    default_detail = _("The model sent an empty answer.")
    trips_breaker = False

    def __init__(self, *, has_worked: bool = False) -> None:
        super().__init__()
        self.refunded = not has_worked
