"""How an answer ended, by the `finish_reason` of its chunks."""

from typing import Any

CONTENT_FILTER = "content_filter"
_MAX_LENGTH = 30  # of the column

# OpenAI's reason, and what other servers call it: Together, TGI, Mistral, Cohere, Zhipu, and those
# that pass on the reasons of Anthropic or Gemini.
_SYNONYMS = {
    "stop": ("eos", "eos_token", "end_turn", "stop_sequence", "complete"),
    "length": ("max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded"),
    "tool_calls": ("tool_use",),
    "function_call": (),
    CONTENT_FILTER: (
        *("sensitive", "refusal", "safety", "recitation", "spii"),
        *("blocklist", "prohibited_content", "error_toxic"),
    ),
}
_KNOWN = {name: known for known, names in _SYNONYMS.items() for name in (known, *names)}
_NOTHING = {"", "null", "none"}


def known_reason(reason: Any) -> str:
    """OpenAI's name for a reason; "" for none; another one as it is, at most 30 characters."""
    if isinstance(reason, dict):  # SGLang's own form
        reason = reason.get("type")
    if not reason:
        return ""
    name = str(reason)[:_MAX_LENGTH].strip().lower()
    if name.startswith(CONTENT_FILTER):  # Gemini adds which one
        return CONTENT_FILTER
    return "" if name in _NOTHING else _KNOWN.get(name, name)


class Ending:
    """Takes every chunk's reason. `reason` is the last one; text after it makes it invalid.

    `is_settled`: it is certain that no text follows, so the client need not wait for more. Some
    servers put "stop" into every chunk, so a reason is certain only where earlier text had none.
    """

    def __init__(self) -> None:
        self.reason = ""
        self.is_settled = False
        self._has_open_text = False  # text came in a chunk without a reason
        self._was_wrong = False

    @property
    def is_whole(self) -> bool:
        """Whether the reason says that the answer is complete or has its greatest length."""
        return self.reason in _SYNONYMS and self.reason != CONTENT_FILTER

    @property
    def is_unknown(self) -> bool:
        """Whether the reason is none of those that end an answer properly: "abort", "error", …"""
        return bool(self.reason) and self.reason not in _SYNONYMS

    def take(self, reason: Any, *, has_text: bool) -> None:
        if has_text and self.reason:
            self.reason, self.is_settled, self._was_wrong = "", False, True
        if reason is None or not (name := known_reason(reason)):
            self._has_open_text = self._has_open_text or has_text
            return
        self.reason = name
        is_certain = self._has_open_text or name == CONTENT_FILTER
        self.is_settled = is_certain and not self._was_wrong
