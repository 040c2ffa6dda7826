"""Content negotiation for responses that stream."""

from config.api.renderers import JSONRenderer


class MarkdownRenderer(JSONRenderer):
    """Accepts `text/markdown`. `chat.history.export` writes the document; this renders problems."""

    media_type = "text/markdown"
    format = "markdown"


class EventStreamRenderer(JSONRenderer):
    """Accepts `text/event-stream`. `chat.api.sse` writes the events; this renders problems."""

    media_type = "text/event-stream"
    format = "event-stream"
