"""Constructed answers: a line of the board, unchanged, altered or replaced by an invented one, in a
format; with the places of its parts and the verdicts that are right for each.
"""

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from string import Formatter

from bench.verification.alterations import (
    Alteration,
    Material,
    alterations,
    invented,
    is_other_words,
)
from bench.verification.formats import FORMATS
from bench.verification.formats.form import (
    CODE,
    NOTHING,
    SILENT,
    VERBATIM,
    Format,
    Verdicts,
    one_of,
)
from bench.verification.pairs import PAIRS, Pair
from bench.verification.shapes import as_it_is
from quotes.columns import BoardLine
from quotes.text.normalization import skeleton

TRUE = Alteration("true", lambda text, _use: text, VERBATIM)
PAIR = "said: "  # begins the name of what is said instead of a pair's line
INVENTED = Alteration("invented", invented, one_of("unknown"))
_MARKS = frozenset("“”\"'‘’„«»『』「」《》〈〉`<>[]()*_|/\\#~\n…")
_TRIES = 300  # lines that are tried for an alteration that few lines allow
_QUESTION = {
    "en": "Is there a line on the board that fits this evening?",
    "ko": "오늘 저녁에 어울리는 명언이 있을까?",
}
_SENTENCES = {
    "en": [
        "A kettle that is watched too kindly forgets how to boil.",
        "Every borrowed umbrella remembers the rain of its owner.",
        "The one who counts the stairs arrives tired and well informed.",
        "Courage is only patience that has put on its boots.",
        "No harbour was ever built by waiting for a smaller sea.",
        "What the gardener prunes in anger, the spring returns with interest.",
        "A map drawn by the fearful has very wide margins.",
        "Wisdom arrives by the back door and wipes its feet.",
    ],
    "ko": [
        "서두르는 구름은 산 그림자를 세어 보지 못한다.",
        "빌려 온 우산은 주인의 비를 오래 기억하는 법이다.",
        "등불을 아끼는 집에는 편지가 늦게 도착한다.",
        "용기란 신발 끈을 고쳐 맨 인내일 뿐이다.",
        "작은 바다를 기다려서 지어진 항구는 하나도 없다.",
        "겨울을 견딘 의자만이 봄 손님의 무게를 안다.",
        "두려운 이가 그린 지도는 여백이 유난히 넓다.",
        "지혜는 뒷문으로 들어와 조용히 신을 벗는다.",
    ],
}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an answer, and the verdicts that are right for it."""

    role: str
    start: int
    end: int
    expected: Verdicts


@dataclass(frozen=True, slots=True)
class Case:
    form: Format
    alteration: Alteration
    answer: str
    question: str
    shown: list[BoardLine]
    parts: list[Part]
    note: str = ""  # one that the line's judgement must have


@dataclass(frozen=True, slots=True)
class LineSet:
    """The lines of a board in a language from which answers are made."""

    language: str
    lines: Sequence[BoardLine]
    known: frozenset[str]  # the letters of every line
    pool: Sequence[str] = field(default_factory=list)

    def named(self) -> "LineSet":
        lines = [line for line in self.lines if line.speaker]
        return LineSet(self.language, lines, self.known, self.pool)


def line_set(language: str, lines: Sequence[BoardLine]) -> LineSet:
    """Without lines that hold marks of their own, or are too short to lose a word."""
    least = 11 if language == "ko" else 21
    usable = [
        line
        for line in lines
        if len(line.content.split()) > 4
        and len(skeleton(line.content)) >= least
        and not _MARKS & set(line.content)
        and line.content not in {pair.line for pair in PAIRS[language]}
    ]
    known = frozenset(skeleton(line.content) for line in lines)
    return LineSet(language, usable, known, [w for line in usable for w in line.content.split()])


@dataclass(frozen=True, slots=True)
class Setting:
    """What stands around a line in its answer."""

    line: BoardLine
    said: str
    beside: Sequence[BoardLine]
    sentence: str  # an invented one


def _with_particle(name: str, closed: str, open_: str) -> str:
    last = ord(name[-1]) - 0xAC00 if name else 0
    return name + (closed if 0 <= last < 11172 and last % 28 else open_)


def _fields(form: Format, setting: Setting) -> dict[str, str]:
    line, (second, third, *_) = setting.line, setting.beside
    name = line.speaker or "Anonymous"
    return {
        "line": form.shape(setting.said),
        "second": second.content,
        "third": third.content,
        "invented": setting.sentence,
        "name": name,
        "topic": _with_particle(name, "은", "는"),
        "subject": _with_particle(name, "이", "가"),
        "second_name": second.speaker or "Anonymous",
        "work": line.source or "Collected Sayings",
        "id": str(line.id),
    }


def _expected(role: str, of_line: Verdicts) -> Verdicts | None:
    """Invented words beside a line are claimed to be one; beside invented ones, as these are."""
    invented = of_line if NOTHING in of_line else one_of("unknown")
    beside = {"second": VERBATIM, "third": VERBATIM, "invented": invented, "work": SILENT}
    return of_line if role == "line" else beside.get(role)


def written(form: Format, setting: Setting, of_line: Verdicts) -> tuple[str, list[Part]]:
    """The answer, and the places of the lines and titles in it."""
    fields, answer, parts = _fields(form, setting), "", list[Part]()
    for text, role, _spec, _conversion in Formatter().parse(form.template):
        answer += text
        if role is None:
            continue
        expected = _expected(role, of_line)
        if expected is not None:
            parts.append(Part(role, len(answer), len(answer) + len(fields[role]), expected))
        answer += fields[role]
    return answer, parts


def case(
    form: Format, alteration: Alteration, setting: Setting, *, language: str, is_shown: bool
) -> Case:
    if alteration is INVENTED:
        expected = form.on_invented(is_asked=is_shown)
    else:
        of_line = form.true if alteration is TRUE else form.altered or alteration.expected
        expected = form.on_line(of_line, is_shown=is_shown)
    answer, parts = written(form, setting, expected)
    shown = [setting.line, *setting.beside] if is_shown else []
    note = alteration.note or (form.note if is_other_words(alteration) else "")
    note = "" if form.kind == CODE else note
    question = _QUESTION[language] if is_shown else ""
    return Case(form, alteration, answer, question, shown, parts, note)


def _fits(form: Format, alteration: Alteration) -> bool:
    """A shape may remove the mark or cut the words that an alteration changed."""
    return is_other_words(alteration) or (form.shape is as_it_is and form.true == VERBATIM)


def _setting(
    form: Format, alteration: Alteration, of: LineSet, dice: random.Random
) -> Setting | None:
    """Of the first line that the alteration can change into what is no line of the board, also
    without the word that the format leaves out.
    """
    of = of.named() if form.names_speaker else of
    for _ in range(_TRIES):
        at = dice.randrange(len(of.lines))
        beside = [of.lines[(at + step) % len(of.lines)] for step in (1, 2, 3, 4)]
        line = of.lines[at]
        use = Material(dice, of.language, of.pool, dice.choice(of.lines).content)
        said = alteration.change(line.content, use)
        is_line = not is_other_words(alteration) and alteration is not INVENTED
        forms = {skeleton(said), skeleton(form.shape(said))} if said else set[str]()
        if said and (is_line or forms.isdisjoint(of.known)):
            return Setting(line, said, beside, dice.choice(_SENTENCES[of.language]))
    return None


def made(
    form: Format, alteration: Alteration, of: LineSet, dice: random.Random, *, is_shown: bool
) -> Case | None:
    """A case, or None where no line of the board can be altered so."""
    setting = _setting(form, alteration, of, dice)
    if not setting:
        return None
    if alteration is INVENTED and dice.random() < 0.5:  # half are sentences, half random words
        said = dice.choice(_SENTENCES[of.language])
        other = dice.choice([one for one in _SENTENCES[of.language] if one != said])
        setting = Setting(setting.line, said, setting.beside, other)
    return case(form, alteration, setting, language=of.language, is_shown=is_shown)


def cases(of: LineSet, each: int, only: Collection[str] = (), seed: int = 7) -> Iterator[Case]:
    """`each` answers for each format (or those with `only` these names), for an unchanged, an
    altered and an invented line, shown to the writer and not shown.
    """
    dice, ways = random.Random(seed), alterations(of.language)
    for number, form in enumerate(FORMATS[of.language]):
        if only and form.name not in only:
            continue
        fitting = [way for way in ways if _fits(form, way)]
        for n in range(each):
            altered = fitting[(number + n) % len(fitting)]
            for alteration in (TRUE, altered, INVENTED):
                for is_shown in (True, False):
                    if found := made(form, alteration, of, dice, is_shown=is_shown):
                        yield found


def paired(of: LineSet, lines: dict[str, BoardLine]) -> Iterator[Case]:
    """Each pair in each format that does not change the words."""
    forms = [form for form in FORMATS[of.language] if form.shape is as_it_is]
    for pair in PAIRS[of.language]:
        for form in forms:
            if form.kind != CODE and form.true == VERBATIM:
                yield of_pair(pair, form, of, lines[pair.line])


def of_pair(pair: Pair, form: Format, of: LineSet, line: BoardLine) -> Case:
    setting = Setting(line, pair.said, of.lines[:4], _SENTENCES[of.language][0])
    alteration = Alteration(PAIR + pair.said, lambda text, _use: text, pair.expected)
    return case(form, alteration, setting, language=of.language, is_shown=True)
