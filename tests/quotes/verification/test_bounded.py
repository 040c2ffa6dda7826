"""Functions of linear time give the same results as simpler, slower ones."""

import re
from itertools import chain, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from chat.models import Reply, Status
from quotes.text.markdown_code import code_ranges
from quotes.verification.compare import difference
from quotes.verification.repair import Replacement, replace_all

CODE = re.compile(
    r"^(`{3,}|~{3,})[^\n]*\n(?:.*?^\1[`~]*[ \t]*$|.*\Z)|(?<!`)(`+)(?!`).+?(?<!`)\2(?!`)",
    re.MULTILINE | re.DOTALL,
)
MARKS = ["`", "``", "```", "~~~", "~", "\n", "\n\n", " ", "\t", "a", "```py\n", "가"]
WORDS = st.lists(st.sampled_from(["a", "b", "the", "서시", "하늘을", "—"]), max_size=30)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(MARKS), max_size=30).map("".join))
def test_code(text):
    assert code_ranges(text) == [match.span() for match in CODE.finditer(text)]


@given(line=WORDS, text=WORDS)
def test_a_difference_has_all_words_of_both_and_no_two_of_a_kind(line, text):
    changes = difference(" ".join(line), " ".join(text))
    assert [*chain(*(words.split() for kind, words in changes if kind != "added"))] == line
    assert [*chain(*(words.split() for kind, words in changes if kind != "missing"))] == text
    assert all(one[0] != other[0] for one, other in pairwise(changes))


@given(st.data())
def test_replacements_can_be_reversed(data):
    written = data.draw(st.text(alphabet="ab“”> \n가", max_size=60))
    edges = sorted(data.draw(st.sets(st.integers(0, len(written)), max_size=12)))
    replacements = [
        Replacement(start, end, data.draw(st.sampled_from(["", "x", "나다라"])))
        for start, end in zip(edges[::2], edges[1::2], strict=False)
    ]
    corrections = [
        {"start": one.start, "end": one.end, "from": written[one.start : one.end], "to": one.text}
        for one in replacements
    ]
    repaired = replace_all(written, replacements)
    reply = Reply(content=repaired, corrections=corrections, status=Status.DONE)
    assert reply.written == written
