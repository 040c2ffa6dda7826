"""The client of OpenAI-compatible model servers; no other package speaks to them.

`Upstream` (`client`) is one server. It logs calls (`call_log`) and retries, where necessary with
other `parameters`; of each model it keeps a `model_state` with a `breaker`.
`Answer` (`answer`) reads a `response_body`, on a `connection` of the `pool`; `completion` decodes
it: `sse` events or JSON, without `reasoning`, until one of the `finish_reasons`.
`errors` are all ways to fail, `error_mapping` chooses among them (`too_long`). `default` builds
the upstream that the settings name, or the servers of `UPSTREAMS`. Each model of these is a
deployment (`deployments`), limited by its `traffic` and `minute_limits`; `attempts` asks one after
another (ADR 0048).
"""

from chat.upstream.answer import Answer
from chat.upstream.attempts import Attempts
from chat.upstream.client import ChatMessage, Upstream
from chat.upstream.default import (
    RunningServer,
    close_default_upstream,
    default_upstream,
    has_upstream,
    override_default_options,
    running_servers,
    upstream_health,
)
from chat.upstream.deployments import (
    Deployment,
    Use,
    deployments_of,
    for_groups,
    has_groups,
    in_order,
)
from chat.upstream.errors import UpstreamContextTooLong, UpstreamFailed
from chat.upstream.options import ClientOptions
from chat.upstream.parameters import Picture

__all__ = [
    "Answer",
    "Attempts",
    "ChatMessage",
    "ClientOptions",
    "Deployment",
    "Picture",
    "RunningServer",
    "Upstream",
    "UpstreamContextTooLong",
    "UpstreamFailed",
    "Use",
    "close_default_upstream",
    "default_upstream",
    "deployments_of",
    "for_groups",
    "has_groups",
    "has_upstream",
    "in_order",
    "override_default_options",
    "running_servers",
    "upstream_health",
]
