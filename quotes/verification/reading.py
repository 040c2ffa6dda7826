"""An answer as its reader sees it: the text without Markdown, and where each of its characters
stands in the answer as it was written.

`quotes.verification.markdown` finds the blocks with their lines, and inline elements with their
places.

Code and images become `HIDDEN` characters, so nothing inside them is judged or changed.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from markdown_it.token import Token

from config.budget import Budget, OutOfTime
from quotes.verification.markdown import HIDDEN, parser, shown_for

Range = tuple[int, int]

READ_CHARACTERS = 40_000  # of an answer; usual models write less

_BETWEEN = "\n\n"  # two passages
_TAG = re.compile(r"<[!/?a-zA-Z][^<>]{0,500}>")
_QUOTE = re.compile(r"<blockquote\b", re.IGNORECASE)
_UNREAD = re.compile(r"<(?:pre|code|script|style|svg|!--)", re.IGNORECASE)
_NOTE = re.compile(r"\[\^[^\[\]\s]{1,20}\]|<sup\b[^<>]{0,100}>[^<>]{0,20}</sup>", re.IGNORECASE)
_CALLOUT = re.compile(r"\[!(?P<type>[A-Za-z]{1,20})\][-+]?(?P<title>[^\n]{0,100})\n?")
_QUOTATIONS = frozenset({"quote", "cite"})  # the types of callouts whose titles name who is quoted
_WRITTEN = re.compile(r"[\n\\`*_~\[<&]")  # without these, all of a content is text
_STARS = re.compile(r"\*\*+|__+")  # where emphasis was meant that CommonMark does not read as such


@dataclass(frozen=True, slots=True)
class Passage:
    """Characters `start` to `end` of the text: one block of the answer.

    `kind` is "paragraph", "heading", "cell" or "html". `quote`, `item` and `row` are the numbers
    (from 1) of the block quote, the list item and the table row that it is in, 0 if in none.
    """

    start: int
    end: int
    kind: str
    quote: int = 0
    item: int = 0
    row: int = 0


@dataclass(slots=True)
class Reading:
    """Character i of the text begins at `starts[i]` of the answer; `ends` are the ends of those
    that are written with several characters (`&amp;`). `emphasis` are the places in the text of
    what is bold, italic or a link. `titles` are those of callouts for quotations, by the number of
    their block quote.
    """

    text: str = ""
    passages: list[Passage] = field(default_factory=list)
    emphasis: list[Range] = field(default_factory=list)
    titles: dict[int, str] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)

    def end(self, character: int) -> int:
        """Where a character ends in the answer."""
        return self.ends.get(character, self.starts[character] + 1)

    def source(self, start: int, end: int) -> Range:
        """The place in the answer of a place in the text that is not empty."""
        return self.starts[start], self.end(end - 1)

    def place(self, start: int, end: int) -> Range:
        """The place in the text of a place in the answer."""
        return bisect_left(self.starts, start), bisect_left(self.starts, end)


def read(answer: str, budget: Budget | None = None) -> Reading:
    """What the budget leaves no time for is not read, and `budget.is_exceeded` is set."""
    budget = budget or Budget()
    if len(answer) > READ_CHARACTERS:
        budget.is_exceeded, answer = True, answer[:READ_CHARACTERS]
    # Of the same length, so that all places stay the same.
    answer = answer.replace("\r\n", " \n").replace("\r", "\n").replace("\0", "\ufffd")
    builder = _Builder()
    with suppress(OutOfTime):
        for block in _blocks(answer, {"budget": budget}):
            builder.add(block)
    return builder.reading()


@dataclass(slots=True)
class _Block:
    """`content` is what the block has for inline parsing; `places` are where its characters stand
    in the answer.
    """

    content: str
    places: Sequence[int]
    kind: str
    quote: int = 0
    item: int = 0
    row: int = 0
    env: dict[str, Any] = field(default_factory=dict)


def _blocks(answer: str, env: dict[str, Any]) -> Iterator[_Block]:
    tokens: list[Token] = []
    parser().block.parse(answer, parser(), env, tokens)
    lines = _Lines(answer)
    at = _Where()
    for token in tokens:
        at.enter(token)
        if token.type == "inline" and token.content and token.map:
            if at.row:
                places = lines.cell(token.content, token.map[0], at.row)
            else:
                places = lines.paragraph(token.content, *token.map)
            yield _Block(token.content, places, at.kind, at.quote, at.item, at.row, env)
        elif token.type == "html_block" and token.map and not _UNREAD.search(token.content):
            start, end = lines.starts[token.map[0]], lines.starts[token.map[1]]
            quote = at.quote or (at.new_quote() if _QUOTE.search(token.content) else 0)
            yield _Block(answer[start:end], range(start, end), "html", quote, at.item, env=env)


class _Where:
    """What the tokens of a document are in."""

    def __init__(self) -> None:
        self.quote = self.item = self.row = 0
        self._quotes = self._items = self._rows = self._depth = 0
        self._outer: list[int] = []
        self.kind = "paragraph"

    def new_quote(self) -> int:
        self._quotes += 1
        return self._quotes

    def enter(self, token: Token) -> None:
        match token.type:
            case "blockquote_open":
                self._depth += 1
                self.quote = self.quote or self.new_quote()
            case "blockquote_close":
                self._depth -= 1
                self.quote = self.quote if self._depth else 0
            case "list_item_open":
                self._outer.append(self.item)
                self._items += 1
                self.item = self._items
            case "list_item_close":
                self.item = self._outer.pop()
            case "tr_open":
                self._rows += 1
                self.row, self.kind = self._rows, "cell"
            case "tr_close":
                self.row, self.kind = 0, "paragraph"
            case "heading_open":
                self.kind = "heading"
            case "heading_close":
                self.kind = "paragraph"


class _Lines:
    """Finds the content of blocks in the lines of the answer: `markdown_it` removes from each line
    its prefix and the white space at its ends.
    """

    def __init__(self, answer: str) -> None:
        self._lines = answer.split("\n")
        self.starts = [0]
        for line in self._lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.starts[-1] -= 1
        self._cell = (0, 0)  # the row that was read last, and how far

    def paragraph(self, content: str, first: int, last: int) -> list[int]:
        places: list[int] = []
        for number, text in enumerate(content.split("\n"), first):
            line = self._lines[min(number, last - 1)]
            blanks = len(text) - len(text.lstrip())
            column = line.rfind(text.strip()) if text.strip() else len(line)
            begin = self.starts[number] + max(column, 0)
            places += [begin] * blanks  # may be fewer or more in the line, where it has tabs
            places += range(begin, begin + len(text) - blanks)
            places.append(self.starts[number + 1] - 1)
        return places[:-1]

    def cell(self, content: str, number: int, row: int) -> list[int]:
        line, start = self._lines[number], self.starts[number]
        escaped = content.replace("|", "\\|")
        at = line.find(escaped, self._cell[1] if self._cell[0] == row else 0)
        self._cell = (row, at + len(escaped))
        places: list[int] = []
        for character in content:
            at += character == "|"
            places.append(start + at)
            at += 1
        return places


class _Builder:
    """Joins the visible texts of the blocks."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._made = Reading()

    def reading(self) -> Reading:
        self._made.text = "".join(self._parts)
        return self._made

    def add(self, block: _Block) -> None:
        inline = _inline(block)
        if inline.title:
            self._made.titles.setdefault(block.quote, inline.title)
        pieces = list(_visible(block.content, inline))
        if not pieces:
            return
        self._separate(block.places[pieces[0].start])
        begin = self._length
        seen: list[int] = []  # characters before each piece
        for piece in pieces:
            seen.append(self._length)
            self._append(piece, block.places)
        seen.append(self._length)
        self._made.passages.append(
            Passage(begin, self._length, block.kind, block.quote, block.item, block.row)
        )
        firsts = [piece.start for piece in pieces]
        for start, end in inline.emphasis:
            first, last = bisect_left(firsts, start), bisect_left(firsts, end)
            place = seen[first], seen[last]
            if place[0] < place[1]:
                self._made.emphasis.append(place)

    def _separate(self, start: int) -> None:
        if self._length:
            end = self._made.end(self._length - 1)
            self._parts.append(_BETWEEN)
            self._length += len(_BETWEEN)
            self._made.starts += [end, start]

    def _append(self, piece: "_Piece", places: Sequence[int]) -> None:
        if piece.is_literal:
            self._made.starts += places[piece.start : piece.end]
        else:
            start, end = places[piece.start], places[piece.end - 1] + 1
            self._made.starts += [start] * len(piece.text)
            numbers = range(self._length, self._length + len(piece.text))
            self._made.ends.update(dict.fromkeys(numbers, end))
        self._parts.append(piece.text)
        self._length += len(piece.text)


