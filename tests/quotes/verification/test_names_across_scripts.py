"""A name in Hangul for a speaker in Latin letters, and the reverse: noted only where it is certain
that it is another speaker of the board.
"""

import json
import random
from pathlib import Path
from collections.abc import Iterable

import pytest
from django.utils import timezone

from quotes.columns import BoardLine
from quotes.models import Quote
from quotes.search.index import optimize
from quotes.verification.across_scripts import known_speakers
from quotes.verification.attribution import Attributed, wrongly_attributed
from tests.quotes.verification.name_pairs import HANGUL, LATIN, PERSON, SAME
from tests.quotes.verification.seed_names import AUTHORS, SPEAKERS
from tests.quotes.verification.quoted import span_of

WORDS = "These are the words of a line."


@pytest.fixture(autouse=True)
def _no_speakers_of_other_boards() -> None:
    known_speakers.forget()


def put_on_board(alice, rows: Iterable[tuple[str, str]]) -> None:
    Quote.objects.bulk_create(
        Quote(
            user=alice,
            content=f"Line {number}",
            speaker=speaker,
            source=work,
            is_apply=True,
            applied_at=timezone.now(),
        )
        for number, (speaker, work) in enumerate(rows)
    )
    optimize()


def is_noted(name: str, *lines: BoardLine, form: str = "“{line}” — {name}", shown=()) -> bool:
    reading, span = span_of(form.format(line=WORDS, name=name), WORDS)
    return bool(wrongly_attributed([Attributed(span, lines)], reading, shown))


def by(speaker: str, work: str = "", context: str = "") -> BoardLine:
    return BoardLine(1, WORDS, speaker, work, context)


class TestBoardWithAllNamesInBothScripts:
    @pytest.fixture(autouse=True)
    def _board(self, alice):
        put_on_board(alice, [(name, "") for name in (*HANGUL, *LATIN)])

    def test_the_same_person_is_never_noted(self):
        pairs = [one for pair in SAME for one in (pair, pair[::-1])]
        assert [pair for pair in pairs if is_noted(pair[0], by(pair[1]))] == []

    def test_most_others_are(self):
        print(share_told(HANGUL, LATIN), share_told(LATIN, HANGUL))


def share_told(written: list[str], speakers: list[str]) -> float:
    """How many of the names are noted, each under one speaker's line who is another person."""
    dice = random.Random(5)
    pairs = [(name, dice.choice(speakers)) for name in written]
    others = [pair for pair in pairs if PERSON[pair[0]] != PERSON[pair[1]]]
    return sum(is_noted(name, by(speaker)) for name, speaker in others) / len(others)


class TestBoardWithEachPersonInOneScript:
    @pytest.fixture(autouse=True)
    def _board(self, alice):
        put_on_board(alice, [(name, "") for name in (*self.hangul, *self.latin)])

    hangul = [name for name in HANGUL if PERSON[name] % 2]
    latin = [name for name in LATIN if not PERSON[name] % 2]

    def test_the_same_person_is_never_noted(self):
        pairs = [one for pair in SAME for one in (pair, pair[::-1])]
        assert [pair for pair in pairs if is_noted(pair[0], by(pair[1]))] == []

    def test_others_are(self):
        print(share_told(self.hangul, self.latin), share_told(self.latin, self.hangul), "known to board")
        print(share_told([h for h in HANGUL if h not in self.hangul], self.latin), share_told([x for x in LATIN if x not in self.latin], self.hangul), "counterpart known")


SEED = [
    json.loads(line) for line in Path("quotes/fixtures/demo.jsonl").read_text().splitlines() if line
]
import os
IN = os.environ.get('IN')
FORMS = [
    "“{line}” — {name}",
    "“{line}” ({name})",
    "“{line}”\n— {name}, 『작품집』",
    "{name}: “{line}”",
    "**{name}:** “{line}”",
    "### {name}\n\n“{line}”",
    "> {line}\n> — {name}",
    "> [!quote] {name}\n> {line}",
    "“{line}”\n\n**화자:** {name}",
    "| 문장 | 인물 |\n|---|---|\n| “{line}” | {name} |\n",
    "{name}의 말처럼 “{line}”",
    "{name}에 따르면 “{line}”",
    "{name}의 명언: “{line}”",
    "“{line}”라고 {name}의 말을 옮겼습니다.",
    "“{line}”는 {name}의 말입니다.",
    "As {name} said, “{line}”",
    "{name} once said that “{line}”",
    "“{line}” by {name}",
]


class TestSeedBoard:
    @pytest.fixture(autouse=True)
    def lines(self, alice) -> list[BoardLine]:
        put_on_board(
            alice, [(row.get("speaker", ""), row.get("source", "")) for row in SEED]
        )
        return [
            by(row["speaker"], row.get("source", ""), row.get("context", ""))
            for row in SEED
            if row.get("speaker")
        ]

    def test_every_speaker_has_a_name_in_the_other_script(self, lines):
        assert {line.speaker for line in lines} == SPEAKERS.keys()

    def test_own_names_and_authors_are_never_noted(self, lines):
        noted = [
            (name, line.speaker, form)
            for line in {(one.speaker, one.source): one for one in lines}.values()
            for name in (*SPEAKERS[line.speaker], *AUTHORS.get(line.source, ()))
            for form in FORMS
            if is_noted(name, line, form=form)
        ]
        print(noted[:5])
        assert noted == []
    def test_wrong(self, lines):
        dice = random.Random(3)
        from collections import Counter
        told, count, ex = Counter(), Counter(), []
        for form in FORMS:
            for line in lines:
                name_of = dice.choice([x for x in SPEAKERS if x != line.speaker])
                name = SPEAKERS[name_of][0]
                if IN: name = name_of if (ord(name_of[0]) > 0x1000) == (ord(line.speaker[0]) > 0x1000) else name
                if not IN and (ord(name[0]) > 0x1000) == (ord(line.speaker[0]) > 0x1000): name = name_of
                n=is_noted(name, line, form=form)
                told[form] += n; count[form]+=1
                kind=("ko" if ord(line.speaker[0])>0x1000 else 'en')+('<-ko' if ord(name_of[0])>0x1000 else '<-en')
                told[kind]+=n; count[kind]+=1
                if not n and form==FORMS[0]: ex.append((name,line.speaker))
        for k in told: print(k.replace('\n','/'), told[k]/count[k])
        print(ex[:60])
