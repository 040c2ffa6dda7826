"""Answers of 200,000 characters, such as a model that repeats itself writes."""

from tests.architecture.linear.shapes import Shape

SIZE = 200_000

SHAPES = [
    Shape(" ", "> a", "b"),  # what blocked a worker
    *(Shape(pump, "> a", "b") for pump in ("\t", "\u3000", " \n> ", " - ", " (")),
    *map(
        Shape, ('"', "“", "’", "'a ", "“a” ", "「", "『", "`a", "```\n", "~~~\n", "> ", "> a\n\n")
    ),
    *(Shape("`", "", "b"), Shape("~", "", "b"), Shape("“a b” — A. ", "> ", "")),
    *(
        Shape("> “a b c d e f g h i j k l m n”\n\n"),
        Shape("“오늘도 걷는다마는 정처 없는 이 발길 ”"),
    ),
    *map(
        Shape,
        ("[[ ", "](", "- ", "* ", "1. ", "a", "가", "가나다 ", "😀", "ab\u200b", "ﷺ", "\\", "&#"),
    ),
    *(Shape("\u0315\u0300", "“a", "”"), Shape("\u0300", "a", "\u0316" * 99)),
    *(
        Shape("The rest is silence, said the prince ", "> ", ""),
        Shape("A B C D, “a b c d e f g h” — B "),
    ),
]


def question(shape: Shape, size: int = SIZE) -> str:
    """What has `fakeopenai` answer with that."""
    whole = shape(size)
    times = (len(whole) - len(shape.before) - len(shape.behind)) // len(shape.pump)
    ends = f"[[first: {shape.before}]] [[last: {shape.behind}]]"
    return f"[[say: {shape.pump}]] [[times: {times}]] [[chunks: 40]] {ends}"
