"""Every way in which asking the upstream can fail, and what each one costs whom.

    Problem
    └── UpstreamFailed               502 upstream_failed             5xx, or an error event
        ├── UpstreamUnauthorized     502 upstream_unauthorized       401, 403: our key is not taken
        ├── UpstreamModelNotFound    502 upstream_model_not_found    404
        ├── UpstreamContextTooLong   422 upstream_context_too_long   400, 413, 422 of that meaning
        ├── UpstreamContentFilter    422 upstream_content_filter     400 or finish_reason; charged
        ├── UpstreamRejected         502 upstream_rejected           any other 3xx and 4xx
        ├── UpstreamRateLimited      503 upstream_rate_limited       429, with Retry-After
        ├── UpstreamUnreachable      503 upstream_unreachable        refused, no such name, bad TLS
        ├── UpstreamUnavailable      503 upstream_unavailable        the breaker is open
        ├── UpstreamTimeout          504 upstream_timeout            connect, first byte, or a gap
        ├── UpstreamMalformed        502 upstream_malformed          not the protocol
        ├── UpstreamDisconnected     502 upstream_disconnected       closed before it had finished
        └── UpstreamEmpty            502 upstream_empty              finished without any text

Only the content filter is the asker's own doing; all others give the unit back (`refunded`).
"""

import math
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from config.api.problems import Problem


class UpstreamFailed(Problem):
    """`wait` is what the upstream said in Retry-After, in seconds; `retryable` holds for a failure
    before the first byte that may pass by itself; `upstream_status` is 0 without a response.
    """

    status_code = 502
    default_code = "upstream_failed"
    default_detail = _("The model's server failed. Try again in a moment.")
    refunded: ClassVar[bool] = True
    trips: ClassVar[bool] = True  # whether the circuit breaker counts it
    default_wait: ClassVar[float | None] = None

    def __init__(
        self, *, retryable: bool = False, wait: float | None = None, upstream_status: int = 0
    ) -> None:
        shown = self.default_wait if wait is None else wait
        headers = {} if shown is None else {"Retry-After": str(max(1, math.ceil(shown)))}
        super().__init__(headers=headers)
        self.retryable = retryable
        self.wait = wait
        self.upstream_status = upstream_status


class UpstreamUnauthorized(UpstreamFailed):
    default_code = "upstream_unauthorized"
    default_detail = _("The model's server does not accept this server's key.")
    trips = False


class UpstreamModelNotFound(UpstreamFailed):
    default_code = "upstream_model_not_found"
    default_detail = _("The model's server does not have this model.")
    trips = False


class UpstreamContextTooLong(UpstreamFailed):
    status_code = 422
    default_code = "upstream_context_too_long"
    default_detail = _("The conversation is too long for this model.")
    trips = False


class UpstreamContentFilter(UpstreamFailed):
    status_code = 422
    default_code = "upstream_content_filter"
    default_detail = _("The model's content filter stopped this answer.")
    refunded = False
    trips = False


class UpstreamRejected(UpstreamFailed):
    default_code = "upstream_rejected"
    default_detail = _("The model's server refused the request.")
    trips = False


class UpstreamRateLimited(UpstreamFailed):
    status_code = 503
    default_code = "upstream_rate_limited"
    default_detail = _("The model's server is at its limit. Try again in a moment.")
    default_wait = 5.0
    trips = False


class UpstreamUnreachable(UpstreamFailed):
    status_code = 503
    default_code = "upstream_unreachable"
    default_detail = _("The model's server cannot be reached.")


class UpstreamUnavailable(UpstreamFailed):
    status_code = 503
    default_code = "upstream_unavailable"
    default_detail = _("The model's server keeps failing, so it is left alone for a moment.")
    trips = False


class UpstreamTimeout(UpstreamFailed):
    status_code = 504
    default_code = "upstream_timeout"
    default_detail = _("The model's server did not answer in time.")


class UpstreamMalformed(UpstreamFailed):
    default_code = "upstream_malformed"
    default_detail = _("The model's server sent something that is no answer.")
    trips = False


class UpstreamDisconnected(UpstreamFailed):
    default_code = "upstream_disconnected"
    default_detail = _("The model's server broke off before the answer was whole.")


class UpstreamEmpty(UpstreamFailed):
    default_code = "upstream_empty"
    default_detail = _("The model sent an empty answer.")
    trips = False
