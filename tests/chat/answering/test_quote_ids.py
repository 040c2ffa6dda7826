"""Lines in the place of their ids, while an answer arrives in pieces."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.answering.quote_ids import LONGEST_BEGUN, MOST_TIMES, QuoteIds
from quotes.columns import BoardLine
from quotes.verification.verify import verify

HAMLET = BoardLine(12, "To be, or not to be: that is the question", "Hamlet", "Hamlet")
POEM = BoardLine(7, "죽는 날까지 하늘을 우러러\n한 점 부끄럼이 없기를", "윤동주", "서시")
QUOTING = BoardLine(3, "He said “no” and didn’t come back that night", "", "")
SHORT = BoardLine(4, "Nevermore", "The Raven", "")
LIST = BoardLine(5, "Two things I know\n- one is silence", "", "")
LONGEST_ID = BoardLine(10**18 - 1, "The rest is silence, said the prince", "", "")
LINES = [HAMLET, POEM, QUOTING, SHORT, LIST, LONGEST_ID]


def put_in(written: str, lines=LINES, *, pieces=None) -> str:
    ids = QuoteIds(lambda: lines)
    return "".join([*map(ids.feed, pieces or [written]), ids.end()])


Q = HAMLET.content
IN_A_ROW = POEM.content.replace("\n", " ")
SPACED = "[[ 12 ]] [[012]] [[+12]] [[１２]] [[12]"

PLACES = {
    # Quotation marks.
    "alone": ("[[12]]", f"“{Q}”"),
    "in a sentence": ("As he says, [[12]] — Hamlet.", f"As he says, “{Q}” — Hamlet."),
    "without a space": ("그는[[12]]라고 했다", f"그는“{Q}”라고 했다"),
    "the model's own marks": ("“[[12]]” — Hamlet", f"“{Q}” — Hamlet"),
    "straight ones": ('He said "[[12]]".', f'He said "{Q}".'),
    "straight ones behind a word": ('그는"[[12]]"라고', f'그는"{Q}"라고'),
    "single ones behind a word": ("그는 '사랑'과 '[[12]]'를", f"그는 '사랑'과 '{Q}'를"),
    "single ones, and an apostrophe": ("It isn't '[[12]]'", f"It isn't '{Q}'"),
    "curly single ones": ("It isn’t ‘[[12]]’", f"It isn’t ‘{Q}’"),
    "corner brackets": ("「[[12]]」", f"「{Q}」"),
    "guillemets": ("« a » et «[[12]]»", f"« a » et «{Q}»"),
    "German ones": ("„a“ und „[[12]]“", f"„a“ und „{Q}“"),
    "German guillemets": ("»a« und »[[12]]«", f"»a« und »{Q}«"),
    "emphasis inside the marks": ("“*[[12]]*”", f"“*{Q}*”"),
    "emphasis around": ("**[[12]]**", f"**“{Q}”**"),
    "a mark far before": ("“Well, [[12]]", f"“Well, “{Q}”"),
    "a mark in the paragraph before": ('5" tall.\n\n"[[12]]"', f'5" tall.\n\n"{Q}"'),
    "marks that the line has": ("[[3]]", f"«{QUOTING.content}»"),
    "the model's marks that the line has": ("“[[3]]”", f"“«{QUOTING.content}»”"),
    "two in a row": ("[[12]][[4]]", f"“{Q}”“Nevermore”"),
    # Verse.
    "verse": ("시: [[7]]", f"시: “{IN_A_ROW}”"),
    "verse in a block quote": (
        "시:\n\n> [[7]]\n> — 윤동주",
        "시:\n\n> “죽는 날까지 하늘을 우러러\n> 한 점 부끄럼이 없기를”\n> — 윤동주",
    ),
    "verse in a nested block quote": (
        ">> [[7]]",
        ">> “죽는 날까지 하늘을 우러러\n>> 한 점 부끄럼이 없기를”",
    ),
    "verse that looks like a list": ("> [[5]]", "> “Two things I know - one is silence”"),
    "verse in a list": ("- [[7]]", f"- “{IN_A_ROW}”"),
    # The source of words that are there already.
    "behind the line": (f"“{Q}” [[12]]", f"“{Q}” [12]"),
    "directly behind it": (f"“{Q}”[[12]].", f"“{Q}”[12]."),
    "behind an altered line": ("“To be or not to bee” [[12]]", "“To be or not to bee” [12]"),
    "behind straight marks": ('"To be, or not to be" [[12]]', '"To be, or not to be" [12]'),
    "behind a part with an apostrophe": ("“didn’t come back” [[3]]", "“didn’t come back” [3]"),
    "behind an unmarked line": (f"{Q} [[12]]", f"{Q} [12]"),
    "behind a block quote's names": (
        f"> {Q}\n> — Hamlet, *Hamlet* [[12]]",
        f"> {Q}\n> — Hamlet, *Hamlet* [12]",
    ),
    "again in the paragraph": ("[[12]] [[12]]", f"“{Q}” [12]"),
    "again in the next paragraph": ("[[12]]\n\n[[12]]", f"“{Q}”\n\n“{Q}”"),
    "behind a title": ("윤동주의 「서시」 [[7]]", f"윤동주의 「서시」 “{IN_A_ROW}”"),
    "behind other words in marks": ("“brief” [[12]]", f"“brief” “{Q}”"),
    "behind a word that is the line": ("He cried “Nevermore” [[4]]", "He cried “Nevermore” [4]"),
    "behind a sentence with the word": ("Nevermore, so [[4]]", "Nevermore, so “Nevermore”"),
    # Nothing to put in.
    "no such line": ("[[99]] and [[1]]", "[[99]] and [[1]]"),
    "behind a quotation, no such line": ("“a” [[99]]", "“a” [[99]]"),
    "single brackets": ("[12]", "[12]"),
    "not only digits": (SPACED, SPACED),
    "the longest id": (f"[[{10**18 - 1}]]", f"“{LONGEST_ID.content}”"),
    "a longer id": (f"[[{10**18}]]", f"[[{10**18}]]"),
    "more brackets": ("[[[12]]] [[[[4]]", f"[“{Q}”] [[“Nevermore”"),
    # Code.
    "inline code": ("`[[12]]` [[12]]", f"`[[12]]` “{Q}”"),
    "inline code of two marks": ("`` ` [[12]] `` [[12]]", f"`` ` [[12]] `` “{Q}”"),
    "a lone backtick": ("a ` b\n[[12]]", f"a ` b\n“{Q}”"),
    "a fence": ("```\n[[12]]\n```\n[[12]]", f"```\n[[12]]\n```\n“{Q}”"),
    "a fence with a language": ("```md\n[[12]]\n``` \n[[12]]", f"```md\n[[12]]\n``` \n“{Q}”"),
    "a fence that another does not close": (
        "````\n```\n~~~~\n[[12]]\n`````\n[[12]]",
        f"````\n```\n~~~~\n[[12]]\n`````\n“{Q}”",
    ),
    "words behind the marks": (
        "~~~\n~~~ a\n[[12]]\n~~~\n[[12]]",
        f"~~~\n~~~ a\n[[12]]\n~~~\n“{Q}”",
    ),
    "a fence in a block quote": (
        "> ```\n> [[12]]\n> ```\n> [[12]]",
        f"> ```\n> [[12]]\n> ```\n> “{Q}”",
    ),
    "a fence in a list": ("1. ```\n   [[12]]\n   ```\n[[12]]", f"1. ```\n   [[12]]\n   ```\n“{Q}”"),
    "three marks in a line": ("```[[12]]``` [[12]]", f"```[[12]]``` “{Q}”"),
    "struck out": ("~~[[12]]~~", f"~~“{Q}”~~"),
    "a fence with CRLF": ("```\r\n[[12]]\r\n```\r\n[[12]]", f"```\r\n[[12]]\r\n```\r\n“{Q}”"),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_what_stands_in_its_place(place):
    written, expected = PLACES[place]
    assert put_in(written) == expected


@pytest.mark.parametrize("place", PLACES)
def test_in_any_two_pieces(place):
    written, expected = PLACES[place]
    for at in range(len(written) + 1):
        assert put_in(written, pieces=[written[:at], written[at:]]) == expected
    assert put_in(written, pieces=list(written)) == expected


PARTS = st.sampled_from([
    *("[", "]", "[[", "]]", "[[12]]", "[[4]]", "[[7]]", "[[99]]", "12", Q),
    *("`", "```", "~~~", "\n", "\r\n", "\n\n", "\n> ", "> ", "- ", " ", "\u3000"),
    *("“", "”", '"', "'", "‘", "’", "「", "」", "a", "it's"),
])  # fmt: skip


@given(st.lists(PARTS, max_size=40).map("".join), st.randoms(use_true_random=False))
def test_pieces_make_no_difference(written: str, chance: random.Random):
    pieces, at = [], 0
    while at < len(written):
        size = chance.randint(1, 8)
        pieces.append(written[at : at + size])
        at += size
    assert put_in(written, pieces=pieces) == put_in(written)


@given(st.lists(PARTS, max_size=40).map("".join))
def test_only_what_may_become_an_id_is_held_back(written: str):
    ids = QuoteIds(lambda: [BoardLine(99, "Never put in", "", "")])
    passed, taken = "", ""
    for character in written.replace("[[99]]", ""):
        taken += character
        passed += ids.feed(character)
        held = taken.removeprefix(passed)
        assert len(held) <= LONGEST_BEGUN
        assert held == "" or held[0] == "["
        assert set(held) <= set("[]0123456789")
    assert passed + ids.end() == taken
    assert ids.end() == ""


@pytest.mark.parametrize("begun", ["[", "[[", "[[1", "[[12", "[[12]", "[[" + "9" * 18 + "]"])
def test_an_id_that_is_begun_is_passed_on_at_the_end(begun):
    ids = QuoteIds(lambda: LINES)
    assert ids.feed(f"and {begun}") == "and "
    assert ids.end() == begun


@pytest.mark.parametrize("begun", ["[a", "[[a", "[[]", "[[1a", "[[1] ", "[[" + "9" * 19])
def test_what_cannot_become_an_id_is_passed_on_at_once(begun):
    assert QuoteIds(lambda: LINES).feed(f"and {begun}") == f"and {begun}"


def test_without_lines_nothing_is_held_back():
    assert QuoteIds().feed("and [[1") == "and [[1"


def test_the_lines_are_looked_up_once_and_only_for_an_id():
    asked = []

    def shown():
        asked.append(True)
        return LINES

    ids = QuoteIds(shown)
    ids.feed("[no] id, [[ 12 ]]")
    assert not asked
    ids.feed("[[12]] [[99]] [[4]]")
    assert asked == [True]


def test_a_line_is_put_in_so_many_times_at_most():
    written = "\n\n".join(["[[12]]"] * (MOST_TIMES + 2) + ["[[4]]"])
    expected = [f"“{Q}”"] * MOST_TIMES + ["[[12]]"] * 2 + ["“Nevermore”"]
    assert put_in(written).split("\n\n") == expected


@pytest.mark.parametrize("line", LINES, ids=lambda line: str(line.id))
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "He says {}.",
        "> {}\n> — Hamlet",
        "그는 {}라고",
        "- {}",
        "“{}”",
        '"{}"',
        "*{}*",
        "| {} |",
    ],
)
@pytest.mark.django_db
def test_it_is_verbatim(line, around):
    answer = put_in(around.format(f"[[{line.id}]]"))
    [judged] = verify(answer, [line])
    assert (judged.verdict, judged.match, judged.line) == ("verbatim", "exact", line)
