"""Nicknames: which characters they may have, and which names are reserved for staff.

Nicknames are not unique and identify nobody. But the board shows "submitted by" with a nickname,
so nobody else may pose as the site.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from config import text
from config.unicode import normalize

LONGEST = 50

_RESERVED = (
    *("admin", "administrator", "board", "daesa", "mod", "moderator", "official", "operator"),
    *("reviewer", "root", "staff", "support", "sysop", "system", "webmaster"),
    *("공식", "게시판", "고객센터", "관리자", "대사", "모더레이터", "스태프", "시스템", "어드민"),
    *("운영자", "운영진", "운영팀", "관리팀", "검수자", "검토자"),
)
# Words that do not change what a name claims; alone they are allowed.
_BESIDE = ("account", "bot", "site", "team", "the", "계정", "님", "봇", "사이트", "팀")

# Letters of other alphabets, digits and marks that look like letters of the reserved names (after
# the confusables of UTS #39). Capitals are named too: some look like another letter.
_LOOKS_LIKE = str.maketrans(
    dict(
        zip(
            "аӓԁеһіјӏкмнорсѕтуԝхАВЕНІЈКМОРСЅТУХαβεικνορτυχωΑΒΕΗΙΚΜΝΟΡΤΥΧօոսհց",
            "aadehijlkmhopcstywxABEHIJKMOPCSTYXabeiknoptuxwABEHIKMNOPTYXonuhg",
            strict=True,
        )
    )
    | dict(zip("013457@$|ɑɡ", "oieastasiag", strict=True))
)
_LATIN = re.compile(
    r"(?:LATIN|SQUARED|CIRCLED|REGIONAL INDICATOR).* (?:DOTLESS |SCRIPT )?([A-Z])(?: WITH .*)?$"
)


def clean_nickname(raw: str) -> str:
    """The nickname as it is stored: NFC, in one line, without spaces at its ends.

    Raises Django's `ValidationError` for control characters and for invisible ones without effect;
    joiners that emoji and letters need are kept.
    """
    name = text.one_line(raw)
    as_typed = " ".join(normalize("NFC", raw).split())
    if text.is_refused(raw, multiline=False) or name != as_typed:
        raise ValidationError(
            _("Invisible characters and line breaks are not allowed in a nickname."),
            code="invisible_characters",
        )
    return name


def refuse_reserved(name: str) -> None:
    """Raises `ValidationError` for a name that looks like a reserved one."""
    if is_reserved(name):
        raise ValidationError(
            _("This name is kept for the people who run the site. Choose another one."),
            code="reserved",
        )


def is_reserved(name: str) -> bool:
    return bool(_RESERVED_NAME.fullmatch(_skeleton(name)))


def _skeleton(name: str) -> str:
    """Equal for names that look alike: no case, width, accents, spaces, marks or final number."""
    name = normalize("NFKD", text.without_invisible(name)).rstrip("0123456789 ._-#")
    name = "".join(map(_letter, name.translate(_LOOKS_LIKE))).casefold()
    name = "".join(filter(str.isalnum, name)).replace("l", "i")
    return name.replace("rn", "m").replace("vv", "w")


def _letter(character: str) -> str:
    """The plain letter of a Latin variant (small, squared, struck through, …)."""
    if character.isascii():
        return character
    found = _LATIN.search(unicodedata.name(character, ""))
    return found[1] if found else character


_reserved, _beside = ("|".join(map(_skeleton, words)) for words in (_RESERVED, _BESIDE))
_RESERVED_NAME = re.compile(f"(?:{_beside})*(?:{_reserved})(?:{_reserved}|{_beside})*")
