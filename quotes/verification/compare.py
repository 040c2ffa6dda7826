"""How the words of a text differ from those of a line, and what that may be called.

verbatim    equal, but for invisible characters, white space, and the quotation's own end mark
same_words  the same letters and digits with other marks, spaces or case: 1.5 and 15, C++ and c#
excerpt     a part of the line, or parts of it in order around an ellipsis
altered     other words
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rapidfuzz.distance import Indel

from config.text import has_direction, is_common
from quotes.text.normalization import exact, folded, skeleton

Difference = list[tuple[str, str]]  # ("same" | "missing" | "added", words)

ELLIPSIS = re.compile(
    r"[\[(]\s{0,3}(?:\.{3,9}|…{1,3}|중략|생략|전략|후략|omitted|snip)\s{0,3}[\])]|\.{3,}|…+|⋯+"
)
_SLASH = re.compile(r"\s[/／|]{1,2}\s")
_GLOSS = re.compile(r"\s?[(（][^()（）\n]{1,40}[)）]")
_GLOSSED = re.compile(r"(?<!\S)[^\s()（）]{1,20}[(（]([^()（）\n]{1,40})[)）]")
_ID = re.compile(r"\s?\[\d{1,18}\]")
_RAISED = re.compile(r"(?<=[^\W\d])[¹²³⁰⁴-⁹]+")  # a footnote mark behind a word
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nothing|nobody|nowhere|neither|nor|without|cannot|hardly|\w+n['’]t)\b"
    r"|(?<!\S)(?:안|못)(?!\S)|못[하해했한할]|않|아니|아닌|아닐|아님|없|말(?:라|아라|지어다|고(?!\S))|(?<=지\s)마",
    re.IGNORECASE,
)
_END_MARKS = ".,;。、，"
_MARKS = ".,;:!?…-–—―\"'“”‘’„«»「」『』()[]{}。、，！？：；"
# Letters of other alphabets that look like Latin ones, and words that have letters of both.
_LOOK_ALIKE = str.maketrans(
    "аеорсухіјѕԁһԛԝАВЕКМНОРСТХЅІЈονυιρταΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxijsdhqwABEKMHOPCTXSIJovuipTaABEZHIKMNOPTYX",
)
_MIXED = re.compile(r"[a-z][\u0370-\u052f]|[\u0370-\u052f][a-z]", re.IGNORECASE)
_OTHER_ALPHABET = re.compile("[\u0370-\u052f]")
_NO_LETTERS = re.compile(r"[^\w\s]+|_+")
_LEAST_PIECE = 3  # letters of a piece between two ellipses


def is_equal(text: str, line: str) -> bool:
    """Whether nobody who compares them would call them different. Marks that turn the direction of
    a text can make it look like another one, so a text with such is equal to none.
    """
    if has_direction(text):
        return False
    if text == line:
        return True
    ours, theirs = exact(line), exact(text)
    return _same(theirs, ours) or any(_same(form, ours) for form in _other_forms(text, line))


def _same(text: str, line: str) -> bool:
    """A quotation may lack the line's end mark, but not have another one than it."""
    if text == line or _without_end(text) == _without_end(line):
        return True
    return text[-1:].isalnum() and text == line.rstrip(_MARKS) and len(line) - len(text) == 1


def _without_end(text: str) -> str:
    """A quotation often ends in a mark of the sentence around it: “To be,” he said."""
    if text[-1:] and text[-1] in _END_MARKS and text[-2:-1] != text[-1]:
        return text[:-1].rstrip()
    return text


def _other_forms(text: str, line: str) -> Iterator[str]:
    """The text without what shows an end of a verse, or a note: none of its words."""
    if " / " not in line and _SLASH.search(text):
        text = _SLASH.sub(" ", text)
        yield exact(text)
    if (plain := without_ids(text, line)) != text:
        yield exact(plain)


def without_ids(text: str, line: str) -> str:
    """Without ids and footnote marks, unless the line has such, too."""
    return text if _ID.search(line) else _RAISED.sub("", _ID.sub("", text))


def without_look_alikes(text: str) -> str:
    """Of the same length, in Latin letters, where words have letters of two alphabets."""
    # The first search is for most texts the only one, and takes a tenth of the other's time.
    is_mixed = _OTHER_ALPHABET.search(text) and _MIXED.search(text)
    return text.translate(_LOOK_ALIKE) if is_mixed else text


def without_slashes(text: str) -> str:
    return _SLASH.sub(" ", text)


