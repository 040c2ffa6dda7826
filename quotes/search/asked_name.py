"""The speaker or the work that a question names: "lines by Confucius", "햄릿의 다른 대사"."""

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from config.text import comparable
from quotes.columns import BoardLine
from quotes.text.normalization import skeleton
from quotes.text.tokenizer import tokens

NAMED = 10  # `naming` of a line whose speaker or work has the name
_LONGEST = 200  # characters; a longer question is not searched for names
_MOST = 4  # names that one question may have
_SHORTEST_PART = 3  # letters of a name that is written without its spaces


class Role(Enum):
    """What the name is of, as far as the question tells; a column of the line."""

    SPEAKER = "speaker"
    WORK = "source"
    EITHER = "either"


class AskedName(NamedTuple):
    """`topic`: what else the question says about the line. `is_certain`: the words can only be a
    name, so a line by another speaker does not answer the question.
    """

    name: str
    role: Role
    topic: str = ""
    is_certain: bool = False


_KIND = re.compile(
    r"\b(?:lines?|quotes?|quotations?|sayings?|words|verses?|poems?|something|anything|more|others?"
    r"|another|ones?)\b",
    re.IGNORECASE,
)
_BY = re.compile(r"\s(by|from|in)\s", re.IGNORECASE)
_OWNER = re.compile(r"['’]s?\s+(?:(?:other|more|best|famous)\s+)?(?=\w)")
_ASKING = re.compile(
    r"^\W*(?:please\s+)?(?:(?:can|could)\s+you\s+)?(?:(?:show|give|tell|find)\s+me|what\s+are"
    r"|do\s+you\s+(?:have|know))\s+(?:(?:any|some|all)\s+)?",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\s(?:are|is|do\s+you|have\s+you|on\s+the\s+board|please|too)\b.*$", re.IGNORECASE
)
_ABOUT = re.compile(r"\s(?:about|on|where|with|that)\s", re.IGNORECASE)
_ARTICLE = re.compile(r"(?:an?|the|some|my|your|his|her|its|their)\s", re.IGNORECASE)

_KOREAN_KIND = re.compile(
    r"\s(명대사|대사|명언|어록|말씀|말|시조|시구|시|구절|문장|글귀|글|한마디|작품)"
    r"(?:들?[도을를은는이가만]|들|이나|중에?)?(?=[\s?!.~]|$)"
)
# Those that follow a name without a particle: "햄릿 대사".
_KINDS_OF_NAMES = frozenset({"명대사", "대사", "명언", "어록", "시조", "시구", "시", "구절"})
_KOREAN_OTHER = re.compile(r"\s(?:또 다른|다른|유명한|좋은|멋진|또|더)$")
_SAID = re.compile(r"\s(?:한|했던|남긴|쓴|지은|말한)$")
_SAYING = re.compile(r"(?:이|가|께서)(?:\s|$)")
_OCCURS = re.compile(r"(?:에서|에)\s(?:나오는|나온|나왔던|있는|실린)$")
_OF = re.compile(r"의(?:\s|$)")
_TOPIC_END = re.compile(r"(?:에 대한|에 관한|에 대해|이라는|라는|다는|하는)$")

_NOBODY = frozenset(
    re.findall(
        r"\w+",
        """누 누구 뭐 무엇 어디 어느 그 이 저 그녀 그분 사람 그것 그거 이것 오늘 내 나 네 너 우리
        다른 대사 who he she it they him her them me you this that these those today what whose""",
    )
)
_MARKS = "『』「」《》〈〉<>\"'“”‘’?! .,…~"


def asked_names(question: str) -> list[AskedName]:
    """What the question may name, the likeliest first; nothing in most questions."""
    text = " ".join(comparable(question[:_LONGEST]).split())
    found = [*_korean_names(text), *_english_names(text)] if len(question) <= _LONGEST else []
    named = (one._replace(name=one.name.strip(_MARKS)) for one in found)
    return [one for one in named if tokens(one.name) and one.name.lower() not in _NOBODY][:_MOST]


def _korean_names(text: str) -> Iterator[AskedName]:
    kind = _KOREAN_KIND.search(text)
    head = _KOREAN_OTHER.sub("", text[: kind.start()]) if kind else ""
    if not kind or not head:
        return
    if said := _SAID.search(head):
        for at in _SAYING.finditer(head[: said.start()]):
            topic = head[at.end() : said.start()]
            yield AskedName(head[: at.start()], Role.SPEAKER, topic, is_certain=not topic)
    elif occurs := _OCCURS.search(head):
        yield AskedName(head[: occurs.start()], Role.WORK)
    elif splits := list(_OF.finditer(head)):
        for at in reversed(splits):
            topic = _TOPIC_END.sub("", head[at.end() :])
            yield AskedName(head[: at.start()], Role.EITHER, topic)
    elif kind[1] in _KINDS_OF_NAMES:
        yield AskedName(head, Role.EITHER)


def _english_names(text: str) -> Iterator[AskedName]:
    for by in _BY.finditer(text):
        if kind := _KIND.search(text, 0, by.start()):
            topic = text[kind.end() : by.start()]
            yield from _after_by(_ASIDE.sub("", text[by.end() :]), by[1].lower() == "by", topic)
            return
    for owner in _OWNER.finditer(text):
        if kind := _KIND.match(text, owner.end()):
            name = _ASKING.sub("", text[: owner.start()])
            yield AskedName(name, Role.EITHER, _topic(text[kind.end() :]))
            return


def _after_by(name: str, is_speaker: bool, topic: str) -> Iterator[AskedName]:  # noqa: FBT001
    """The whole, and what is before "about": both "Much Ado About Nothing" and "Shakespeare"."""
    role = Role.SPEAKER if is_speaker else Role.WORK
    is_certain = is_speaker and not _ARTICLE.match(name)
    yield AskedName(name, role, _topic(topic), is_certain)
    if about := _ABOUT.search(name):
        rest = f"{topic} {name[about.end() :]}"
        yield AskedName(name[: about.start()], role, _topic(rest), is_certain)


def _topic(text: str) -> str:
    return _ABOUT.sub(" ", f" {_ASIDE.sub('', f' {text}')} ").strip(_MARKS)


def naming(asked: AskedName, line: BoardLine) -> int:
    """How well the name matches the line: 0 for not at all, `NAMED` or more where its speaker or
    work has the name. A context may have names too, in another language or of the author of a work;
    it counts least.
    """
    speaker, work = line.speaker, line.source
    fields = {
        Role.SPEAKER: (speaker,),
        Role.WORK: (work, speaker),
        Role.EITHER: (speaker, work),
    }[asked.role]
    terms, letters = frozenset(tokens(asked.name)), skeleton(asked.name)
    for place, field in enumerate(fields):
        if letters and skeleton(field) == letters:
            return 2 * NAMED - place
    for place, field in enumerate(fields):
        if _contains(field, terms, letters):
            return NAMED + 1 - place
    return int(_contains(line.context, terms, letters))


def _contains(field: str, terms: frozenset[str], letters: str) -> bool:
    if not field or not terms:
        return False
    found = len(letters) >= _SHORTEST_PART and letters in skeleton(field)
    return found or terms <= frozenset(tokens(field))
