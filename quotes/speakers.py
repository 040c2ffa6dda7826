"""Whom an answer names as the speaker of a quoted line, beside the board's own speaker.

Behind the words ("…" — Hamlet) a name is an attribution by its place, so any other name counts.
Before them (As Hamlet says, "…") or in the sentence behind (..., said Hamlet) anything may stand:
there only a name counts that the board has as the speaker of some other line.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from quotes.forms import folded
from quotes.near import speakers_among
from quotes.search import Found
from quotes.spans import Span

AROUND = 120  # characters after a span in which its speaker is named
_BEFORE = 80  # and before it

_ID = re.compile(r"[”\"'」’»\s.,)]{0,4}\[(?P<id>\d{1,18})\]")
_BY = re.compile(r"[\W_]*?(?:\n[ >]*)?[\s”\"'」’]*(?:[-–—―]+|\()\s*(?P<name>[^\n()]{1,80})")
_HEAD = re.compile(r"[^,;「『《(\[]*")
_SMALL = frozenset({"of", "the", "de", "la", "von", "van", "der", "du", "bin", "ibn", "al", "y"})
_PLACE = re.compile(r"\d|^(?:act|scene|chapter|book|part|page|line)\b|[막장절편]$", re.IGNORECASE)
_SENTENCE = re.compile(r"(?:[니었있없이한했겠였된간는]다|[요죠까])$")

# Where a sentence ends before the words, or another quotation; an initial's full stop does not.
_BREAK = re.compile(r"[!?。\n“”\"「」‘’]|(?<![A-Z])(?<!Mr)(?<!Mrs)(?<!Dr)(?<!St)\.")
_NAME = (
    r"(?P<name>[A-Z][\w’'-]*\.?(?:\s(?:(?:of|the|de|la|von|van|der|du)\s)*[A-Z][\w’'-]*\.?){0,4})"
)
_SAYS = (
    r"(?:says?|said|wr(?:ites?|ote|itten)|tells?|told|ask(?:s|ed)?|cr(?:y|ies|ied)|declare[sd]?"
    r"|repl(?:y|ies|ied)|remark(?:s|ed)?|observe[sd]?|note[sd]?|puts?|speaks?|spoke"
    r"|answer(?:s|ed)?|exclaim(?:s|ed)?|whisper(?:s|ed)?|add(?:s|ed)?|claim(?:s|ed)?"
    r"|insist(?:s|ed)?|quip(?:s|ped)?|warn(?:s|ed)?|teach(?:es)?|taught|shouts?|shouted)"
)
_SMALL_WORDS = r"(?:,?\s(?:once|also|famously|himself|herself|then|later|has|had))*"
_KOREAN_NAME = r"(?P<name>[A-Z\u3400-\ud7a3][^\s,:;()]*?(?:\s[^\s,:;()]+?){0,2}?)"
_HANGUL_NAME = _KOREAN_NAME.replace("A-Z", "")
# What a quotation is called, and who is meant by no name: not worth asking the board for.
_NOBODY = frozenset({
    "he", "she", "it", "they", "we", "i", "you", "one", "somebody", "someone", "who", "this",
    "말", "말씀", "대사", "명대사", "구절", "문장", "글", "글귀", "시", "시구", "노래", "가사",
    "명언", "속담", "격언", "표현", "질문", "답", "답변", "예", "다음", "내용", "원문", "제목",
    "이", "그", "저", "그녀", "그들", "우리", "나", "너", "저희", "당신", "누구", "누군가",
    "사람", "것", "이것", "그것", "작가", "시인", "저자", "화자", "주인공",
})  # fmt: skip
_BEFORE_FORMS = [
    re.compile(pattern)
    for pattern in (
        rf"{_NAME}{_SMALL_WORDS}\s{_SAYS}\b[^.]{{0,30}}$",
        rf"\b(?:[Aa]s|[Ii]n the words of|[Aa]ccording to|[Tt]o quote|[Qq]uoting)\s{_NAME}[\s,:]*$",
        rf"(?:^|[\s*_(\-]){_NAME}[*_]*\s?:[*_\s]*$",
        rf"(?:^|\s){_KOREAN_NAME}(?:은|는|이|가|께서는?|의)\s[^,]{{0,20}}$",
        rf"(?:^|\s){_KOREAN_NAME}(?:은|는|이|가|께서는?),?\s*$",
        rf"(?:^|\s|[*_]){_HANGUL_NAME}[*_]*\s?:[*_\s]*$",
    )
]
_AFTER_FORMS = [
    re.compile(pattern)
    for pattern in (
        rf"^[\W_]{{0,4}}\s*{_SAYS}\s{_NAME}",
        rf"^[\W_]{{0,4}}\s*{_NAME}\s(?:once\s|also\s|famously\s)?{_SAYS}\b",
        rf"^[\W_]{{0,2}}(?:이?라고|라는|라며|하고|고)\s{_KOREAN_NAME}(?:은|는|이|가|께서)\s",
    )
]


class Attributed(NamedTuple):
    span: Span
    line: Found


def wrongly_attributed(
    lines: Sequence[Attributed], answer: str, found: Sequence[Found]
) -> set[Span]:
    """The spans whose line the answer gives to somebody else than the board does."""
    wrong: set[Span] = set()
    named: dict[Span, set[str]] = {}
    shown = {_plain(line.speaker) for line in found if line.speaker}
    for span, line in lines:
        own = _own_words(line)
        if not own:
            continue
        after = _after(answer, span)
        if by := _BY.match(after):
            if _is_another(by["name"], line, own, shown):
                wrong.add(span)
        elif names := set(_names_around(answer, span, after, own)):
            named[span] = names
    others = _known({name for names in named.values() for name in names}, shown) if named else set()
    return wrong | {span for span, names in named.items() if names & others}


def cited_id(answer: str, span: Span) -> int | None:
    """The id of a line in square brackets behind a span."""
    cited = _ID.match(answer, span.end, span.end + AROUND)
    return int(cited["id"]) if cited else None


def _after(answer: str, span: Span) -> str:
    return _ID.sub("", answer[span.end : span.end + AROUND], count=1)


def _own_words(line: Found) -> list[str]:
    """By which the line's own speaker, work or context is recognised."""
    if not (line.speaker or line.source):
        return []
    return re.findall(r"\w{2,}", folded(f"{line.speaker} {line.source} {line.context}"))


