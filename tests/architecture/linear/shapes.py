"""Texts of any length that a parser may take too long for: something repeated, with a beginning
and an end. Some for every parser, others made of what an expression itself looks for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from re import _constants as sre
from re import _parser
from typing import Any


@dataclass(frozen=True)
class Shape:
    pump: str
    before: str = ""
    behind: str = ""

    def __call__(self, size: int) -> str:
        times = max(1, (size - len(self.before) - len(self.behind)) // len(self.pump))
        return f"{self.before}{self.pump * times}{self.behind}"

    def __str__(self) -> str:
        return f"{self.before!r} + {self.pump!r} × n + {self.behind!r}"


_CHARACTERS = (
    "\t\n\r\x0b\x1c\u00a0\u2028\u3000 \"'“”‘’「」『』《》«»‹›＂„>()[]{}-—`~*_#|\\&<=+/:;,.!?…"
    "19aAé가\u1100\u1161각😀\u200b\u00ad\u0301\u202e"
)
_TOGETHER = (
    # Line ends, block quotes, lists, code, definitions, quotations, and pairs of all of them.
    *("\r\n", "\n\n", " \n", "\n ", "\n\r", "> ", ">\n", "> \n", "> a\n", "> a\n\n", "> “a b”\n\n"),
    *(">> ", "> > ", "> — ", "- ", "* ", "1. ", "# ", "| a ", "``", "```", "```\n", "~~~\n"),
    *("` ", "`a ", "```a\n", "`a ``a ", "[a]: ", "[a](", "![", "[[", "]]", "[1]", " [12]", "**"),
    *("“a” ", "'a' ", '"a" ', '"a', "“a", "‘a’a", "a'", "'a ", "’a", "「a」", "『a", "(a", "(a) "),
    *(" - ", " — a", "—", "--", "...", "… ", "[...]", ". ", ", ", "a ", "A ", "Aa ", "A. ", "of "),
    *(
        "a\n",
        "a\n\n",
        "가나다 ",
        "하였다. ",
        "가는 ",
        "뭐야 ",
        "said ",
        "a b c d e f ",
        "0x",
        "1.",
        "e1",
    ),
    *(
        "\u0315\u0300",
        "a\u0315\u0300",
        "\u1161\u11a8",
        "각\u11a8",
        "👩\u200d👧",
        "\u200b ",
        "ﷺ",
        "ŉ",
    ),
    *('{"a":', "[1,", '"\\', "a,b\n", '"a",', "\\u0041", "&amp;", "&#1", "<a ", "</a>", "a@", "a."),
    *("data: a\n", "data: a\n\n", "data:", ": a\n", "1\r\na\r\n", "a=b&", "a/b;q=1,", "%E0", "{{"),
)
_AFTER = (
    *(Shape(space, "> a", "b") for space in (" ", "\t", "\u3000", " \t", "\n> ", " - ")),
    *(Shape("\u0300", "a", "\u0316" * 999), Shape("\u0316\u0300", "가", "b")),
    *(Shape(mark, "", "b") for mark in " \t\"'“‘>`~[(*-_.1a가\n"),
    *(Shape("a ", mark, "") for mark in "\"'“‘「『《«>`(["),
    *(Shape("가나다라 ", before, "”\n") for before in ("> ", "“")),
    *(Shape("a\n", before, "") for before in ("```\n", "~~~\n", "> ", "- ", "[")),
)
GENERAL = [*(Shape(pump) for pump in (*_CHARACTERS, *_TOGETHER)), *_AFTER]
# Of each kind one, for work that takes so long that not all of them can be long.
TELLING = [
    *map(
        Shape, (" ", "\n", "\r\n", "\t", '"', "'", "“", "’", "「a」", "『a", "> ", ">\n", "> a\n\n")
    ),
    *map(
        Shape, ("> “a b”\n\n", "`", "`a ``a ", "```a\n", "[[", "[a]: ", "(a", "—", "--", "...", "*")
    ),
    *map(
        Shape,
        ("1. ", "a ", "A. ", "가", "가나다 ", "😀", "\u200b", "\u0315\u0300", "ﷺ", "a’", "“a” "),
    ),
    *map(
        Shape,
        ('{"a":', "a,b\n", "data: a\n\n", "1\r\na\r\n", "data:", "&#1", "a@", "a/b;q=1,", "\\"),
    ),
    *(Shape(" ", "> a", "b"), Shape("a ", "“"), Shape("a\n", "> "), Shape("`", "", "b")),
]
FEW = [Shape(pump) for pump in ("a", "\n", "> a\n", "“a” ", "data: a\n\n", "1\r\na\r\n", "가")]


def of_expression(expression: str | bytes, flags: int) -> Iterator[Shape]:
    """Each part that may be repeated, repeated, behind what has to come before it, and with an end
    at which the whole fails; and beginnings of the whole, again and again.
    """
    items = list(_parser.parse(expression, flags))
    seen = set[Shape]()
    for place in range(len(items)):
        if (pump := _sample(items[: place + 1])) and len(pump) < 200:
            seen |= {Shape(pump), Shape(pump, "", "\0")}
    for before, pump in _repeated(items, ""):
        for behind in ("", "\0", "\nb"):
            seen.add(Shape(pump, before[:200], behind))
    yield from sorted(seen, key=str)


def _repeated(items: list[Any], before: str) -> Iterator[tuple[str, str]]:
    """What stands before each repeat at any depth, and what it repeats: one way of it, and all of
    its ways in a row.
    """
    for place, (op, value) in enumerate(items):
        here = before + _sample(items[:place])
        for inner in _inside(op, value):
            if op in _REPEATS and value[1] >= 8:
                ways = list(_ways(list(inner)))
                yield from ((here, way) for way in {*ways, "".join(ways[:4])} if way)
            yield from _repeated(list(inner), here)


_REPEATS = {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}


def _inside(op: Any, value: Any) -> list[Any]:
    if op in _REPEATS:
        return [value[2]]
    if op is sre.SUBPATTERN:
        return [value[3]]
    if op is sre.BRANCH:
        return list(value[1])
    if op in {sre.ASSERT, sre.ASSERT_NOT}:
        return [value[1]]
    return [value] if op is sre.ATOMIC_GROUP else []


def _sample(items: list[Any]) -> str:
    """A text that the parts match, near enough."""
    return "".join(next(_ways([item]), "") for item in items)


def _ways(items: list[Any]) -> Iterator[str]:
    """Some texts that differ in one of the parts."""
    if len(items) != 1:
        whole = [list(_ways([item])) or [""] for item in items]
        for place, ways in enumerate(whole):
            head, tail = (
                "".join(part[0] for part in some) for some in (whole[:place], whole[place + 1 :])
            )
            yield from (head + way + tail for way in ways[:6])
        return
    op, value = items[0]
    if op is sre.LITERAL:
        yield chr(value)
    elif op is sre.NOT_LITERAL:
        yield from (c for c in "x 가" if ord(c) != value)
    elif op is sre.ANY:
        yield from ("x", " ")
    elif op is sre.IN:
        yield from _of_set(value)
    elif op in _REPEATS:
        yield from (way * max(1, min(value[0], 20)) for way in _ways(list(value[2])))
    else:
        for inner in _inside(op, value) if op not in {sre.ASSERT, sre.ASSERT_NOT} else ():
            yield from _ways(list(inner))


_OF_CATEGORY = {
    sre.CATEGORY_DIGIT: "1",
    sre.CATEGORY_NOT_DIGIT: "x",
    sre.CATEGORY_SPACE: " \n",
    sre.CATEGORY_NOT_SPACE: "x",
    sre.CATEGORY_WORD: "a가",
    sre.CATEGORY_NOT_WORD: " .",
}


def _of_set(members: list[Any]) -> Iterator[str]:
    if members[0][0] is sre.NEGATE:
        literals = {value for op, value in members if op is sre.LITERAL}
        yield from (c for c in "x 가1.\n" if ord(c) not in literals)
        return
    for op, value in members:
        if op is sre.LITERAL:
            yield chr(value)
        elif op is sre.RANGE:
            yield chr(value[0])
        else:
            yield from _OF_CATEGORY.get(value, "")