@dataclass(slots=True)
class _Inline:
    """What the inline rules have read in a content: replacements of its characters (`""` hides
    them), what is emphasised, and the title of a callout for a quotation.
    """

    replaced: list[tuple[int, int, str]] = field(default_factory=list)
    emphasis: list[Range] = field(default_factory=list)
    title: str = ""


def _inline(block: _Block) -> _Inline:
    content, found = block.content, _Inline()
    if not _WRITTEN.search(content):
        return found
    if block.kind == "html":
        found.replaced = [(*tag.span(), shown_for(tag[0])) for tag in _TAG.finditer(content)]
    else:
        tokens: list[Token] = []
        block.env["read"], block.env["labels"] = found.replaced, found.emphasis
        parser().inline.parse(content, parser(), block.env, tokens)
        _delimiters(tokens, found)
        # `\가` is no escape, though it is read like one: both characters are shown as they are.
        found.replaced = [one for one in found.replaced if content[one[0] : one[1]] != one[2]]
    found.replaced += [(*note.span(), "") for note in _NOTE.finditer(content)]
    found.replaced += [(*stars.span(), "") for stars in _STARS.finditer(content)]
    if block.quote and (callout := _CALLOUT.match(content)):
        found.replaced.append((*callout.span(), ""))
        if callout["type"].lower() in _QUOTATIONS:
            found.title = callout["title"].strip()
    return found


def _delimiters(tokens: Sequence[Token], found: _Inline) -> None:
    opened: list[int] = []
    for token in tokens:
        if (at := token.meta.get("at")) is None or not token.nesting:
            continue
        # Of the two marks of `**`, the inner one has become the token.
        start = at - 1 if token.type == "strong_open" else at
        end = start + len(token.markup)
        found.replaced.append((start, end, ""))
        if token.nesting > 0:
            opened.append(end)
        elif opened:
            found.emphasis.append((opened.pop(), start))


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is seen of characters `start` to `end` of a content: themselves, or another text."""

    text: str
    start: int
    end: int
    is_literal: bool = True


def _visible(content: str, inline: _Inline) -> Iterator[_Piece]:
    at = 0
    for start, end, text in sorted(inline.replaced, key=lambda one: (one[0], -one[1])):
        if start < at:
            continue
        if start > at:
            yield _Piece(content[at:start], at, start)
        if text == HIDDEN:
            yield _Piece(HIDDEN * (end - start), start, end)
        elif text:
            yield _Piece(text, start, end, is_literal=False)
        at = end
    if at < len(content):
        yield _Piece(content[at:], at, len(content))