def _has_any(text: str, words: Sequence[str]) -> bool:
    text = folded(text)
    return any(word in text for word in words)


def _is_another(name: str, line: Found, own: Sequence[str], shown: set[str]) -> bool:
    if _has_any(name, own):
        return False
    text = folded(name)
    if any(other in text for other in shown):
        return True
    return _looks_like_a_name(name) and fuzz.partial_ratio(text, folded(line.speaker)) < 60  # noqa: PLR2004


def _looks_like_a_name(text: str) -> bool:
    """Not "Act III", and not the rest of a sentence behind a dash."""
    match = _HEAD.match(text)
    head = (match[0] if match else "").strip(" .*_”\"'’")
    words = head.split()
    if not 0 < len(words) <= 4 or _PLACE.search(head):  # noqa: PLR2004
        return False
    if head.isascii():
        return all(word[0].isupper() or word in _SMALL for word in words)
    return len(head) <= 20 and not _SENTENCE.search(head)  # noqa: PLR2004


def _names_around(answer: str, span: Span, after: str, own: Sequence[str]) -> Iterator[str]:
    """What may be a name that the words are given to; none where the line's own are near."""
    opening = span.marks[0][0] if span.marks else span.start
    before = _BREAK.split(answer[max(0, opening - _BEFORE) : opening].rstrip(" >*_"))[-1]
    rest = re.split(r"[“\"「‘\n]", after.lstrip('”"」’'), maxsplit=1)[0]
    if _has_any(before, own) or _has_any(rest, own):
        return
    for forms, text in ((_BEFORE_FORMS, before), (_AFTER_FORMS, after)):
        for form in forms:
            for match in form.finditer(text):
                words = match["name"].split()
                if words[-1].lower() not in _NOBODY and not _SENTENCE.search(words[-1]):
                    yield from (_plain(" ".join(words[at:])) for at in range(len(words)))


def _plain(name: str) -> str:
    return folded(name).strip(" .*_")


def _known(names: set[str], shown: set[str]) -> set[str]:
    """Those that are speakers of lines on the board, by their whole name or an English surname."""
    speakers = {_plain(name) for name in speakers_among(names) if name} | shown
    surnames = {speaker.split()[-1] for speaker in speakers if speaker.isascii()}
    return {name for name in names if name in speakers or (name in surnames and len(name) >= 3)}  # noqa: PLR2004
