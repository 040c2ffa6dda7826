"""What may be the name of a person, in English and Korean. Nothing here asks the board."""

import re
import unicodedata
from collections.abc import Iterator

from quotes.text.normalization import folded

_AROUND_NAME = " .*_”\"'’‘\0!?"
LONGEST = 80  # characters of a credit that are read

# Words between the capitalised ones of a name.
_PARTICLES = r"(?:of|the|de|la|von|van|der|du|bin|ibn|al|y|da|di|le)"
_WORD = r"[A-ZÀ-ÖØ-Þ][\w’'.-]*"
LATIN = rf"(?:{_WORD}(?:\s(?:{_PARTICLES}\s){{0,2}}{_WORD}){{0,4}})"
_SYLLABLE = r"[^\s,:;()\"“”‘’「」『』《》—–-]"
HANGUL = rf"(?:[\u3400-\ud7a3A-Z]{_SYLLABLE}{{0,9}}(?:\s{_SYLLABLE}{{1,9}}){{0,4}})"
_HEAD = re.compile(r"[^,;:|/·~\n「『《〈<(\[“\"—–]*")
_LOWER = frozenset("of the de la von van der du bin ibn al y da di le".split())  # noqa: SIM905
_DIGIT = re.compile(r"\d")
_SENTENCE = re.compile(r"(?:[니었있없이한했겠였된간는]다|[요죠까])$")
_HANGUL = re.compile("[가-힣]")

# Pronouns, words for quotations and persons, and what stands where a name may stand: no names.
NOT_NAMES = frozenset({
    "he", "she", "it", "they", "we", "i", "you", "one", "somebody", "someone", "who", "this",
    "that", "these", "those", "there", "here", "people", "many", "everyone", "everybody",
    "nobody", "some", "others", "another", "legend", "tradition", "history", "science", "my",
    "your", "his", "her", "our", "their", "its", "the", "a", "an", "what", "which", "nothing",
    "something", "everything", "anonymous", "unknown", "author unknown", "anon", "translation",
    "original", "meaning", "note", "source", "speaker", "author", "quote", "quotation", "line",
    "example", "answer", "question", "act", "scene", "chapter", "book", "part", "page", "verse",
    "stanza", "amen", "yes", "no", "true", "ok", "okay", "not", "english", "korean", "latin",
    "french", "german", "greek", "japanese", "chinese", "emphasis", "context", "summary", "tip",
    "theme", "title", "remember", "think", "see", "actually", "correct", "wrong", "right",
    "option", "step", "key", "why", "how", "when", "where", "literally", "proverb", "saying",
    "board", "poet", "poem", "narrator", "work", "말", "말씀", "대사", "명대사", "구절", "문장",
    "글", "글귀", "시", "시구", "노래", "가사", "번역", "명언", "속담", "격언", "표현", "질문",
    "답", "답변", "예", "예시", "다음", "내용", "원문", "제목", "이", "그", "저", "그녀",
    "그들", "우리", "나", "너", "저희", "당신", "누구", "누군가", "의미", "사람", "것", "이것",
    "그것", "작가", "시인", "저자", "화자", "주인공", "해석", "뜻", "출처", "참고", "중략",
    "하략", "생략", "필자", "강조", "인용", "익명", "미상", "작자 미상", "작자미상", "라틴어",
    "영어", "한국어", "한글", "은", "는", "가", "을", "를", "으", "로", "라", "라는", "라고",
    "이라는", "이라고", "직역", "의역", "위", "아래", "앞", "뒤", "요약", "주의", "팁", "정답",
    "해설", "설명", "상황", "맥락", "오늘", "하루", "인생", "사랑", "이야기", "한마디", "주제",
    "인물", "작품", "게시판", "하나", "옛말",
})  # fmt: skip
_PROVERB = ("proverb", "saying", "속담", "격언")  # "Swedish proverb" may be a speaker
# Words that begin a sentence before a name, or an office before or behind it.
_BESIDE = frozenset({
    "as", "when", "then", "but", "and", "so", "in", "if", "yet", "once", "though", "while",
    "even", "like", "for", "from", "by", "to", "at", "on", "with", "because", "after", "before",
    "later", "meanwhile", "similarly", "finally", "also", "however", "indeed", "here", "there",
    "perhaps", "is", "was", "were", "are", "did", "does", "has", "until", "since", "or", "how",
    "what", "where", "both", "likewise", "first", "second", "third", "next", "today", "nor",
    "just", "only",
})  # fmt: skip
_TITLES = frozenset(
    [
        "시인",
        "작가",
        "소설가",
        "철학자",
        "장군",
        "선생",
        "선생님",
        "교수",
        "박사",
        "대통령",
        "왕",
        "화가",
        "사상가",
    ]
)
_SURNAMES = "김이박최정강조윤장임한오서신권황안송류홍유전고문양손배백허남심노하곽성차주우구"
_OTHER_PART = re.compile(
    r"\b(?:tr|trans|transl|translat\w+|played|voiced|sung|cover|ed|edited|quoted)\b"
    r"|옮김|옮긴|번역|[가-힣]\s역\b|연기|\s분\b|배우|성우|부른|노래|낭독|인용|엮음|편저",
    re.IGNORECASE,
)
_KOREAN_PERSON = re.compile(f"[{_SURNAMES}][가-힣]{{2}}")
# Three syllables that begin like a Korean name.
_COMMON_WORDS = frozenset({
    "이야기", "이사람", "한마디", "한사람", "주인공", "조상들", "선조들", "성현들", "고대인",
    "전문가", "정치가", "문학가", "소설가", "하나님", "유대인", "안내문", "서양인", "한국인",
    "이것은", "이것이", "구절은", "문장은", "노래가", "노래는", "우리는", "우리가", "주변인",
    "지도자", "심리학", "문학사", "고전은", "신문은", "기록은", "이처럼", "이렇게", "한편의",
    "한번은", "하지만", "이들은", "이들이", "성경은", "성경의", "성경에", "정신과", "연구자",
    "조언자", "고사는", "전설은", "오히려", "하루는", "남자는", "남자가", "심지어", "고객이",
    "고객은", "이번엔", "오늘은", "오늘의", "하루의", "인생은", "인생의", "이유는", "주제는",
    "조건은", "한국의", "서로가", "정답은", "차이는", "전체는", "문제는", "문제가", "이름이",
    "이름은", "배우가", "배우는", "조상의", "유명인", "남편이", "남편은", "손님이", "손님은",
    "이웃이", "고양이", "강아지", "하늘이", "하늘은", "선생님", "신하가",
})  # fmt: skip


