"""The ways in which models alter a line, each with the verdicts that are right. A way that can't
be used on a line returns None.
"""

import random
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.verification.formats.form import EXCERPT, SAME, VERBATIM, Verdicts, one_of

ALTERED = one_of("altered")
# Half of the line is other words: whether the rest is like the line depends on its length.
FAR = one_of("altered", "unknown")
LOOKALIKE = one_of("altered", "same_words")
END = ".,;:!?"

SYNONYMS = {
    "en": {
        "man": "person", "men": "people", "great": "grand", "life": "existence", "good": "fine",
        "world": "earth", "love": "affection", "shall": "will", "people": "folk", "heart": "soul",
        "say": "tell", "said": "spoke", "make": "create", "things": "matters", "day": "morning",
        "know": "understand", "come": "arrive", "way": "path", "see": "behold", "mind": "brain",
    },
    "ko": {
        "사람": "인간", "마음": "심정", "세상": "세계", "하늘": "창공", "사랑": "애정",
        "인생": "생애", "돈": "재물", "백성": "국민", "말씀": "얘기", "영광": "영예", "땅": "대지",
        "별": "항성", "여자": "여인", "아들": "자식", "집": "가옥", "눈": "시선", "손": "주먹",
    },
}  # fmt: skip
PARTICLES = {"은": "이", "는": "가", "을": "도", "를": "만", "에": "로", "이": "은", "가": "는"}
ENDINGS = {"다": "네", "라": "자", "요": "지", "까": "나", "니": "고", "며": "고", "고": "며"}
NEGATIONS = {
    "en": re.compile(r"\b(?:not|never|no|nor|cannot)\b", re.IGNORECASE),
    "ko": re.compile(r"(?:^|(?<=\s))(?:안|못)(?=\s)|(?:아니|않|없|못하)\w*"),
}
LETTERS = str.maketrans("aeopcx", "аеорсх")  # Latin to Cyrillic
SYLLABLES = {"이": "미", "가": "카", "다": "타", "리": "라", "하": "히", "사": "시", "나": "너"}


@dataclass(frozen=True, slots=True)
class Material:
    """What an alteration may use besides the line."""

    dice: random.Random
    language: str
    pool: Sequence[str]  # words of the board
    other: str = ""  # another line


Change = Callable[[str, Material], str | None]


@dataclass(frozen=True, slots=True)
class Alteration:
    name: str
    change: Change
    expected: Verdicts = ALTERED
    note: str = ""


def _at(words: Sequence[str], use: Material) -> int:
    """A place inside the line: without its first or last word, it would be an excerpt."""
    return use.dice.randrange(1, len(words) - 1)


def _inside(edit: Callable[[list[str], int, Material], list[str]]) -> Change:
    def change(text: str, use: Material) -> str | None:
        words = text.split()
        return " ".join(edit(words, _at(words, use), use)) if len(words) > 3 else None

    return change


def _ended(word: str, end: str) -> str:
    """With the end mark of another word."""
    mark = end[len(end.rstrip(END)) :]
    return word.rstrip(END) + mark


def _replaced(words: list[str], at: int, use: Material) -> list[str]:
    return [*words[:at], use.dice.choice(use.pool), *words[at + 1 :]]


def _inserted(words: list[str], at: int, use: Material) -> list[str]:
    return [*words[:at], use.dice.choice(use.pool), *words[at:]]


def _dropped(words: list[str], at: int, _use: Material) -> list[str]:
    return words[:at] + words[at + 1 :]


def _swapped(words: list[str], at: int, _use: Material) -> list[str]:
    return [*words[: at - 1], words[at], words[at - 1], *words[at + 1 :]]


def _inflected(words: list[str], at: int, use: Material) -> list[str]:
    ending = "들도" if use.language == "ko" else "ing"
    return [*words[:at], words[at].rstrip(END) + ending, *words[at + 1 :]]


def _negated(words: list[str], at: int, use: Material) -> list[str]:
    return [*words[:at], "안" if use.language == "ko" else "not", *words[at:]]


