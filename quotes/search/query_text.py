"""The words of a question that only ask ("뭐였지?", "who said ...") and say nothing of the line."""

import re

from config.text import comparable
from quotes.text.tokenizer import tokens

_LONGEST = 1000  # characters of a question that are used

_KINDS = "대사|명대사|말|말씀|속담|격언|구절|명언|문장|글귀|글|시구|시|가사|노래|표현"
_KOREAN = re.compile(
    rf"""
    ^\s*(?:혹시|저기|음)\s+
    | \s*(?:이런|그런|저런)\s+(?:뜻의\s+)?(?:{_KINDS})(?:\s.*|[이가은는을를]?\s*\S{{0,6}}[?.!]*)$
    | \s*(?:이?라는|다는|하는|던)\s+(?:{_KINDS})[은는이가을를]?\s.*$
    | \s+비슷한\s+(?:{_KINDS})\b.*$
    | \s+(?:하는\s+)?그거\s.*$
    | \s+(?:뭐|무슨)\s+(?:이런|그런)\s.*$
    | \s*(?:에\s*대한|에\s*관한|에\s*대해|에\s*관해)\s+(?:{_KINDS})\b.*$
    | \s*(?:는\s+걸|는\s+것을|을|를|이라고|라고)?\s*뭐라(?:고|구)?\s+(?:하|했|해|부르|말)\S*[?.!]*$
    | \s*(?:이?었나|였나|이?였더라|이?던가)\s+그런\s.*$
    | \s*(?:뭐(?:였지|였더라|지|더라|야)|뭔가요|무엇인가요
        |알려\s*줘|찾아\s*줘|말해\s*줘|보여\s*줘)\S*\s*$
    """,
    re.VERBOSE,
)
# "... means that": follows a meaning and is not part of it.
_MEANING = re.compile(
    r"""(?:
    (?:(?<=다)는|라는|[을를])\s*뜻
    | (?<=다)는\s+말
    | [을를]?\s*(?:이르|뜻하|의미하|비유하|나타내|가리키)는\s+말
    )[\s.?!]*$""",
    re.VERBOSE,
)
_LINE = r"(?:one|line|quote|saying|verse)"
_LIKE = r"(?:\s+(?:with|that\s+goes|about|like))?\b"
_ENGLISH = re.compile(
    rf"""
    ^\W*(?:please\s+)?(?:can|could|do|would)\s+you\s+(?:please\s+)?
        (?:know|remember|recall|find|tell|show|give)(?:\s+me)?(?:\s+(?:the|that|a)\s+{_LINE})?{_LIKE}
    | ^\W*(?:there\s+is|there's|i\s+remember)\s+a\s+{_LINE}{_LIKE}
    | ^\W*(?:what|which)(?:\s+was|\s+is|'s)?\s+(?:that|the)\s+{_LINE}{_LIKE}
    | ^\W*who\s+(?:said|says|wrote)(?:\s+something)?(?:\s+like)?\b
    | ^\W*what\s+d(?:id|oes)\b
    | \s+(?:say|said|says|think)\s+(?:about|of|on)\b
    | (?<![\s,–—-])[\s,–—-]+(?:where|who|what)\s+(?:is|was)\s+(?:that|this|it)
        (?:\s+(?:from|by))?\W*$
    | \s+or\s+(?:so|something(?:\s+like\s+that)?)\W*$
    """,
    re.VERBOSE | re.IGNORECASE,
)

# Lines without an author have one of these as their work.
_GENRES = re.compile(r"속담|격언|\bproverb", re.IGNORECASE)

# "And the next line?": refers to an earlier message.
_REFERENCE = re.compile(
    r"""
    (?:^|\s)(?:그|이|저)?\s*(?:다음|앞|이전|뒤|나머지)(?:[은는이가을를의엔에]|\s|$)
    | (?:^|\s)(?:그건|그게|그거|그걸|이건|이게|그\s+(?:말|사람|대사|구절|시|작품|책|영화))
    | \b(?:next|previous|rest\s+of|before\s+that|after\s+that|that\s+one|same)\b
    | ^\W*(?:and|who|where|when|why|what|how)\b.{0,20}\b(?:it|that|this|he|she|they)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SHORT = 40  # characters of the longest follow-up question

# Tokens of question words and of function words. They count in the score of a line, but no line is
# found by them alone.
_QUESTION_WORDS = frozenset(
    tokens(
        "what which who whom whose when where why how is it was say says said tell show please "
        "quote line word saying about me you do does did"
    )
)
_FUNCTION_WORDS = frozenset(
    tokens(
        "a an the and or but not no of to in on at by for from with as be am are were been has "
        "have had can could will would shall should may might must i he she we they him her his "
        "us our their them my your this that these those there here so if then than some any all"
    )
)


def without_question_words(question: str) -> str:
    """The question without the words that only ask, unless nothing else is in it. Of a long
    question, the beginning.
    """
    text = comparable(question[:_LONGEST])
    for pattern in (_KOREAN, _MEANING, _ENGLISH):
        rest = pattern.sub(" ", text).strip()
        text = rest if tokens(rest) else text
    return text


def genre_of(question: str) -> str:
    """The genre that the question asks for ("which proverb says ..."), or ""."""
    named = _GENRES.search(comparable(question[:_LONGEST]))
    return named[0].lower() if named else ""


def is_follow_up(question: str) -> bool:
    """Whether a short question refers to an earlier message."""
    text = comparable(question[:_LONGEST])
    return len(text) <= _SHORT and bool(_REFERENCE.search(text))


def searchable_terms(terms: list[str]) -> list[str]:
    """The terms by which a line may be found. Function words only where there are no others."""
    rest = [term for term in terms if term not in _QUESTION_WORDS and not _is_letter(term)]
    return [term for term in rest if term not in _FUNCTION_WORDS] or rest


def _is_letter(term: str) -> bool:
    return len(term) == 1 and term.isascii()
