"""Whether an answer claims that words which no line is like are somebody's or the board's line.

An alarm is for a claim: a named speaker, a cited id, "the proverb “…”", or an answer to a question
that asked for lines. Titles, terms, examples, dialogue, drafts, translations and echoes of the
question are none. `is_told_as_wrong` finds wordings that the answer itself calls wrong.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from config.hangul import has_hangul
from quotes.columns import BoardLine
from quotes.text.normalization import folded, skeleton
from quotes.verification import names
from quotes.verification.attribution import behind, cited_id
from quotes.verification.forms import (
    Named,
    credit_in,
    credits_of,
    labels_of,
    prose_of,
    sentence_before,
)
from quotes.verification.marks import TITLES
from quotes.verification.reading import Reading
from quotes.verification.spans import BLOCK, MARKED, Span
from quotes.verification.surroundings import MARKS, Context, Surroundings

_KOREAN_TITLE = 2  # words
_KOREAN_END = re.compile(r"[.!?다요라까지네오세자죠군냐니]$")  # of a sentence
_ID_INSIDE = re.compile(r"\[\d{1,18}\]\Z")  # of a block quote
_SENTENCE = 5  # words that are more than a term
_QUESTION = 1000  # characters of a question that are looked at
# What titles write without a capital.
_SMALL_IN_TITLES = frozenset(
    "a an and as at but by da de del der des di du el et for from in into la le les nor of on or"  # noqa: SIM905
    " over the to upon van vs with von y".split()
)
_LETTER = 300  # characters of a block that are searched for the forms of a letter

_LINES = (
    r"(?:quotes?|quotations?|lines?|sayings?|proverbs?|adages?|maxims?|aphorisms?|idioms?|verses?"
    r"|mottos?)"
)
_KOREAN_LINES = r"(?:명언|속담|격언|금언|구절|명대사|대사|글귀|어록|시구|경구)"
_ASKED_KOREAN_LINES = rf"(?:{_KOREAN_LINES}|좋은 말|한마디|한 줄|문구)"
# What an answer calls a line, too, if lines were asked for.
_ANSWERED_LINES = rf"(?:{_LINES}|sentences?|words|texts?)"
_KOREAN_ANSWERED_LINES = rf"(?:{_KOREAN_LINES}|말씀|말|문장|문구|글|한마디|표현)"

# Questions that ask for a line.
_ASKS = [
    re.compile(
        rf"\b(?:give|find|share|show|recommend|suggest|any|some|need|look(?:ing)? for|tell|want"
        rf"|pick|list"
        rf"|is there|are there|what(?: is|['’]s| are)?|which|know|have|cite|quote|recite|send"
        rf"|best|famous|good"
        rf"|favou?rite|inspir\w+|motivational)\b[^?\n]{{0,60}}?\b{_LINES}\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\bwhat (?:did|does|do|has|have) (?!(?:i|we|you)\b)(?:\w+ ){1,5}"
        r"(?:say|said|write|written)\b",
        re.IGNORECASE,
    ),
    re.compile(rf"\b{_LINES} (?:about|on|for|from|by|of|that|to)\b", re.IGNORECASE),
    re.compile(
        rf"{_ASKED_KOREAN_LINES}[^?\n]{{0,20}}(?:알려|추천|찾아|보여|있어|있을까|있나|있는지|있니"
        rf"|골라|소개|뭐|하나|줘|주세요|들려"
        r"|부탁|인용|말해|적어|$)"
    ),
    re.compile(
        rf"(?:어떤|무슨|좋은|유명한|어울리는|관한|대한|나오는)\s"
        rf"(?:[^\s]{{1,8}}\s)?{_ASKED_KOREAN_LINES}"
    ),
]
# Questions about words that the person has, or for new ones.
_ASKS_OTHERWISE = re.compile(
    r"\b(?:translat\w*|mean(?:s|ing)?|explain|who said|grammar\w*|pronounce|rewrite|proofread"
    r"|rephrase|summari[sz]e"
    r"|command|code|function|python|sql|regex|subject lines?|headlines?|taglines?"
    r"|difference between"
    r"|(?:write|compose|draft|create|invent|make up)\b[^?\n]{0,40})\b"
    r"|번역|뜻|의미|설명해|해석|맞춤법|문법|고쳐|다듬|요약|영어로|한국어로|지어|만들어|작성"
    r"|써\s?[줘주]|누가 (?:말|한)",
    re.IGNORECASE,
)
# Questions that are answered by words of nobody: dialogue, drafts, translations, examples, texts of
# programs.
_MAKES = re.compile(
    r"\b(?:story|stories|dialogues?|script|scene|sketch|conversation|role-?play|e-?mails?"
    r"|letters?|messages?"
    r"|texts?|reply|invitation|translat\w*|grammar|sentences?|examples?|error|exception|message"
    r"|button|label"
    r"|slogans?|captions?|tweet|post|review|toast|speech for|interview|cover letter|cv|resume"
    r"|prompts?"
    r"|phrases?|rewrite|proofread|rephrase|paraphrase|how (?:do|can|should) i (?:say|ask|tell"
    r"|reply|respond))\b"
    r"|이야기|동화|소설을|대화문|대화|대본|장면|역할극|메일|편지|문자|답장|초대|번역|문법|예문"
    r"|문장|오류|에러|버튼"
    r"|슬로건|캡션|리뷰|후기|면접|자기소개서|프롬프트|표현|다듬|고쳐|뭐라고 (?:말|답)|어떻게 "
    r"(?:말|답|거절|부탁)|인사말",
    re.IGNORECASE,
)
_LETTER_FORM = re.compile(
    r"^[ \t]*(?:subject|dear|hi|hello|hey|제목)\b|\b(?:regards|sincerely|thank you for|best,)"
    r"|\[your |안녕하세요|드림$|올림$"
    r"|감사합니다",
    re.IGNORECASE | re.MULTILINE,
)
# Words that call what stands beside them a line.
_CALLED_BEFORE = re.compile(
    rf"(?:(?<!subject )(?<!command )(?<!log )(?<!in )(?<!first )(?<!punch )\b{_LINES}"
    r"(?:\s(?:is|was|goes|says|reads|runs|about|from|by|of|on|in|that)\b[^.]{0,40})?"
    r"|\bas they say|\bsaying goes"
    rf"|{_KOREAN_LINES}(?:\s?(?:으로|로|에|에는|에도|은|는|이|가|중에|처럼|대로|하나|입니다"
    rf"|:)[^.]{{0,16}})?"
    r"|옛말에|옛말처럼)[\s,:—–-]*$",
    re.IGNORECASE,
)
_CALLED_AFTER = re.compile(
    rf"^[\W_]{{0,4}}(?:is|was|are|remains)\s(?:an?|the|one of|my|his|her|their|from)\s"
    rf"(?:[\w’'-]+\s){{0,4}}{_LINES}\b"
    rf"|^[\W_]{{0,3}}(?:\(이\))?(?:이?라는|이?란|이?라고 하는|은|는|이|가)\s"
    rf"(?:[^\s.]{{1,8}}\s){{0,2}}{_KOREAN_LINES}",
    re.IGNORECASE,
)
_NOT_LINES = re.compile(
    r"\b(?:subject|command|log|punch|tag|head|dead|time|story|first|opening|code|search"
    r"|error) ?lines?\b"
    r"|\bprice quotes?\b|\b(?:single|double|smart|straight) quotes?\b|검색|문법|오류",
    re.IGNORECASE,
)
_IS_SAID = re.compile(
    rf"\s?(?:\(이\))?이?(?:라고|라는|란|라며)|\s?[-–—―]|[은는]\s[^.]{{1,16}}{_KOREAN_LINES}"
)
_ANSWERED_AFTER = re.compile(
    rf"^[\W_]{{0,3}}(?:\(이\))?(?:이?라는|이?란|이?라고 하는)\s(?:[^\s.]{{1,8}}\s){{0,2}}"
    rf"{_KOREAN_ANSWERED_LINES}"
)
# The head of the column of a table in which the lines stand.
_COLUMN_OF_LINES = re.compile(
    rf"(?:\w{{1,16}}\s){{0,2}}{_LINES}(?:\s?\([^)]*\))?|(?:\w{{1,8}}\s?){{0,2}}{_KOREAN_LINES}"
    r"(?:\s?\([^)]*\))?",
    re.IGNORECASE,
)
_COLUMN_OF_ANSWERS = re.compile(
    rf"(?:\w{{1,16}}\s){{0,2}}{_ANSWERED_LINES}|(?:\w{{1,8}}\s?){{0,2}}{_KOREAN_ANSWERED_LINES}",
    re.IGNORECASE,
)
# An answer that says of a wording that it is wrong.
_WRONG_BEFORE = re.compile(
    r"(?:\bmis-?quot\w*|\bmisremember\w*|\bmis-?attribut\w*|\b(?:wrongly|incorrectly|falsely"
    r"|often|commonly|popularly)"
    r"\s(?:\w+\s)?(?:quoted|cited|given|rendered|remembered|paraphrased|shortened)|\binstead of"
    r"|\brather than"
    r"|\b(?:never|did not|didn[’']t|does not|doesn[’']t)\s(?:actually\s|really\s)?(?:say|says"
    r"|said|write|wrote|read)"
    r")\b[^.?!“”\"]{0,40}$|\b(?:not|(?:is|was|are|were)n[’']t)[\s,:]*(?:simply\s|just\s"
    r"|actually\s|really\s)?$|(?:잘못|틀리게|와전)[^.“”]{0,24}$",
    re.IGNORECASE,
)
_WRONG_AFTER = re.compile(
    r"^[\W_]{0,3}(?:(?:is|was)\s(?:\w+\s)?(?:a|an|the)?\s?(?:common\s|popular\s|frequent\s)?"
    r"(?:mis-?quot\w*|misremember\w*)"
    r"|(?:is|was|does) (?:not|n[’']t)\b|isn[’']t|is (?:wrong|incorrect|inaccurate|apocryphal)"
    r"|never appears|appears nowhere)"
    r"|^[\W_]{0,3}(?:이?라고|이?라는|으?로|은|는|이|가|도)?[^.“”]{0,24}(?:잘못|틀리게|틀린|와전"
    r"|아니라|아닙니다|아니다|아니고|오인용)",
    re.IGNORECASE,
)


def is_claim(reading: Reading, span: Span, *, question: str, shown: Sequence[BoardLine]) -> bool:
    """Whether the words of a span that no line is like are claimed to be a line. `question` is what
    the answer replies to, `shown` are the lines that the model was given.
    """
    question = question[:_QUESTION]
    if not (around := _around_possible_claim(reading, span, question)):
        return False
    if cited_id(reading, span) is not None or _ID_INSIDE.search(span.text):
        return True
    if asks_for_lines(question):
        return _is_presented(reading, span, around)
    if _MAKES.search(question):
        return False
    return _is_called_a_line(around) or any(
        _is_somebody(one, question, shown) for one in _named(reading, span, around)
    )


def possible_speakers(reading: Reading, span: Span, question: str) -> set[str]:
    """The names beside a span that is no claim yet, but is one if they speak on the board."""
    question = question[:_QUESTION]
    around = _around_possible_claim(reading, span, question)
    if not around or span.kind not in {MARKED, BLOCK} or _MAKES.search(question):
        return set()
    found = [one.name for one in _named(reading, span, around) if names.is_name_like(one.name)]
    whole = {names.plain(name) for name in found}
    parts = {part for name in found for part in names.variants(name) if " " in part}
    return whole | parts


def _around_possible_claim(reading: Reading, span: Span, question: str) -> Surroundings | None:
    """What stands around a span, unless its words cannot be claimed to be a line."""
    around = Context(reading).around(span)
    if span.kind not in {MARKED, BLOCK}:
        is_asked = cited_id(reading, span) or asks_for_lines(question)
        if not is_asked or span.text.endswith((":", "：")) or _is_beside_lines(around):
            return None
        # What stands in other lines belongs to them: a name under "These lines match:".
        around = replace(around, above="", below=(), heading="")
    is_none = (
        _is_echo(span, question)
        or _is_title(span.text)
        or _is_work(span, around)
        or _tells_as_wrong(around)
        or _is_letter(span, around)
    )
    return None if is_none else around


def _is_beside_lines(around: Surroundings) -> bool:
    """Whether the lines of a table stand in another of its columns, as does the head of that."""
    if _COLUMN_OF_LINES.fullmatch(around.column.strip(MARKS + " ")):
        return False
    heads = (head or cell for head, cell in around.cells)
    return any(_COLUMN_OF_LINES.fullmatch(head.strip(MARKS + " ")) for head in heads)


def is_told_as_wrong(reading: Reading, span: Span) -> bool:
    """Whether the answer itself says that the words of a span are not the right ones."""
    return _tells_as_wrong(Context(reading).around(span))


def asks_for_lines(question: str) -> bool:
    return any(form.search(question) for form in _ASKS) and not _ASKS_OTHERWISE.search(question)


def _is_echo(span: Span, question: str) -> bool:
    return skeleton(span.text) in skeleton(question)


def _is_title(text: str) -> bool:
    """Whether the words are written like a title: with capitals, and without an end mark; in
    Korean, one or two words that end no sentence.
    """
    if has_hangul(text):
        return len(text.split()) <= _KOREAN_TITLE and not _KOREAN_END.search(text)
    words = [word for word in text.split() if word not in _SMALL_IN_TITLES]
    is_capital = bool(words) and all(word[0].isupper() or not word[0].isalpha() for word in words)
    return text.isascii() and is_capital and text[-1] not in ".!?,;"


def _is_work(span: Span, around: Surroundings) -> bool:
    """Whether words in 「」 or 『』 are a title: they end no sentence, and nobody says them."""
    if span.mark not in TITLES or _KOREAN_END.search(span.text):
        return False
    return not _IS_SAID.match(around.after.lstrip("」』"))


def _tells_as_wrong(around: Surroundings) -> bool:
    after = around.after.lstrip(MARKS + ".,!?")
    return bool(_WRONG_BEFORE.search(sentence_before(around)) or _WRONG_AFTER.match(after))


def _is_letter(span: Span, around: Surroundings) -> bool:
    """A draft of a letter or message stands in a block quote, too."""
    text = f"{span.text[:_LETTER]}\n{span.text[-_LETTER:]}\n{around.after}"
    return span.kind == BLOCK and bool(_LETTER_FORM.search(text))


def _is_presented(reading: Reading, span: Span, around: Surroundings) -> bool:
    """Whether an answer that was asked for lines gives this as one: credited or called so, alone in
    its line, after a colon, or a whole sentence. A few quoted words may be under discussion.
    """
    if _is_called_a_line(around) or _is_answered(around):
        return True
    if any(names.is_name_like(one.name) for one in _named(reading, span, around)):
        return True
    if span.kind not in {MARKED, BLOCK}:
        return False
    before, after = (
        around.before.strip(MARKS + " "),
        around.after.split("\n")[0].strip(MARKS + " .,!"),
    )
    is_alone = before.endswith((":", "：", "—", "–", "-")) or not (before or after)
    words = (span.quotation or span.text).split()
    return span.kind == BLOCK or is_alone or len(words) >= _SENTENCE


def _is_answered(around: Surroundings) -> bool:
    """Whether an answer that was asked for lines calls this a sentence or words, which it may call
    anything elsewhere: behind it, or in the head of its column.
    """
    if _COLUMN_OF_ANSWERS.fullmatch(around.column.strip(MARKS + " ")):
        return True
    return bool(_ANSWERED_AFTER.match(around.after.lstrip(MARKS + ".,!?")))


def _is_called_a_line(around: Surroundings) -> bool:
    before, after = sentence_before(around), around.after.lstrip(MARKS + ".,!?")
    if _NOT_LINES.search(before) or _NOT_LINES.search(after):
        return False
    return bool(_CALLED_BEFORE.search(before.rstrip(" ")) or _CALLED_AFTER.match(after))


def _named(reading: Reading, span: Span, around: Surroundings) -> Iterator[Named]:
    yield from credits_of(around)
    yield from credit_in(behind(Context(reading), reading, span))
    yield from prose_of(around)
    yield from labels_of(around)


def _is_somebody(one: Named, question: str, shown: Sequence[BoardLine]) -> bool:
    """A speaker whom the board or the question knows, or a whole name. A single one may be a person
    in an example.
    """
    if not names.is_name_like(one.name):
        return False
    if _is_known(names.plain(one.name), question, shown):
        return True
    is_whole = len(one.name.split()) > 1 or names.has_hangul_name(one.name)
    return is_whole and names.is_person(one.name)


def _is_known(name: str, question: str, shown: Sequence[BoardLine]) -> bool:
    return len(name) > 1 and any(
        name in folded(text) for text in (question, *(line.speaker for line in shown))
    )
