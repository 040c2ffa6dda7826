"""What is known of a format, and the sets of verdicts that its data uses."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.verification.shapes import as_it_is

NOTHING = "none"  # no judgement
Verdicts = frozenset[str]


def one_of(*verdicts: str) -> Verdicts:
    return frozenset(verdicts)


VERBATIM = one_of("verbatim")
EXCERPT = one_of("excerpt")
SAME = one_of("same_words")
SILENT = one_of(NOTHING)

CLAIM = "claim"  # it names a speaker or an id, or calls the words a quotation
QUOTED = "quoted"  # marks or a block: a claim where the question asks for a line
BARE = "bare"  # no marks, but a paragraph, a cell or emphasis of its own: judged if like a line
INSIDE = "inside"  # in the middle of a sentence: looked for only if it was shown to the writer
CODE = "code"  # never judged


@dataclass(frozen=True, slots=True)
class Format:
    """`true` are the right verdicts on an unchanged line. Those on an altered one are its
    alteration's, unless `altered` is set. `note` is one that an altered line must have here.
    """

    name: str
    template: str
    kind: str = QUOTED
    shape: Callable[[str], str] = as_it_is
    true: Verdicts = VERBATIM
    altered: Verdicts = frozenset()
    note: str = ""

    @property
    def names_speaker(self) -> bool:
        return any(f"{{{name}}}" in self.template for name in ("name", "topic", "subject"))

    def on_line(self, expected: Verdicts, *, is_shown: bool) -> Verdicts:
        """Of a line of the board, unchanged or altered."""
        if self.kind == CODE:
            return SILENT
        if is_shown:
            return expected
        # What is hardly like a line any more is none, unless it is claimed to be one.
        is_far = "unknown" in expected and self.kind != CLAIM
        return expected | SILENT if is_far or self.kind == INSIDE else expected

    def on_invented(self, *, is_asked: bool) -> Verdicts:
        """Of a sentence that no line is like; `is_asked` if the question asks for a line."""
        if self.kind == CODE:
            return SILENT
        is_claim = self.kind == CLAIM or (self.kind == QUOTED and is_asked)
        return one_of("unknown") if is_claim else one_of("unknown", NOTHING)
