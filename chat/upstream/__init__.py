"""The only room that knows the wire of an OpenAI-compatible server.

What the rest of chat uses stands here and is imported when first asked for: `chat.upstream.fake`
lies below this package and runs without Django.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chat.upstream.answer import Answer
    from chat.upstream.catalogue import list_models
    from chat.upstream.client import Message, open_answer
    from chat.upstream.errors import UpstreamFailed

__all__ = ["Answer", "Message", "UpstreamFailed", "list_models", "open_answer"]

_HOMES = {
    "Answer": "answer",
    "Message": "client",
    "UpstreamFailed": "errors",
    "list_models": "catalogue",
    "open_answer": "client",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