def _first_changed(text: str, use: Material) -> str:
    words = text.split()
    return " ".join([use.dice.choice(use.pool).rstrip(END).capitalize(), *words[1:]])


def _last_changed(text: str, use: Material) -> str:
    words = text.split()
    return " ".join([*words[:-1], _ended(use.dice.choice(use.pool), words[-1])])


def _half_replaced(text: str, use: Material) -> str:
    words = text.split()
    half = len(words) // 2
    return " ".join([*words[:half], *use.dice.choices(use.pool, k=len(words) - half)])


def _merged(text: str, use: Material) -> str:
    words, others = text.split(), use.other.split()
    return " ".join([*words[: 2 * len(words) // 3], *others[2 * len(others) // 3 :]])


def _without_negation(text: str, use: Material) -> str | None:
    if use.language == "ko":  # 하지 않다, 가지 못하다, 안 가다
        less = re.sub(r"(\S)지 (?:않|아니하|못하)(\w)", r"\1\2", text, count=1)
        less = less if less != text else re.sub(r"(?<=\s)(?:안|못) ", "", text, count=1)
    else:
        less = re.sub(r"\b(?:not|never) ", "", text, count=1)
        less = less if less != text else re.sub(r"n't\b", "", text, count=1)
    return less if less != text else None


def _of_table(text: str, pattern: str, table: dict[str, str], use: Material) -> str | None:
    """One match of the pattern replaced by what the table has for it."""
    found = [match for match in re.finditer(pattern, text) if match[0] in table]
    if not found:
        return None
    match = use.dice.choice(found)
    return text[: match.start()] + table[match[0]] + text[match.end() :]


def _synonym(text: str, use: Material) -> str | None:
    table = SYNONYMS[use.language]
    words = "|".join(table)
    pattern = rf"(?:{words})" if use.language == "ko" else rf"\b(?:{words})\b"
    return _of_table(text, pattern, table, use)


def _particle(text: str, use: Material) -> str | None:
    return _of_table(text, r"(?<=[가-힣])[은는을를에이가](?=\s)", PARTICLES, use)


def _ending(text: str, use: Material) -> str | None:
    return _of_table(text, r"(?<=[가-힣])[다라요까니며고](?=[.!?]?$)", ENDINGS, use)


def _letter(text: str, use: Material) -> str | None:
    if use.language == "ko":
        return _of_table(text, r"(?<=[가-힣])[가-힣](?=[가-힣])", SYLLABLES, use)
    places = [m.start() for m in re.finditer(r"(?<=[a-z])[a-z](?=[a-z])", text)]
    at = use.dice.choice(places) if places else 0
    return text[:at] + text[at + 1 :] if places else None


def _marks_dropped(text: str, _use: Material) -> str | None:
    less = re.sub(r"(?<=\w)[,;:](?= )", "", text)
    return less if less != text else None


def _mark_changed(text: str, use: Material) -> str | None:
    return _of_table(text, r"(?<=\w)[,;](?= )", {",": ";", ";": ","}, use)


def _end_changed(text: str, _use: Material) -> str | None:
    end = {"?": ".", ".": "?"}.get(text[-1:])
    return text[:-1] + end if end and text[-2:-1].isalnum() else None


def _spaces_changed(text: str, use: Material) -> str:
    words = text.split()
    at = _at(words, use)
    return " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])


def _recased(how: Callable[[str], str]) -> Change:
    def change(text: str, _use: Material) -> str | None:
        other = how(text)
        return other if other != text and other.casefold() == text.casefold() else None

    return change


def _cyrillic(text: str, use: Material) -> str | None:
    places = [m.start() for m in re.finditer("[aeopcx]", text)]
    at = use.dice.choice(places) if places else 0
    return text[:at] + text[at].translate(LETTERS) + text[at + 1 :] if places else None


def _homoglyphs(text: str, _use: Material) -> str | None:
    other = text.translate(LETTERS)
    return other if other != text else None


def _turned(text: str, use: Material) -> str:
    words = text.split()
    at = _at(words, use)
    return " ".join([*words[:at], f"\u202e{words[at]}\u202c", *words[at + 1 :]])


def _cut(text: str, use: Material) -> str | None:
    words = text.split()
    kept = " ".join(words[2:] if use.dice.random() < 0.5 else words[:-2])
    return kept if len(words) > 7 else None


def _cut_negation(text: str, use: Material) -> str | None:
    """An excerpt whose gap holds the negation."""
    words = text.split()
    places = [n for n, word in enumerate(words) if NEGATIONS[use.language].fullmatch(word)]
    inner = [n for n in places if 2 <= n < len(words) - 2]
    if not inner or len(words) < 8:
        return None
    return " ".join([*words[: inner[0]], "…", *words[inner[0] + 1 :]])


def _cut_off_negation(text: str, use: Material) -> str | None:
    """An excerpt that begins behind the negation, or ends before it."""
    words = text.split()
    places = [n for n, word in enumerate(words) if NEGATIONS[use.language].match(word)]
    first, last = (places[0], places[-1]) if places else (0, 0)
    if places and last < len(words) / 3 and len(words) > 7:
        return " ".join(words[last + 1 :])
    if places and first > 2 * len(words) / 3 and len(words) > 7:
        return " ".join(words[:first])
    return None


def _decomposed(text: str, _use: Material) -> str | None:
    other = unicodedata.normalize("NFD", text)
    return other if other != text else None


def _invisible(text: str, use: Material) -> str:
    words = text.split()
    at = _at(words, use)
    return " ".join([*words[:at], "\u200b" + words[at], *words[at + 1 :]])


# The ways that change words, for tests that need no others.
WORDS: dict[str, Change] = {
    "replaced": _inside(_replaced),
    "dropped": _inside(_dropped),
    "inserted": _inside(_inserted),
    "swapped": _inside(_swapped),
    "inflected": _inside(_inflected),
    "negated": _inside(_negated),
}
EVERY = [
    *(Alteration(name, change) for name, change in WORDS.items()),
    Alteration("negation removed", _without_negation),
    Alteration("synonym", _synonym),
    Alteration("letter changed", _letter),
    Alteration("first word changed", _first_changed),
    Alteration("last word changed", _last_changed),
    Alteration("half replaced", _half_replaced, FAR),
    Alteration("two lines merged", _merged, FAR | EXCERPT),
    Alteration("commas dropped", _marks_dropped, SAME),
    Alteration("comma for semicolon", _mark_changed, SAME),
    Alteration("? for .", _end_changed, SAME),
    Alteration("space dropped", _spaces_changed, SAME),
    Alteration("turned by a bidi control", _turned, FAR | SAME),
    Alteration("cut", _cut, EXCERPT),
    Alteration("cut around a negation", _cut_negation, EXCERPT, "negation_left_out"),
    Alteration("cut before or behind a negation", _cut_off_negation, EXCERPT, "negation_left_out"),
    Alteration("invisible character", _invisible, VERBATIM),
    Alteration("other spaces", lambda text, _use: text.replace(" ", "\u00a0 ", 1), VERBATIM),
]
OF_LANGUAGE = {
    "en": [
        Alteration("lower-case start", _recased(lambda text: text[:1].lower() + text[1:]), SAME),
        Alteration("capitals", _recased(str.upper), SAME),
        Alteration("one Cyrillic letter", _cyrillic, LOOKALIKE),
        Alteration("homoglyphs", _homoglyphs, FAR | SAME),
    ],
    "ko": [
        Alteration("NFD", _decomposed, VERBATIM),
        Alteration("particle changed", _particle),
        Alteration("ending changed", _ending),
    ],
}


def alterations(language: str) -> list[Alteration]:
    return [*EVERY, *OF_LANGUAGE[language]]


def is_other_words(alteration: Alteration) -> bool:
    """Whether the words themselves changed, so that it is neither verbatim nor an excerpt."""
    return alteration.expected in {ALTERED, FAR}


def invented(text: str, use: Material) -> str:
    """As many random words of the board."""
    return " ".join(use.dice.choice(use.pool) for _ in text.split())
