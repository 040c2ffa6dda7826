"""A name in Hangul for a speaker in Latin letters, and the reverse: noted only where it is certain
that it is another speaker of the board.
"""

import json
import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.utils import timezone

from bench.verification.name_pairs import HANGUL, LATIN, PERSON, SAME
from quotes.columns import BoardLine
from quotes.models import Quote
from quotes.search.index import optimize
from quotes.search.speaker_names import distinct_speakers
from quotes.verification import names
from quotes.verification.across_scripts import known_speakers
from quotes.verification.attribution import Attributed, wrongly_attributed
from quotes.verification.spans import BLOCK
from tests.factories import make_quote
from tests.quotes.verification.quoted import span_of
from tests.quotes.verification.seed_names import AUTHORS, SPEAKERS

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
        assert share_told(HANGUL, LATIN) > 0.65
        assert share_told(LATIN, HANGUL) > 0.65


def share_told(written: list[str], speakers: list[str]) -> float:
    """How many of the names are noted, each under one speaker's line who is another person."""
    dice = random.Random(5)  # noqa: S311
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

    def test_others_are_where_the_board_tells_who_they_are(self):
        """Of those in the other script alone, it knows only that a Korean is no European."""
        assert share_told([one for one in HANGUL if one not in self.hangul], self.latin) > 0.4
        assert share_told([one for one in LATIN if one not in self.latin], self.hangul) > 0.4
        assert share_told(self.hangul, self.latin) > 0.15
        assert share_told(self.latin, self.hangul) > 0.15


SEED = [
    json.loads(line) for line in Path("quotes/fixtures/demo.jsonl").read_text().splitlines() if line
]
OTHERS = [  # a name, and whose line it is
    ("맥베스", "Hamlet"),
    ("줄리엣", "Hamlet"),
    ("맥베스", "Juliet"),
    ("햄릿", "Lady Macbeth"),
    ("Ralph Waldo Emerson", "윤동주"),
    ("Abraham Lincoln", "한용운"),
    ("Henry David Thoreau", "김소월"),
    ("김소월", "Abraham Lincoln"),
    ("윤동주", "Henry David Thoreau"),
]
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
]
KOREAN_FORMS = [
    "{name}의 말처럼 “{line}”",
    "{name}에 따르면 “{line}”",
    "{name}의 명언: “{line}”",
    "“{line}”는 {name}의 말입니다.",
    "시인 {name}이 “{line}”라고 노래했다.",
]
ENGLISH_FORMS = [
    "As {name} said, “{line}”",
    "{name} once said that “{line}”",
    "“{line}” by {name}",
    "“{line},” said {name}.",
]


def forms_for(name: str) -> list[str]:
    return FORMS + (KOREAN_FORMS if names.has_hangul_name(name) else ENGLISH_FORMS)


class TestSeedBoard:
    @pytest.fixture(autouse=True)
    def lines(self, alice) -> list[BoardLine]:
        put_on_board(alice, [(row.get("speaker", ""), row.get("source", "")) for row in SEED])
        return [
            by(row["speaker"], row.get("source", ""), row.get("context", ""))
            for row in SEED
            if row.get("speaker")
        ]

    def test_every_speaker_has_a_name_in_the_other_script(self, lines):
        assert {line.speaker for line in lines} == SPEAKERS.keys()

    def test_own_names_and_authors_are_never_noted(self, lines):
        dice = random.Random(5)  # noqa: S311
        noted = [
            (name, line.speaker, form)
            for line in {(one.speaker, one.source): one for one in lines}.values()
            for name in (*SPEAKERS[line.speaker], *AUTHORS.get(line.source, ()))
            for form in dice.sample(forms_for(name), 4)
            if is_noted(name, line, form=form)
        ]
        assert noted == []

    @pytest.mark.parametrize(("name", "speaker"), OTHERS)
    def test_other_speakers_are_noted_in_every_form(self, lines, name, speaker):
        line = next(one for one in lines if one.speaker == speaker)
        silent = [form for form in forms_for(name) if not is_noted(name, line, form=form)]
        assert silent == [], (name, speaker)

    @pytest.mark.parametrize(
        "answer",
        [
            # The line's own speaker stands beside the other name.
            "햄릿은 호레이쇼가 아니라 맥베스에게 “{line}”라고 말합니다.",
            "맥베스와 달리 “{line}”",
            "맥베스의 대사가 아닌 “{line}”",
            "햄릿이 맥베스의 말처럼 “{line}”라고 합니다.",
            "“{line}” — 맥베스가 아닌 햄릿",
            "“{line}” — 셰익스피어, 『햄릿』",
            "“{line}” — 맥베스와 『햄릿』",
            "“{line}” (맥베스 역)",
            "“{line}” — 윤동주 옮김",
            "“{line}” (윤동주 번역)",
            "“{line}” (이상화 역)",
            # Not the names of speakers of the board.
            "“{line}” — 호레이쇼",
            "“{line}” — 오필리아",
            "“{line}” — 케네스 브래나",
            "“{line}” — 철수",
            "“{line}” — 희망",
            "### 맥락\n\n“{line}”",
            "번역: “{line}”",
            "> [!quote] 왕자\n> {line}",
            # In letters that are neither.
            "“{line}” — Гамлет",
            "“{line}” — ハムレット",
            "“{line}” — 孔子",
        ],
    )
    def test_no_false_alarm(self, lines, answer):
        hamlet = next(line for line in lines if line.speaker == "Hamlet")
        assert not is_noted("", hamlet, form=answer)

    def test_all_speakers_of_equal_lines_are_right(self):
        assert is_noted("맥베스", by("Hamlet", "Hamlet"))
        assert not is_noted("맥베스", by("Hamlet", "Hamlet"), by("Macbeth", "Macbeth"))
        assert not is_noted("맥베스", by("Hamlet", "Hamlet"), by("맥베스", "맥베스"))

    def test_who_has_left_the_board_is_no_other_speaker(self):
        assert is_noted("맥베스", by("Hamlet", "Hamlet"))
        Quote.objects.filter(speaker__contains="Macbeth").delete()
        optimize()
        assert not is_noted("맥베스", by("Hamlet", "Hamlet"))


