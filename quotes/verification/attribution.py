"""Whether an answer names another speaker of a quoted line than the board does.

A name after the quotation and a dash ("…" — Hamlet) is an attribution, so any other name is wrong.
Before the quotation (As Hamlet says, "…") and in the sentence after it (…, said Hamlet) there may
be other words, so only a name that the board has as the speaker of another line counts as wrong.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from rapidfuzz import fuzz

from quotes.columns import TEXT, BoardLine
from quotes.text.normalization import folded
from quotes.verification.spans import Span
from quotes.verification.term_candidates import speakers_among

AROUND = 120  # characters after a span that are searched for its speaker
_BEFORE = 80  # the same before it
_NAMES = 24  # candidates that are checked for a span; no sentence has more

_ID = re.compile(r"[”\"'」’»\s.,)]{0,4}\[(?P<id>\d{1,18})\]")
ATTRIBUTION = re.compile(r"[\W_]*?(?:[-–—―]+|\()\s*(?P<name>[^\n()]{1,80})")
_HEAD = re.compile(r"[^,;「『《(\[]*")
_LOWER = frozenset({"of", "the", "de", "la", "von", "van", "der", "du", "bin", "ibn", "al", "y"})
_PLACE = re.compile(r"\d|^(?:act|scene|chapter|book|part|page|line)\b|[막장절편]$", re.IGNORECASE)
_SENTENCE = re.compile(r"(?:[니었있없이한했겠였된간는]다|[요죠까])$")

# The end of a sentence or of another quotation before the span; not the full stop of an initial.
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
_ADVERBS = r"(?:,?\s(?:once|also|famously|himself|herself|then|later|has|had))*"
_KOREAN_NAME = r"(?P<name>[A-Z\u3400-\ud7a3][^\s,:;()]*?(?:\s[^\s,:;()]+?){0,2}?)"
_HANGUL_NAME = _KOREAN_NAME.replace("A-Z", "")
# Pronouns, and words for quotations and persons: no names.
_NOT_NAMES = frozenset({
    "he", "she", "it", "they", "we", "i", "you", "one", "somebody", "someone", "who", "this",
    "말", "말씀", "대사", "명대사", "구절", "문장", "글", "글귀", "시", "시구", "노래", "가사",
    "명언", "속담", "격언", "표현", "질문", "답", "답변", "예", "다음", "내용", "원문", "제목",
    "이", "그", "저", "그녀", "그들", "우리", "나", "너", "저희", "당신", "누구", "누군가",
    "사람", "것", "이것", "그것", "작가", "시인", "저자", "화자", "주인공",
})  # fmt: skip
_BEFORE_FORMS = [
    re.compile(pattern)
    for pattern in (
        rf"{_NAME}{_ADVERBS}\s{_SAYS}\b[^.]{{0,30}}$",
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
    line: BoardLine


def wrongly_attributed(
    lines: Sequence[Attributed], answer: str, shown: Sequence[BoardLine]
) -> set[Span]:
    """The spans whose line the answer attributes to another speaker than the board does. `shown`
    are the lines that the model was given.
    """
    wrong: set[Span] = set()
    named: dict[Span, set[str]] = {}
    speakers = {_plain(line.speaker) for line in shown if line.speaker}
    for span, line in lines:
        own = _own_words(line)
        if not own:
            continue
        after = _after(answer, span)
        if by := ATTRIBUTION.match(after):
            if _is_another(by["name"], line, own, speakers):
                wrong.add(span)
        elif names := set(islice(_names_around(answer, span, after, own), _NAMES)):
            named[span] = names
    all_names = {name for names in named.values() for name in names}
    others = _known_speakers(all_names, speakers) if named else set()
    return wrong | {span for span, names in named.items() if names & others}


def cited_id(answer: str, span: Span) -> int | None:
    """The id of a line in square brackets after a span."""
    cited = _ID.match(answer, span.end, span.end + AROUND)
    return int(cited["id"]) if cited else None


def _after(answer: str, span: Span) -> str:
    return _ID.sub("", answer[span.end : span.end + AROUND], count=1)


def _own_words(line: BoardLine) -> list[str]:
    """The words of the line's own speaker, work and context; none if it has no speaker or work."""
    if not line.names:
        return []
    return re.findall(r"\w{2,}", folded(" ".join(getattr(line, name) for name in TEXT[1:])))


def _has_any(text: str, words: Sequence[str]) -> bool:
    text = folded(text)
    return any(word in text for word in words)


def _is_another(name: str, line: BoardLine, own: Sequence[str], speakers: set[str]) -> bool:
    if _has_any(name, own):
        return False
    text = folded(name)
    if any(other in text for other in speakers):
        return True
    return _looks_like_a_name(name) and fuzz.partial_ratio(text, folded(line.speaker)) < 60  # noqa: PLR2004


def _looks_like_a_name(text: str) -> bool:
    """Excludes "Act III" and the rest of a sentence after a dash."""
    match = _HEAD.match(text)
    head = (match[0] if match else "").strip(" .*_”\"'’")
    words = head.split()
    if not 0 < len(words) <= 4 or _PLACE.search(head):  # noqa: PLR2004
        return False
    if head.isascii():
        return all(word[0].isupper() or word in _LOWER for word in words)
    return len(head) <= 20 and not _SENTENCE.search(head)  # noqa: PLR2004


def _names_around(answer: str, span: Span, after: str, own: Sequence[str]) -> Iterator[str]:
    """Possible names of the speaker; none where the line's own speaker or work is near."""
    opening = span.marks[0][0] if span.marks else span.start
    before = _BREAK.split(answer[max(0, opening - _BEFORE) : opening].rstrip(" >*_"))[-1]
    rest = re.split(r"[“\"「‘\n]", after.lstrip('”"」’'), maxsplit=1)[0]
    if _has_any(before, own) or _has_any(rest, own):
        return
    for forms, text in ((_BEFORE_FORMS, before), (_AFTER_FORMS, after)):
        for form in forms:
            for match in form.finditer(text):
                words = match["name"].split()
                if words[-1].lower() not in _NOT_NAMES and not _SENTENCE.search(words[-1]):
                    yield from (_plain(" ".join(words[at:])) for at in range(len(words)))


def _plain(name: str) -> str:
    return folded(name).strip(" .*_")


def _known_speakers(names: set[str], shown: set[str]) -> set[str]:
    """The names that are speakers on the board, by their whole name or an English surname."""
    speakers = {_plain(name) for name in speakers_among(names) if name} | shown
    surnames = {speaker.split()[-1] for speaker in speakers if speaker.isascii()}
    return {name for name in names if name in speakers or (name in surnames and len(name) >= 3)}  # noqa: PLR2004
