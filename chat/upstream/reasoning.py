"""Takes a model's reasoning out of the beginning of an answer (ADR 0026).

Servers that know their model send reasoning in a field of its own. Others send it as text between
tags, before the answer.
"""

_TAGS = {
    "<think>": "</think>",  # DeepSeek, Qwen, GLM and most others
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",  # Gemini
    "[THINK]": "[/THINK]",  # Mistral
}
_LONGEST = max(map(len, _TAGS))


class ReasoningFilter:
    """Takes the text of an answer, however it was split, and returns what is not reasoning;
    `take_reasoning` returns the rest.

    Only tags before any other text count: later ones are text about tags. Reasoning that is not
    closed lasts until the end. White space before the answer is held until it is known what
    follows, and is dropped after reasoning.
    """

    def __init__(self) -> None:
        self._is_past = False
        self._blanks: list[str] = []  # the white space before anything else
        self._held = ""  # may be the beginning of a tag
        self._closing = ""  # the tag that ends the reasoning
        self._has_reasoning = False
        self._reasoning: list[str] = []  # that was not taken yet

    def feed(self, text: str) -> str:
        """Takes linear time in total: of earlier text at most a tag's length is searched again."""
        if self._is_past:
            return text
        self._held += text
        while self._advance():
            pass
        return self.end() if self._is_past else ""

    def end(self) -> str:
        """What was held, where it is no reasoning."""
        text = "" if self._closing else "".join(self._blanks) + self._held
        if self._closing:
            self._reasoning.append(self._held)
        self._is_past, self._blanks, self._held = True, [], ""
        return text

    def take_reasoning(self) -> str:
        """The reasoning that came since the last call."""
        if not self._reasoning:
            return ""
        text = "".join(self._reasoning)
        self._reasoning.clear()
        return text

    def _advance(self) -> bool:
        """Whether a tag was passed, so that there may be another."""
        return self._close() if self._closing else self._open()

    def _close(self) -> bool:
        at = self._held.find(self._closing)
        is_closed = at >= 0
        # Unless it is closed, the end may be the beginning of the tag.
        end = at if is_closed else max(0, len(self._held) - len(self._closing) + 1)
        self._reasoning.append(self._held[:end])
        self._held = self._held[end:]
        if is_closed:
            self._held = self._held.removeprefix(self._closing)
            self._closing = ""
        return is_closed

    def _open(self) -> bool:
        begun = self._held.lstrip()
        if not self._has_reasoning:
            self._blanks.append(self._held[: len(self._held) - len(begun)])
        self._held = begun
        for opening, closing in _TAGS.items():
            if begun.startswith(opening):
                self._held, self._closing = begun[len(opening) :], closing
                self._blanks, self._has_reasoning = [], True
                return True
        start = begun[:_LONGEST]
        self._is_past = not any(opening.startswith(start) for opening in _TAGS)
        return False
