"""The words of a question that only ask ("뭐였지?", "who said ...") and say nothing of the line."""

import re
from collections.abc import Iterator, Sequence

from config.text import comparable
from quotes.text.normalization import skeleton
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
    | (?:^|\s)(?:그건|그게|그거|그걸|이건|이게|그분|그녀
        |(?:그|이)\s*(?:말|사람|대사|구절|시인|시|작품|작가|책|영화|소설|연극))
    | \b(?:next|previous|rest\s+of|before\s+that|after\s+that|that\s+one|same)\b
    | \b(?:by|from|of)\s+(?:it|that|this|him|her|them)\b
    | ^\W*(?:and|who|where|when|why|what|how)\b.{0,20}\b(?:it|that|this|he|she|they)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
# "Another one?": asks for other lines than those that were shown.
_ANOTHER = re.compile(
    r"\b(?:another|other|others|more|else)\b|(?:^|\s)(?:다른|또|더|하나\s*더|다음\s*거)(?=[\s?!.]|$)",
    re.IGNORECASE,
)
_THAT_PERSON = re.compile(
    r"(?:그|이)\s*(?:사람|시인|작가)|그분|그녀|(?:^|\s)그의\s"
    r"|\b(?:him|her|his|them|their|same\s+(?:author|person|poet|speaker|writer))\b",
    re.IGNORECASE,
)
_THAT_WORK = re.compile(
    r"(?:그|이)\s*(?:작품|책|영화|소설|연극|시집)"
    r"|\bfrom\s+(?:it|there|that)\b|\bsame\s+(?:book|play|poem|work)\b",
    re.IGNORECASE,
)
_SHORT = 40  # characters of the longest follow-up question
# A question of these words alone ("one more?", "누가 한 말이야?") says nothing without an earlier
# one.
_ASKING_WORDS = frozenset(
    re.findall(
        r"\w+",
        """another other others more else one ones line lines quote quotes saying sayings
        please any some is are was there do does did you have know show give tell find me
        and of them a an the can could what who whose why where when which how said wrote
        mean means meaning from once again 하나 하나만 한 개 번 다른 또 더 것 것도 거 걸
        것은 건 누가 누구 왜 어디 어디서 언제 무슨 뭐 뭐야 그럼 그래서 대사 대사도 대사는
        대사를 말 말도 말은 말이야 말이에요 말이지 명언 명언도 구절 구절도 시 시도 쓴 썼어
        쓴거야 뜻 뜻이야 뜻은 뜻인데 뜻이지 출처 출처는 출처가 작품 작품이야 나오는 나와
        나온 좀 혹시 해 해줘 줘 요""",
    )
)
_ASKING_STEMS = ("있", "없", "보여", "알려", "말해", "찾아", "골라", "주세", "줄래", "부탁")

# "A line for a day like today": asks for the line of the day.
_OF_THE_DAY = re.compile(
    r"""
    \b(?:line|quote|quotation|saying|words?|verse|proverb|something|one)s?\s+(?:of|for|on)\s+
        (?:(?:the|this)\s+day|today|a\s+day\s+like\s+(?:today|this))\b
    | \btoday['’]?s\s+(?:line|quote|quotation|saying|word|verse|proverb)\b
    | (?:^|\s)오늘의\s*(?:한\s*줄|한\s*마디|대사|명대사|말|명언|속담|구절|문장|글|시)
    | (?:^|\s)오늘\s*(?:같은|과\s*같은)\s*날
    | (?:^|\s)오늘(?:에|의\s*나에게|은|하루에?)?\s*(?:어울리는|맞는|읽을\s*만한|읽기\s*좋은|추천)\s
    """,
    re.VERBOSE | re.IGNORECASE,
)

_WORD = re.compile(r"[a-z]{3,40}(?![a-z])")
_RESPELLED = 8  # words of a question
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")  # "stellaaaa"

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
_NOT_SEARCHED = _QUESTION_WORDS | frozenset(map(chr, range(128)))  # single letters and digits, too
_SMALL = _NOT_SEARCHED | _FUNCTION_WORDS


def without_question_words(question: str) -> str:
    """The question without the words that only ask, unless nothing else is in it. Of a long
    question, the beginning.
    """
    text = comparable(question[:_LONGEST])
    for pattern in (_KOREAN, _MEANING, _ENGLISH):
        rest = pattern.sub(" ", text).strip()
        text = rest if tokens(rest) else text
    return text


def asks_for_a_line(question: str, text: str) -> bool:
    """Whether `without_question_words` has left out words of the question."""
    return skeleton(question[:_LONGEST]) != skeleton(text)


def respelled(text: str) -> str:
    """The Latin words of a text with two letters exchanged, or without repeated letters, in every
    possible way: the most frequent slips of the keyboard that leave no term of the word.
    """
    words = [word for word in _WORD.findall(comparable(text).lower()) if not is_small(word)]
    return " ".join(spelling for word in words[:_RESPELLED] for spelling in _spellings(word))


def _spellings(word: str) -> Iterator[str]:
    if (short := _DRAWN_OUT.sub(r"\1", word)) != word:
        yield short
    for at in range(len(word) - 1):
        if word[at] != word[at + 1]:
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def is_small(word: str) -> bool:
    """Whether a word is a question word or a function word."""
    return any(term in _QUESTION_WORDS or term in _FUNCTION_WORDS for term in tokens(word))


def genre_of(question: str) -> str:
    """The genre that the question asks for ("which proverb says ..."), or ""."""
    named = _GENRES.search(comparable(question[:_LONGEST]))
    return named[0].lower() if named else ""


def is_follow_up(question: str) -> bool:
    """Whether a short question refers to an earlier message, or has no words of its own."""
    text = comparable(question[:_LONGEST])
    if len(text) > _SHORT:
        return False
    return bool(_REFERENCE.search(text)) or all(map(_only_asks, re.findall(r"\w+", text.lower())))


def asks_for_another(question: str) -> bool:
    """Whether the question asks for other lines than those that were shown."""
    return bool(_ANOTHER.search(comparable(question[:_LONGEST])))


def asks_for_line_of_day(question: str) -> bool:
    """Whether a short question asks for the line of the day, or one "for a day like today"."""
    text = comparable(question[:_LONGEST])
    return len(text) <= 2 * _SHORT and bool(_OF_THE_DAY.search(text))


def refers_to(question: str) -> str:
    """The name of an earlier line that a follow-up refers to: "speaker", "source" or ""."""
    text = comparable(question[:_LONGEST])
    if _THAT_PERSON.search(text):
        return "speaker"
    return "source" if _THAT_WORK.search(text) else ""


def _only_asks(word: str) -> bool:
    return word in _ASKING_WORDS or word.startswith(_ASKING_STEMS)


def searchable_terms(terms: Sequence[str]) -> list[str]:
    """The terms by which a line may be found. Function words only where there are no others."""
    found = [term for term in terms if term not in _SMALL]
    return found or _all_but_question_words(terms)


def terms_of_small_words(terms: Sequence[str], *, small: int) -> list[str]:
    """The same, with function words, if there are `small` other terms for each term with a meaning
    of its own ("but know not what we may be"); else none.
    """
    rest = _all_but_question_words(terms)
    meaningful = sum(term not in _FUNCTION_WORDS for term in rest)
    return rest if small * meaningful <= len(terms) - meaningful else []


def _all_but_question_words(terms: Sequence[str]) -> list[str]:
    return [term for term in terms if term not in _NOT_SEARCHED]
