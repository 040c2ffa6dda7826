"""The client of OpenAI-compatible model servers; no other package speaks to them.

`Upstream` (`client`) is one server. It logs calls (`call_log`) and retries, where necessary with
other `parameters`; of each model it keeps a `model_state` with a `breaker`.
`Answer` (`answer`) reads a `response_body`, on a `connection` of the `pool`; `completion` decodes
it: `sse` events or JSON, without `reasoning`, until one of the `finish_reasons`.
`errors` are all ways to fail, `error_mapping` chooses among them (`too_long`). `default` builds
the upstream that the settings name.
"""

from chat.upstream.answer import Answer
from chat.upstream.client import ChatMessage, Upstream
from chat.upstream.default import (
    close_default_upstream,
    default_upstream,
    override_default_options,
)
from chat.upstream.errors import UpstreamContextTooLong, UpstreamFailed
from chat.upstream.options import ClientOptions

__all__ = [
    "Answer",
    "ChatMessage",
    "ClientOptions",
    "Upstream",
    "UpstreamContextTooLong",
    "UpstreamFailed",
    "close_default_upstream",
    "default_upstream",
    "override_default_options",
]
