"""Finding applied quotes for a question: the only door to the board for chat.

One statement, for every turn passes here: it counts how many of the question's words a line, its
speaker, work or context contain. It reads all applied lines, which a small board bears.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from django.db import connection

MOST_WORDS = 8

_WORD = re.compile(r"[^\W_]{2,}")
_HANGUL = re.compile(r"[가-힣]+\Z")
_PARTICLE = re.compile(
    r"(?<=..)(?:이라는|라는|에서는|에게서|에서|에게|으로|까지|부터|처럼|이란|은|는|이|가|을|를|의|에|와|과|도|로|만)\Z"
)
# Words that ask, and so tell nothing about what is asked for.
_ASKING = frozenset(
    (  # noqa: SIM905 - as literals they would fill a screen
        "about and any are can did does for from give has have how into is it line me of on or "
        "please quote quotes say says said show some tell that the there this to was what when "
        "where which who whom whose why will with would you your "
        "나오는 누가 누구 뭐야 무슨 무엇 말해줘 보여줘 알려줘 어느 어디 어떤 어떻게 "
        "언제 찾아줘 추천해줘 하는 했던 대해 대사 대한 관한 구절 명대사 있어 있나 있는 해줘"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Found:
    """An applied quote, word for word as it is on the board."""

    id: int
    content: str
    speaker: str
    source: str


def find(*, question: str, limit: int = 5) -> list[Found]:
    """The applied quotes that hold the most of the question's words, best first; maybe none."""
    words = telling_words(question)
    if not words:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_statement(len(words)), [*map(_containing, words), limit])
        return [Found(*row) for row in cursor.fetchall()]


def telling_words(question: str) -> list[str]:
    """At most `MOST_WORDS` words, the longest first, in lower case and without Korean particles."""
    text = unicodedata.normalize("NFC", question).lower()
    stems = dict.fromkeys(_stem(word) for word in _WORD.findall(text) if word not in _ASKING)
    telling = (stem for stem in stems if stem not in _ASKING)
    return sorted(telling, key=len, reverse=True)[:MOST_WORDS]


def _stem(word: str) -> str:
    return _PARTICLE.sub("", word) if _HANGUL.match(word) else word


def _containing(word: str) -> str:
    return f"%{word}%"  # letters and digits alone: nothing for LIKE to take as a wildcard


@lru_cache(maxsize=MOST_WORDS)
def _statement(words: int) -> str:
    score = " + ".join(["CASE WHEN text LIKE %s THEN 1 ELSE 0 END"] * words)
    return f"""
        WITH lines AS MATERIALIZED (
            SELECT id, content, speaker, source,
                   lower(content || ' ' || speaker || ' ' || source || ' ' || context) AS text
            FROM quotes_quote WHERE is_apply
        ), scored AS (
            SELECT id, content, speaker, source, {score} AS score FROM lines
        )
        SELECT id, content, speaker, source FROM scored
        WHERE score > 0 ORDER BY score DESC, id LIMIT %s
    """  # noqa: S608 - nothing of the question is in it
