"""Messages that ask for no line: greetings, thanks, questions about Daesa itself or the weather.
The board model answers them by saying what Daesa is and what one may ask.

Only a message that consists of phrases of small_talk.json counts. Every other message is a
question, and may be a half-remembered line.
"""

import json
import re
from enum import StrEnum
from pathlib import Path

from django.utils.translation import gettext as _

from config.text import comparable

_LONGEST = 60  # characters of small talk


class SmallTalk(StrEnum):
    GREETING = "greeting"
    THANKS = "thanks"
    FAREWELL = "farewell"
    ABOUT = "about"
    OTHER = "other"


# Phrases in lower case without marks, by kind. A Korean one may be written without its spaces.
_PHRASES: dict[str, list[str]] = json.loads(
    Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
)
_KIND_OF = {
    phrase.replace(" ", ""): SmallTalk(kind)
    for kind, phrases in _PHRASES.items()
    for phrase in phrases
}
_APART = re.compile(r"[^\w\s'’]+")  # between two phrases
_LAUGHTER = re.compile(r"[ㅋㅎㅠㅜ]+")
# Words that may stand beside a phrase without changing its meaning.
_BESIDE = frozenset(
    re.findall(
        r"\w+",
        """there daesa again all everyone friend today so much very really
        정말 진짜 너무 매우 많이 참 아주 다시 대사 대사야 대사님 친구 친구야 여러분
        오늘도 오늘은 그럼 이제 아 앗 혹시 저기""",
    )
)


def small_talk_of(message: str) -> SmallTalk | None:
    """The kind of a message that asks for no line; None for a question. Of several kinds ("Hi! What
    can you do?") the last one.
    """
    if len(message) > _LONGEST:
        return None
    text = _LAUGHTER.sub(" ", comparable(message).lower())
    parts = [part for part in _APART.split(text) if part.strip()]
    if not parts:
        return None if re.search(r"\w", message) is None and "?" in message else SmallTalk.OTHER
    kinds = [_kind_of(part) for part in parts]
    known = [kind for kind in kinds if kind]
    return known[-1] if len(known) == len(kinds) else None


def _kind_of(part: str) -> SmallTalk | None:
    words = re.sub("['’]", "", part).split()
    rest = [word for word in words if word not in _BESIDE]
    return _KIND_OF.get("".join(words)) or _KIND_OF.get("".join(rest))


def reply_to(kind: SmallTalk) -> str:
    """The answer, in the active language."""
    return f"{_opening(kind)} {what_daesa_is()}"


def _opening(kind: SmallTalk) -> str:
    return {
        SmallTalk.GREETING: _("Hello, good to see you!"),
        SmallTalk.THANKS: _("You are welcome!"),
        SmallTalk.FAREWELL: _("Goodbye, and come again!"),
        SmallTalk.ABOUT: _("Gladly."),
        SmallTalk.OTHER: _("I cannot talk about that, but I know many good lines."),
    }[kind]


def what_daesa_is() -> str:
    return _(
        "I am the board, not a language model: I look up lines of poems, novels, plays and "
        "proverbs that people have reviewed, and quote them word for word.\n\n"
        "You may ask me, for example:\n\n"
        "- for a line that you remember in part,\n"
        "- for lines by somebody or from a work,\n"
        "- for lines about something,\n"
        "- for the line of the day."
    )
