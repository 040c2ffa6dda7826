"""The forms in which an answer names the speaker of quoted words, in English and Korean."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from quotes.verification import names
from quotes.verification.names import HANGUL, LATIN
from quotes.verification.surroundings import MARKS, Surroundings


class Named(NamedTuple):
    """`is_credit`: the form can only be a credit, so one name decides. `is_sure`: what stands there
    is a person even if the board does not know the name. `is_whole`: a subject may stand there, too
    ("Hope"), so it must be all that a speaker of the board is called, or a last name that is
    nothing else on the board. `rest` is what follows it in a credit.
    """

    name: str
    is_credit: bool = False
    is_sure: bool = False
    is_whole: bool = False
    rest: str = ""


SAYS = (
    r"(?:says?|said|saying|wr(?:ites?|ote|itten)|tells?|told|ask(?:s|ed)?|cr(?:y|ies|ied)"
    r"|declare[sd]?|repl(?:y|ies|ied)|remark(?:s|ed)?|observe[sd]?|note[sd]?|puts?|speaks?|spoke"
    r"|answer(?:s|ed)?|exclaim(?:s|ed)?|whisper(?:s|ed)?|add(?:s|ed)?|claim(?:s|ed)?"
    r"|insist(?:s|ed)?|quip(?:s|ped)?|warn(?:s|ed)?|teach(?:es)?|taught|shouts?|shouted"
    r"|remind(?:s|ed)?|argue[sd]?|believe[sd]?|advise[sd]?|urge[sd]?|proclaim(?:s|ed)?"
    r"|recall(?:s|ed)?|reflect(?:s|ed)?|sang|sings?|thought|thinks?|utter(?:s|ed)?)"
)
_ADVERBS = (
    r"(?:,?\s(?:once|also|famously|himself|herself|then|later|has|had|rightly|wisely|simply"
    r"|often))*"
)
_WORDS = (
    r"(?:words?|lines?|quotes?|quotations?|sayings?|phrases?|verses?|poems?|advice|maxims?|remarks?"
    r"|observation|speech|soliloquy|question|motto|dictum|saying|insight|wisdom)"
)
_SPEECH = (
    r"(?:말씀|말|명언|대사|명대사|구절|시구|문장|격언|글귀|글|표현|시|가르침|고백|외침|유언|어록)"
)
_TOPIC = r"(?:은|는|이|가|께서는?)"
_SAYING = (
    r"(?:말|노래|고백|외치|외쳤|썼|쓰|적었|적|남겼|남긴|읊|표현|전하|전했|강조|답|대답|이야기"
    r"|얘기|선언|탄식"
    r"|속삭|묻|물었|했|하였|합|한|가르|당부|조언|주장|경고|설파)"
)
# A credit's own marks: whatever follows is a name, a work or a remark.
_ID = re.compile(r"^[\s.,]{0,4}\[\d{1,18}\][\s.,]{0,4}")
_DASH = re.compile(r"\s*(?:[-–—―~]+|\\u2014|ㅡ)\s*")
_PARENTHESIS = re.compile(r"\s*[(（\[]\s*([^()（）\[\]\n]{1,80})")
_KEY = re.compile(
    r"[\s\-•*_]*(?:speaker|author|said by|spoken by|written by|attributed to|by|who|character"
    r"|화자|인물|작가|저자|지은이|말한 ?이|말한 ?사람|발화자|시인|글쓴이)\s*[:|=]\s*",
    re.IGNORECASE,
)
HEADS = re.compile(
    r"\s*(?:speaker|author|said by|who(?: said it)?|by|character|person|name|attribution|writer"
    r"|poet"
    r"|philosopher|화자|인물|작가|저자|지은이|말한 ?이|말한 ?사람|발화자|시인|이름|사람|글쓴이)\s*",
    re.IGNORECASE,
)
_AUTHOR = re.compile(
    r"[\"'”]?\s*,\s*[\"'“]?(?:author|speaker|by|said_by|화자|작가|저자|말한 사람)[\"'”]?"
    r"\s*:\s*[\"'“]?"
    r"(?P<name>[^\"'”,}\n]{1,60})",
    re.IGNORECASE,
)  # in JSON and its like
_NUMBER = re.compile(r"^\s*(?:\d{1,3}[.)]|[-•*#]+)?\s*")
_LABEL = re.compile(r"(?P<name>[^\s:：][^:：]{0,60})[:：\-–—―|]\Z")
_ITEM_LABEL = re.compile(r"^\s*(?P<name>[^:：\n]{1,40})[:：]")

# Sentences that name a speaker to deny it, or tell of a wrong credit.
DENIAL = re.compile(
    r"\b(?:not|never|nobody|mis-?attribut\w*|misquot\w*|wrongly|falsely|apocryphal\w*"
    r"|attributed|credited|often|unlike)\b|n[’']t\b|아[니닌님]|않|잘못|흔히|알려져|와 달리|과 달리",
    re.IGNORECASE,
)

_SURE_BEFORE = [
    re.compile(pattern)
    for pattern in (
        rf"(?P<name>{LATIN}){_ADVERBS},?\s{SAYS}\b(?=[^.]{{0,50}}$)",
        (
            rf"\b(?:[Aa]s|[Ii]n the words of|[Aa]ccording to|[Tt]o quote|[Qq]uoting|[Ss]aid by)"
            rf"\s(?:the \w+ )?(?P<name>{LATIN})[\s,:]*(?:\w+\s)?(?:{SAYS})?(?=[^.]{{0,20}}$)"
        ),
        rf"(?P<name>{LATIN})[’']s?\s(?:\w+\s){{0,3}}{_WORDS}\b(?=[^.]{{0,40}}$)",
        rf"\b{_WORDS}\s(?:is\s|was\s|comes\s)?(?:by|from|of)\s(?P<name>{LATIN})(?=[^.]{{0,30}}$)",
        rf"(?P<name>{HANGUL}){_TOPIC}\s(?:[^.]{{0,20}}\s)?{_SAYING}(?=[^.]{{0,12}}[.:]?\s*$)",
        rf"(?P<name>{HANGUL})의\s(?:[^\s.]{{1,8}}\s){{0,2}}{_SPEECH}(?=[^.]{{0,16}}[.:]?\s*$)",
        rf"(?P<name>{HANGUL})(?:에 따르면|에 의하면|의 말을 빌리면|\s?왈|\s?曰)[,:]?\s*$",
        (
            rf"(?P<name>{HANGUL})(?:이|가)?\s(?:남긴|쓴|한|말한|노래한)\s"
            rf"(?:[^\s.]{{1,8}}\s)?{_SPEECH}(?=[^.]{{0,12}}$)"
        ),
    )
]
_BEFORE = [
    re.compile(pattern)
    for pattern in (
        rf"\b(?:by|from)\s(?P<name>{LATIN})[\s,:]*$",
        rf"(?P<name>{HANGUL})(?:{_TOPIC}|의),?\s(?:[^,.]{{0,20}}\s)?$",
        rf"(?P<name>{HANGUL})의\s[^,.]{{1,30}}(?:에는?|에서|중|속)\s?$",
    )
]
_SURE_AFTER = [
    re.compile(pattern)
    for pattern in (
        rf"^[\W_]{{0,4}}{SAYS}\s(?:the \w+ )?(?P<name>{LATIN})",
        rf"^[\W_]{{0,4}}(?P<name>{LATIN}){_ADVERBS}\s{SAYS}\b",
        (
            rf"^[\W_]{{0,4}}(?:(?:is|are|was|were|comes?)\s)?(?:\w+\s){{0,2}}(?:said|spoken|written"
            rf"|sung|uttered)"
            rf"\sby\s(?:the \w+ )?(?P<name>{LATIN})"
        ),
        (
            rf"^[\W_]{{0,4}}(?:(?:these|those|this)\s)?(?:is|are|was|were|comes?)\s(?:\w+\s){{0,4}}"
            rf"(?:by|from|of)\s(?P<name>{LATIN})"
        ),
        rf"^[\W_]{{0,4}}(?:is|are|was|were|comes? from|from)\s(?:from\s)?(?P<name>{LATIN})[’']s?\b",
        rf"^[\W_]{{0,4}}(?:These|Those) (?:are|were) the words of (?P<name>{LATIN})",
        rf"^[\W_]{{0,4}}by\s(?P<name>{LATIN})",
        (
            rf"^[\W_]{{0,2}}(?:\(이\))?(?:이?라고|이?라는|이?라며|하고|고)\s(?P<name>{HANGUL})"
            rf"(?:{_TOPIC}|의)\s[^.]{{0,16}}(?:{_SAYING}|{_SPEECH})"
        ),
        (
            rf"^[\W_]{{0,2}}(?:은|는|이|가|도|란|이란)\s(?P<name>{HANGUL})(?:의"
            rf"|{_TOPIC})\s[^.]{{0,16}}(?:{_SPEECH}|{_SAYING})"
        ),
        (
            rf"^[\W_]{{0,2}}(?:이?라고)\s(?:말한|노래한|쓴|외친|한)\s(?P<name>{HANGUL})(?:의|{_TOPIC}"
            rf"|처럼|[.,]|$)"
        ),
        (
            rf"^[\s.]*[이그]\s?(?:것|말|구절|문장)?[은는]\s(?P<name>{HANGUL})(?:의"
            rf"|{_TOPIC})\s[^.]{{0,10}}(?:{_SPEECH})"
        ),
    )
]
_AFTER = [
    re.compile(pattern)
    for pattern in (
        rf"^[\W_]{{0,2}}(?:이?라고|이?라는|이?라며|하고|고)\s(?P<name>{HANGUL})(?:{_TOPIC}|의)\s",
        rf"^,\s?(?P<name>{HANGUL}|{LATIN})\s*$",
    )
]
_NAME = f"(?P<name>{HANGUL})"
_BEHIND = 40  # characters after the quotation that belong to its frame
_QUOTATION = "\0"  # stands for the quoted words between both sides
_SURE_AROUND = [
    re.compile(pattern)
    for pattern in (
        (
            rf"(?P<name>{HANGUL}){_TOPIC},?\s{_QUOTATION}\s?(?:이?라고|하고|고|이?라며)\s?"
            rf"(?=[^.]{{0,16}}{_SAYING})"
        ),
        rf"(?P<name>{HANGUL})의\s{_QUOTATION}\s?(?:\(이\))?이?라는\s(?=[^.]{{0,10}}{_SPEECH})",
    )
]

# What stands behind a Korean name at the beginning of a form: to find it takes a tenth of the time.
_BEHIND_NAME = {
    form.pattern: re.compile(form.pattern.removeprefix(_NAME))
    for form in (*_SURE_BEFORE, *_BEFORE, *_SURE_AROUND)
    if form.pattern.startswith(_NAME)
}


def credits_of(around: Surroundings) -> Iterator[Named]:
    """Names that can only be credits: behind a dash, in parentheses, after "Speaker:", in a cell
    under "Speaker".
    """
    after = _ID.sub("", around.after.lstrip(MARKS + ".,!?…"), count=1)
    if author := _AUTHOR.match(around.after):
        yield _credit(author["name"])
    yield from credit_in(after)
    for line in around.below:
        if line.startswith(": "):
            line = f"—{line[1:]}"  # noqa: PLW2901 - a footnote's text
        yield from credit_in(line)
    for head, cell in around.cells:
        if HEADS.fullmatch(head):
            yield _credit(cell)


def credit_in(text: str) -> Iterator[Named]:
    text = text[: names.LONGEST + 20]
    first, *others = text.lstrip("\n").split("\n")[:3] if text.strip() else ("",)
    if key := _KEY.match(first):
        yield _credit(first[key.end() :])
    elif dash := _DASH.match(first):
        yield _credit(first[dash.end() :])
    elif parenthesis := _PARENTHESIS.match(first):
        yield from _in_parentheses(parenthesis[1])
    elif not first.strip(MARKS + " .,") and others:
        yield from credit_in("\n".join(others))
    else:
        for line in others:
            if key := _KEY.match(line):
                yield _credit(line[key.end() :])


def _credit(text: str) -> Named:
    head = names.head_of(text.strip(MARKS + " "))
    rest = text.strip(MARKS + " ")[len(head) :][: names.LONGEST]
    return Named(head, is_credit=True, is_sure=True, rest=rest)


def _in_parentheses(text: str) -> Iterator[Named]:
    """Besides names, the original wording and remarks stand in parentheses, so an unknown name
    there is none, nor is one before a comma that lower-case words follow.
    """
    one = _credit(text)
    rest = one.rest.lstrip(", ")
    if not rest or not rest[0].islower():
        yield one._replace(is_sure=False)


def prose_of(around: Surroundings) -> Iterator[Named]:
    """Names in the sentence before or after the quotation."""
    before, after = sentence_before(around), around.after
    whole = f"{before}{_QUOTATION}{after.lstrip(MARKS)[:_BEHIND]}"
    for forms, text, is_sure in (
        (_SURE_AROUND, whole, True),
        (_SURE_BEFORE, before, True),
        (_SURE_AFTER, after, True),
        (_BEFORE, before, False),
        (_AFTER, after, False),
    ):
        plain = _ORIGINAL.sub("", _TITLED.sub(" 작품", text))
        for match in chain.from_iterable(_found(form, plain) for form in forms):
            yield Named(names.without_lead(match["name"]), is_sure=is_sure)


def _found(form: re.Pattern[str], text: str) -> Iterable[re.Match[str]]:
    behind = _BEHIND_NAME.get(form.pattern)
    return form.finditer(text) if not behind or behind.search(text) else ()


_ORIGINAL = re.compile(r"\s?\([^()가-힣]{1,40}\)")  # 아인슈타인(Albert Einstein)은
_TITLED = re.compile(
    r"\s?(?:「[^「」]{1,40}」|『[^『』]{1,40}』|《[^《》]{1,40}》|〈[^〈〉]{1,40}〉|<[^<>]{1,40}>)"
)


# The end of a sentence or of another quotation; not the full stop of an initial or a title.
_BREAK = re.compile(r"[!?。\n“”\"‘]|(?<![A-Z])(?<!Mr)(?<!Mrs)(?<!Dr)(?<!St)(?<!Jr)(?<!Sr)\.(?=\s)")


def sentence_before(around: Surroundings) -> str:
    if around.before:
        text = around.before.rstrip(" >*_").rstrip(MARKS).rstrip()
        parts = [part for part in _BREAK.split(f"{text} ") if part.strip()]
        last = parts[-1].strip() if parts else ""
        return f"{last} " if last else ""
    above = around.above.strip()
    return f"{above} " if above.endswith((":", "：", ",", ".")) else ""


def labels_of(around: Surroundings) -> Iterator[Named]:
    """Names that stand alone before or over the quotation: `X:`, `**X** –`, a heading. Words of any
    kind stand there, so only speakers of the board count.
    """
    before = _NUMBER.sub("", around.before.strip(MARKS + " "), count=1)
    if match := _LABEL.match(before.strip(MARKS + " ")):
        yield Named(names.head_of(match["name"].strip(MARKS + " ")))
    if not around.before and around.above:
        above = _NUMBER.sub("", around.above, count=1).strip(MARKS + " :：")
        yield Named(names.head_of(above))
    yield from _title_of(around)
    yield from (Named(names.head_of(cell)) for _, cell in around.cells)
    if around.is_item and around.below and (label := _ITEM_LABEL.match(around.below[0])):
        yield Named(names.head_of(label["name"]))
    if (
        around.heading
        and not around.before.strip(MARKS + " ")
        and not around.after.strip(MARKS + " .,\n")
    ):
        yield Named(names.head_of(_NUMBER.sub("", around.heading, count=1)))


def _title_of(around: Surroundings) -> Iterator[Named]:
    """The name in the title of a callout: `> [!quote] Hamlet`. One before the words is nearer."""
    if around.title and not around.before.strip(MARKS + " "):
        title = _DASH.sub("", around.title.strip(MARKS + " :："), count=1)
        yield Named(names.head_of(title.strip(MARKS + " ")), is_whole=True)
