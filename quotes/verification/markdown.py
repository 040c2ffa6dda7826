"""The parser of Markdown (`markdown_it`). It gives line numbers for blocks and no places for inline
elements, so its inline rules are wrapped here: each records in `env["read"]` what it has read, as
(start, end, what is seen instead), and links in `env["labels"]`, as (start, end) of their text. A
budget in `env["budget"]` lets other requests run meanwhile.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it import rules_inline as rules
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

if TYPE_CHECKING:
    from markdown_it.ruler import RuleOptionsType

HIDDEN = "\0"  # is seen in the place of each character of code and images

_SHOWN = [
    (re.compile(form, re.IGNORECASE), shown)
    for form, shown in ((r"<br\b", "\n"), (r"<q\b", "“"), (r"</q\b", "”"))
]

Rule = Callable[[StateInline, bool], bool]


def shown_for(tag: str) -> str:
    """What a browser shows in the place of an HTML tag."""
    return next((shown for form, shown in _SHOWN if form.match(tag)), "")


def _block_pause(state: StateBlock, _start: int, _end: int, _silent: bool) -> bool:  # noqa: FBT001
    """No rule: called for each line, as all block rules, it lets other requests run."""
    state.env["budget"].check()
    return False


def _inline_pause(state: StateInline, _silent: bool) -> bool:  # noqa: FBT001
    state.env["budget"].check()
    return False


class _Recording(ParserInline):
    def tokenize(self, state: StateInline) -> None:
        super().tokenize(state)
        state.env["label_end"] = state.posMax  # of a link, whose rule calls this for its label


def _recorded(rule: Rule, record: Callable[[StateInline, int], None]) -> Rule:
    def apply(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - called so by markdown_it
        start = state.pos
        if not rule(state, silent):
            return False
        if not silent:
            record(state, start)
        return True

    return apply


def _record_code(state: StateInline, start: int) -> None:
    if state.tokens and state.tokens[-1].type == "code_inline" and not state.pending:
        state.env["read"].append((start, state.pos, HIDDEN))


def _record_image(state: StateInline, start: int) -> None:
    state.env["read"].append((start, state.pos, HIDDEN))


def _record_tag(state: StateInline, start: int) -> None:
    state.env["read"].append((start, state.pos, shown_for(state.src[start : state.pos])))


def _record_link(state: StateInline, start: int) -> None:
    read, label_end = state.env["read"], state.env["label_end"]
    read += [(start, start + 1, ""), (label_end, state.pos, "")]
    state.env["labels"].append((start + 1, label_end))


def _record_special(state: StateInline, start: int) -> None:
    """An escaped character or an entity."""
    last = state.tokens[-1]
    shown = last.content if last.type == "text_special" and not state.pending else "\n"
    state.env["read"].append((start, state.pos, shown))


def _record_newline(state: StateInline, start: int) -> None:
    state.env["read"].append((start, state.pos, "\n"))


def _record_delimiters(state: StateInline, start: int) -> None:
    at = state.pos
    for token in reversed(state.tokens):
        at -= len(token.content)
        if at < start:
            break
        token.meta["at"] = at


_RECORDED: dict[str, tuple[Rule, Callable[[StateInline, int], None]]] = {
    "newline": (rules.newline, _record_newline),
    "escape": (rules.escape, _record_special),
    "backticks": (rules.backtick, _record_code),
    "strikethrough": (rules.strikethrough.tokenize, _record_delimiters),
    "emphasis": (rules.emphasis.tokenize, _record_delimiters),
    "link": (rules.link, _record_link),
    "image": (rules.image, _record_image),
    "html_inline": (rules.html_inline, _record_tag),
    "entity": (rules.entity, _record_special),
}


@cache
def parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    made.inline = _Recording()
    for name, (rule, record) in _RECORDED.items():
        made.inline.ruler.at(name, _recorded(rule, record))
    made.inline.ruler.disable(["linkify", "autolink"])
    made.inline.ruler.before("text", "pause", _inline_pause)
    ends: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    made.block.ruler.before("table", "pause", _block_pause, ends)
    return made