def has_same_words(text: str, line: str) -> bool:
    """Also where a word is explained in parentheses: 별(星), or 必死(필사) for a line with 필사."""
    ours = skeleton(line)
    return skeleton(text) == ours or any(skeleton(form) == ours for form in unexplained(text))


def unexplained(text: str) -> Iterator[str]:
    """The text without explanations in parentheses, or with them in place of what they explain."""
    if _GLOSS.search(text):
        yield _GLOSS.sub("", text)
        yield _GLOSSED.sub(r"\1", text)
    if _ID.search(text):
        yield _ID.sub("", text)


def words_left_out(text: str, line: str) -> str | None:
    """What the text leaves out of the line, if it is a part of it, or parts in order around
    ellipses; else None. Only whole words count, with their marks and case.
    """
    ours = exact(line).split()
    at, left_out = 0, list[str]()
    pieces = [piece for piece in map(str.split, ELLIPSIS.split(exact(text))) if piece]
    if not pieces or has_direction(text):
        return None
    for piece in pieces:
        if (place := _find(piece, ours, at)) is None:
            return None
        left_out += ours[at:place]
        at = place + len(piece)
    return " ".join([*left_out, *ours[at:]])


def _find(piece: Sequence[str], words: Sequence[str], at: int) -> int | None:
    """Where the words begin. Those at both ends may lack the marks beside them."""
    last = len(piece) - 1
    for place in range(at, len(words) - last):
        if words[place + 1 : place + last] != piece[1:last]:
            continue
        first, end = words[place], words[place + last]
        if last == 0 and _is_cut_from(piece[0], first.lstrip(_MARKS)):
            return place
        if last and piece[0] in {first, first.lstrip(_MARKS)} and _is_cut_from(piece[-1], end):
            return place
    return None


def _is_cut_from(word: str, other: str) -> bool:
    """Whether the last word of a part is the line's, but for the marks after it."""
    if _same(word, other):
        return True
    return word[-1:].isalnum() and word == other.rstrip(_MARKS)


def without_notes(text: str) -> str:
    """Without explanations in parentheses, ids, footnote marks, and ellipses."""
    for pattern in (ELLIPSIS, _GLOSS, _ID, _RAISED):
        text = pattern.sub(" ", text)
    return text


def is_part(text: str, line: str) -> bool:
    """`words_left_out`, in letters and digits."""
    whole = _words_of_line(line)
    at = 0
    pieces = [words for piece in ELLIPSIS.split(text) if (words := _words(piece)).strip()]
    for piece in pieces:
        at = whole.find(piece, at)
        if at < 0:
            return False
        at += len(piece) - 1
    return bool(pieces)


def is_long_part(text: str, line: str) -> bool:
    """Whether a part cannot be in the line by chance: it has at least a third of the line (between
    8 and 20 letters).
    """
    pieces = [skeleton(piece) for piece in ELLIPSIS.split(text)]
    pieces = [piece for piece in pieces if piece]
    least = min(20, max(8, len(skeleton(line)) / 3))
    return sum(map(len, pieces)) >= least and min(map(len, pieces)) >= _LEAST_PIECE


def _words(text: str) -> str:
    """The letters of each word, with one space around each."""
    text = folded(text)
    if is_common(text):
        return f" {' '.join(_NO_LETTERS.sub('', text).split())} "
    return f" {' '.join(filter(None, map(skeleton, text.split())))} "


_words_of_line = lru_cache(4096)(_words)  # it is compared with many parts, in many answers


def has_negation(words: str) -> bool:
    return bool(_NEGATION.search(words))


def difference(line: str, text: str, *, strict: bool = False) -> Difference:
    """Word by word, what of the line is the same, is missing from the text, or was added to it: the
    fewest changes that lead from one to the other (rapidfuzz's Indel, which works bit-parallel).
    `strict` takes marks and case into account.
    """
    key = exact if strict else _bare
    ours, theirs = line.split(), text.split()
    parts: Difference = []
    our_end = their_end = 0  # of the last equal words
    for step in Indel.opcodes([*map(key, ours)], [*map(key, theirs)]):
        if step.tag == "equal":
            parts += _changed(ours[our_end : step.src_start], theirs[their_end : step.dest_start])
            parts.append(("same", " ".join(ours[step.src_start : step.src_end])))
            our_end, their_end = step.src_end, step.dest_end
    return [*parts, *_changed(ours[our_end:], theirs[their_end:])]


def _changed(missing: Sequence[str], added: Sequence[str]) -> Difference:
    kinds = (("missing", " ".join(missing)), ("added", " ".join(added)))
    return [(kind, words) for kind, words in kinds if words]


def _bare(word: str) -> str:
    return skeleton(word) or folded(word)