def head_of(text: str) -> str:
    """The part of a credit before its work, place or note: of `— X, Work (1603)` the X."""
    match = _HEAD.match(text[:LONGEST])
    head = (match[0] if match else "").strip(_AROUND_NAME)
    for word in (" in ", " from ", " to ", " on ", " at ", " about ", " as ", " who "):
        head = head.split(word)[0]
    return head.removeprefix("from ").removeprefix("by ").strip()


def is_name_like(head: str) -> bool:
    """Whether a text that stands where a name may stand is one, and not the rest of a sentence."""
    words = head.split()
    if not 0 < len(words) <= 5 or _DIGIT.search(head) or plain(head) in NOT_NAMES:  # noqa: PLR2004
        return False
    if not _HANGUL.search(head):
        is_proverb = words[-1] in _PROVERB and len(words) > 1
        words = words[:-1] if is_proverb else words
        words = words[1:] if words[0] == "The" and len(words) > 1 else words
        is_capital = all(word[0].isupper() or word in _LOWER for word in words)
        return is_capital and (is_proverb or words[0].lower() not in NOT_NAMES)
    return 1 < len(head) <= 24 and not _SENTENCE.search(head) and not _is_phrase(words)  # noqa: PLR2004


def _is_phrase(words: list[str]) -> bool:
    """Korean words with particles or endings of modifiers, which names don't have."""
    return (
        (words[-1] in NOT_NAMES and not (words[-1] in _PROVERB and len(words) > 1))
        or words[0] in NOT_NAMES
        or any(word[-1] in _PARTICLE_ENDS and len(word) > 1 for word in words[:-1])
        or words[-1][-1] in "을를"
    )


def is_person(name: str) -> bool:
    """Whether there is no doubt that an unknown name is a person's."""
    words = name.split()
    if not is_name_like(name) or words[0] in {"The", "A", "An"}:
        return False
    if not _HANGUL.search(name):
        return words[-1].lower() not in NOT_NAMES and words[-1] not in _PROVERB
    if words[0] in _TITLES or words[-1] in _TITLES:
        return len(words) > 1
    return is_korean_person(words[-1])


def is_korean_person(name: str) -> bool:
    """Whether a name has the form of a Korean surname and given name."""
    return bool(_KOREAN_PERSON.fullmatch(name)) and name not in _COMMON_WORDS


def variants(name: str) -> Iterator[str]:
    """The runs of a name's words, longest first: an office or the rest of a sentence may stand
    beside it.
    """
    words = plain(name).split()[:6]
    for length in range(len(words), 0, -1):
        for at in range(len(words) - length + 1):
            part = " ".join(words[at : at + length])
            if part not in NOT_NAMES and part not in _BESIDE and len(part) > 1:
                yield part


def without_lead(name: str) -> str:
    """A name without the words of its sentence that stand before it."""
    words = name.split()
    if _HANGUL.search(name):
        lead = [at for at, word in enumerate(words[:-1], 1) if _is_lead(word)]
        return " ".join(words[max(lead, default=0) :])
    while words and words[0].lower() in _BESIDE:
        words = words[1:]
    return " ".join(words)


def without_korean_office(name: str) -> str:
    """Of a name in other letters, without the Korean words before it (물리학자 Einstein)."""
    words = name.split()
    last = next((at for at, word in enumerate(words[::-1]) if _HANGUL.search(word)), 0)
    return " ".join(words[-last:]) if last else name


def _is_lead(word: str) -> bool:
    return word in NOT_NAMES or (
        len(word) > 1
        and (
            word[-1] in _PARTICLE_ENDS
            or word[-2:] in {"에서", "에게", "으로", "처럼", "하면", "듯이"}
        )
    )


_PARTICLE_ENDS = "을를는은에의한된"


def plain(name: str) -> str:
    name = folded(name).strip(" .*_\"'")
    return name.removesuffix("'s").removesuffix("'")


def has_other_part(credit: str) -> bool:
    """Whether a credit names who has translated, played or sung the words."""
    return bool(_OTHER_PART.search(credit))


def has_hangul_name(name: str) -> bool:
    return bool(_HANGUL.search(name))


def script_of(name: str) -> str:
    """HANGUL, LATIN or as Unicode calls others; "" of a name without letters."""
    if has_hangul_name(name):
        return "HANGUL"
    letters = filter(str.isalpha, name)
    return next((unicodedata.name(one, "").partition(" ")[0] for one in letters), "")
