"""Content negotiation for answers that stream."""

from config.api.renderers import JSONRenderer


class MarkdownRenderer(JSONRenderer):
    """Lets a caller ask for `text/markdown`. `chat.export` writes it; this renders problems."""

    media_type = "text/markdown"
    format = "markdown"


class EventStreamRenderer(JSONRenderer):
    """Lets a caller ask for `text/event-stream`. The events themselves are written by
    `chat.views.answers`; this renders only what is no stream: a problem.
    """

    media_type = "text/event-stream"
    format = "event-stream"
