"""Where in a text the words of a line stand, also with other words among them: a local alignment of
their letters.

`rapidfuzz` finds the fewest letters to insert and delete between a line and a window of the text.
Of these steps, those with the best score are kept, which cuts off what is only around the line, as
the algorithm of Smith and Waterman does, at a fraction of its cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

_MISSING, _ADDED = 0.5, 0.5  # what a letter costs that only the line, or only the text, has
_LEFT_OUT = 0.1  # what a letter costs that an ellipsis leaves out
_EDGE = 2  # equal letters at the edge of an alignment; one alone is there by chance
_SEEN_FROM = 55.0  # similarity of 100, from which a window is aligned at all
_MARGIN = 8  # letters around the most similar window


@dataclass(frozen=True, slots=True)
class Region:
    """Letters `begin` to `stop` of a text, and `first` to `last` of a line that stand there.
    `equal` of them are the same.
    """

    begin: int
    stop: int
    first: int
    last: int
    equal: int

    @property
    def similarity(self) -> float:
        """0 to 100: the share of letters that are the same, of those of both."""
        both = self.stop - self.begin + self.last - self.first
        return 200 * self.equal / both if both else 0.0

    @property
    def score(self) -> float:
        changed = self.stop - self.begin + self.last - self.first - 2 * self.equal
        return self.equal - changed / 2


class Block(NamedTuple):
    """`length` letters of the line, from `first`, that the window has from `begin`."""

    first: int
    begin: int
    length: int


def align(line: str, text: str, begin: int, stop: int, gaps: Sequence[int] = ()) -> Region | None:
    """The best alignment of the line's letters with those of the text from `begin` to `stop`.
    `gaps` are the letters before which the text says that something is left out.
    """
    window = text[begin:stop]
    found = fuzz.partial_ratio_alignment(line, window, score_cutoff=0 if gaps else _SEEN_FROM)
    if not found or not line or not window:
        return None
    if len(window) > len(line) and not gaps:
        margin = _MARGIN + len(line) // 3
        first = max(0, found.dest_start - margin)
        window, begin = window[first : found.dest_end + margin], begin + first
    best = _best(line, window, begin, gaps)
    return _grown(best, line, text, begin, begin + len(window)) if best else None


def _best(line: str, window: str, begin: int, gaps: Sequence[int]) -> Region | None:
    """The run of steps with the highest score."""
    best, run = list[Block](), list[Block]()  # the same list, as long as the run goes on
    count = 0  # blocks of the best
    best_score = run_score = 0.0
    for step in Indel.opcodes(line, window):
        if step.tag != "equal":
            is_gap = step.tag == "delete" and begin + step.dest_start in gaps
            missing = _LEFT_OUT if is_gap else _MISSING
            run_score -= missing * (step.src_end - step.src_start)
            run_score -= _ADDED * (step.dest_end - step.dest_start)
            continue
        length = step.src_end - step.src_start
        if run_score <= 0:
            run_score, run = 0.0, []
            if length < _EDGE and step.src_start > 0:
                continue
        run.append(Block(step.src_start, step.dest_start, length))
        run_score += length
        if run_score > best_score and (length >= _EDGE or step.src_end == len(line)):
            best_score, best, count = run_score, run, len(run)
    return _region(_closed_up(best[:count], line, window), begin) if best else None


def _closed_up(blocks: list[Block], line: str, window: str) -> list[Block]:
    """With its first and last letters beside the others, where the same letters stand there: of
    "is so" for "so", the steps may take the s of "is".
    """
    while len(blocks) > 1:
        first, second, *others = blocks
        at = second.begin - first.length
        letters = line[first.first : first.first + first.length]
        if first.first + first.length < second.first or not window.startswith(letters, at):
            break
        blocks = [Block(first.first, at, first.length + second.length), *others]
    while len(blocks) > 1:
        *others, second, last = blocks
        at = second.begin + second.length
        letters = line[last.first : last.first + last.length]
        if second.first + second.length < last.first or not window.startswith(letters, at):
            break
        blocks = [*others, second._replace(length=second.length + last.length)]
    return blocks


def _region(blocks: Sequence[Block], begin: int) -> Region:
    first, last = blocks[0], blocks[-1]
    equal = sum(block.length for block in blocks)
    places = begin + first.begin, begin + last.begin + last.length
    return Region(*places, first.first, last.first + last.length, equal)


def _grown(region: Region, line: str, text: str, begin: int, stop: int) -> Region:
    """With the equal letters right beside it, which the steps may have taken from farther away."""
    before = after = 0
    while (
        region.first > before
        and region.begin - before > begin
        and line[region.first - before - 1] == text[region.begin - before - 1]
    ):
        before += 1
    while (
        region.last + after < len(line)
        and region.stop + after < stop
        and line[region.last + after] == text[region.stop + after]
    ):
        after += 1
    return Region(
        region.begin - before,
        region.stop + after,
        region.first - before,
        region.last + after,
        region.equal + before + after,
    )
