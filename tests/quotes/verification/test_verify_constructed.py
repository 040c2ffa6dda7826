"""Constructed answers: the demo lines unchanged, altered in every way in which models alter lines,
and invented ones; in both languages, in all kinds of quotation.

A larger set is measured by `python -m bench.verification`.
"""

import json
import random
import re
import unicodedata
from collections import Counter

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bench.verification.alterations import WORDS, Material
from bench.verification.cases import INVENTED
from quotes.importing.importer import DEMO_FILE
from quotes.models import Quote
from quotes.text.normalization import folded, skeleton
from quotes.verification.verify import verify

ROWS = [json.loads(row) for row in DEMO_FILE.read_text(encoding="utf-8").splitlines() if row]
LINES = {
    language: [
        row["content"]
        for row in ROWS
        if row["language"] == language
        and len(row["content"].split()) > 4
        and len(skeleton(row["content"]))
        > (10 if language == "ko" else 20)  # long enough to be judged without one word
        and not set(row["content"]) & set("“”\"'‘’『「`>\n")
    ]
    for language in ("ko", "en")
}
POOL = {language: " ".join(lines).split() for language, lines in LINES.items()}
KNOWN = {skeleton(row["content"]) for row in ROWS}

FRAMES = [
    "He said: “{}” — and left.",
    'As it goes, "{}"',
    "> {}\n",
    "그는 「{}」라고 했다.",
    "- **‘{}’**",
    "“They say ‘{}’ now and then, you know”",
    "『책』 `code` “{}” [999]",
    "> “{}”\n> — 누군가\n\nAnd so on.",
]
ASKED = "Is there a line about this?"  # so that what is quoted is claimed to be one
CHANGES = {**WORDS, "invented": INVENTED.change, "true": lambda text, _use: text}


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The demo lines, loaded once for this module: each test rolls back to them."""
    with django_db_blocker.unblock():
        call_command("load_quotes", DEMO_FILE, apply=True, verbosity=0)
    yield
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def board(loaded, db) -> None:
    pass


def verdicts(texts: list[str]) -> Counter[str]:
    """The verdicts on the texts, each in the next frame."""
    counts: Counter[str] = Counter()
    for number, text in enumerate(texts):
        judged = verify(FRAMES[number % len(FRAMES)].format(text), [], question=ASKED)
        counts[judged[0].verdict if judged else "not judged"] += 1
        assert len(judged) <= 1
    return counts


def words(text: str) -> str:
    return " ".join(re.findall(r"\w+", folded(text)))


def made(language: str, kind: str) -> list[str]:
    """Equal to no line and no part of one: a swap of two equal words changes nothing."""
    use = Material(random.Random(11), language, POOL[language])  # noqa: S311
    texts = []
    for line in LINES[language] * 3:
        said = CHANGES[kind](line, use)
        if skeleton(said) not in KNOWN and words(said) not in words(line):
            texts.append(said)
    return texts


@pytest.mark.usefixtures("board")
@pytest.mark.parametrize("language", LINES)
def test_true_lines_are_verbatim(language):
    lines = LINES[language]
    assert len(lines) > 40
    for frame in range(len(FRAMES)):
        shifted = lines[frame:] + lines[:frame]
        assert verdicts(shifted) == {"verbatim": len(lines)}


@pytest.mark.usefixtures("board")
@pytest.mark.parametrize("kind", WORDS)
@pytest.mark.parametrize("language", LINES)
def test_altered_lines_are_altered(language, kind):
    texts = made(language, kind)
    counts = verdicts(texts)
    assert counts.keys() <= {"altered", "unknown"}
    assert counts["altered"] >= 0.98 * len(texts) > 100


@pytest.mark.usefixtures("board")
@pytest.mark.parametrize("language", LINES)
def test_invented_lines_are_unknown(language):
    texts = made(language, "invented")
    counts = verdicts(texts)  # words that are thrown together may be like a line by chance
    assert counts.keys() <= {"unknown", "altered"}
    assert counts["unknown"] >= 0.99 * len(texts)


@pytest.mark.usefixtures("board")
@pytest.mark.parametrize("language", LINES)
def test_many_quotations_in_one_answer_are_distinguished(language):
    lines, use = LINES[language][:12], Material(random.Random(3), language, POOL[language])  # noqa: S311
    said, expected = [], []
    for number, line in enumerate(lines):
        kind = ("true", "replaced", "invented")[number % 3]
        said.append(CHANGES[kind](line, use))
        expected.append({"true": "verbatim", "replaced": "altered"}.get(kind, "unknown"))
    answer = "\n\n".join(FRAMES[n % len(FRAMES)].format(text) for n, text in enumerate(said))
    judged = verify(answer, [], question=ASKED)
    assert [one.verdict for one in judged] == expected
    assert all(answer[one.span.start : one.span.end] for one in judged)


DETAILS = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
EVERY = st.sampled_from([*LINES["ko"], *LINES["en"]])
UNSEEN = st.sampled_from(["\u200b", "\u200d", "\ufeff", "\u2060", "\u00ad", "\u3164", "\ufe0f"])


@pytest.mark.usefixtures("board")
@DETAILS
@given(EVERY, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]), UNSEEN, st.data())
def test_unicode_forms_do_not_change_the_verdict(line, form, unseen, data):
    words = unicodedata.normalize(form, line).split(" ")
    place = data.draw(st.integers(0, len(words)))
    spaces = data.draw(st.sampled_from([" ", "  ", "\u00a0", "\u3000", "\n"]))
    said = spaces.join([*words[:place], unseen, *words[place:]])
    [judged] = verify(f"“{said}”", [])
    assert (judged.verdict, judged.line.content) == ("verbatim", line)


@pytest.mark.usefixtures("board")
@DETAILS
@given(EVERY, st.text("가나다라마바사ㄱㅏabcxyz019éß語д😀", min_size=1, max_size=4), st.data())
def test_other_letters_are_never_verbatim(line, letters, data):
    """Nor an excerpt, unless they are at an end, where the rest is one."""
    place = data.draw(st.integers(0, len(line)))
    said = line[:place] + letters + line[place:]
    assume(skeleton(said) not in KNOWN)
    for judged in verify(f"“{said}”", []):
        assert judged.verdict in {"altered", "unknown"}


@pytest.mark.usefixtures("board")
@DETAILS
@given(EVERY, st.data())
def test_every_excerpt_is_on_the_board(line, data):
    start = data.draw(st.integers(0, len(line) - 1))
    end = data.draw(st.integers(start + 1, len(line)))
    for judged in verify(f"“{line[start:end]}”", []):
        if judged.verdict in {"verbatim", "excerpt"}:
            assert skeleton(judged.span.text) in skeleton(judged.line.content)
        assert judged.verdict != "verbatim" or skeleton(judged.span.text) in KNOWN


@pytest.mark.usefixtures("board")
@DETAILS
@given(EVERY, EVERY, st.sampled_from([" ... ", " … ", "... [...] ", " (...) "]))
def test_parts_of_two_lines_are_no_line(one, other, gap):
    assume(folded(other) not in folded(one))
    said = one[: len(one) // 2] + gap + other[len(other) // 2 :]
    for judged in verify(f"“{said}”", []):
        assert judged.verdict != "verbatim" or skeleton(judged.span.text) in KNOWN
        if judged.verdict == "excerpt":  # each part of its own line
            assert words(judged.span.text) in words(judged.line.content) or one == other
    assert Quote.objects.applied().count() >= len(KNOWN)