def test_letters_that_are_neither_are_no_other_speaker(alice):
    put_on_board(alice, [("孔子", ""), ("Лев Толстой", ""), ("Confucius", "")])
    for name, speaker in [
        ("Лев Толстой", "Leo Tolstoy"),
        ("Leo Tolstoy", "Лев Толстой"),
        ("Confucius", "孔子"),
        ("孔子", "Confucius"),
        ("Σωκράτης", "Socrates"),
    ]:
        assert not is_noted(name, by(speaker)), (name, speaker)


def test_a_korean_word_before_a_name_in_latin_letters_is_no_part_of_it(alice):
    put_on_board(alice, [("Albert Einstein", ""), ("아인슈타인", ""), ("윤동주", "")])
    for form in ("일찍이 {name}가 “{line}”라고 말했다.", "“{line}” — 물리학자 {name}"):
        assert not is_noted("Albert Einstein", by("알베르트 아인슈타인"), form=form)
        assert not is_noted("Einstein", by("아인슈타인"), form=form)
        assert is_noted("Albert Einstein", by("윤동주"), form=form)


def test_a_surname_is_found_behind_another_word_and_a_name_of_one_syllable_before_a_colon(alice):
    put_on_board(alice, [("장국영", ""), ("Chong Yagyong", ""), ("햄릿", ""), ("Hamlet", "")])
    form = "일찍이 {name}이 “{line}”라는 말을 남겼습니다."
    assert not is_noted("장국영", by("Leslie Cheung"), form=form)
    form = "> **햄릿:** Beyond the mill the road has no name\n> **{name}:** {line}"
    for name, speaker in (("퍽", "Puck"), ("퍽", "퍽")):
        answer = form.format(name=name, line=WORDS)
        reading, span = span_of(answer, f"{name}: {WORDS}", BLOCK)
        assert not wrongly_attributed([Attributed(span, [by(speaker)])], reading, [])


class TestCost:
    @pytest.fixture(autouse=True)
    def _board(self, alice):
        put_on_board(alice, [("Hamlet", "Hamlet"), ("Macbeth", "Macbeth"), ("윤동주", "서시")])

    def test_the_speakers_are_read_once(self, django_assert_num_queries):
        with django_assert_num_queries(3):
            assert is_noted("맥베스", by("Hamlet", "Hamlet"))
        with django_assert_num_queries(2):
            assert is_noted("맥베스", by("Hamlet", "Hamlet"))

    def test_nothing_is_read_where_no_name_is_in_another_script(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert not is_noted("Hamlet", by("Hamlet", "Hamlet"))
            assert not is_noted("", by("Hamlet", "Hamlet"), form="“{line}” 참 좋은 말입니다.")
        with django_assert_num_queries(2):
            assert is_noted("Macbeth", by("Hamlet", "Hamlet"))


def test_speakers_of_applied_lines_are_distinct(alice):
    for speaker, is_apply in [
        ("Hamlet", True),
        ("HAMLET", True),
        ("Macbeth", False),
        ("", True),
        ("윤동주", True),
        ("윤동주", False),
    ]:
        make_quote(alice, f"{speaker} {is_apply}", speaker=speaker, is_apply=is_apply)
    found = distinct_speakers()
    assert sorted(name.lower() for name in found) == ["hamlet", "윤동주"]
