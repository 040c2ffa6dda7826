"""The keys with which a text is typed, and whether they are neighbours. Korean text is read as
typed on the standard Korean layout (dubeolsik), so that "비밀번호" and "qlalfqjsgh" are equal.
"""

from itertools import pairwise

from config.unicode import normalize

# ruff: noqa: SIM905 - lists of keys are easiest to read as one string
_INITIALS = "r r s e e f a q q t t d w w c z x v g".split()
_VOWELS = "k o i o j p u p h hk ho hl y n nj np nl b m ml l".split()
_FINALS = " r r rt s sw sg e f fr fa fq ft fx fv fg a q qt t t d w c z x v g".split(" ")
# Single letters from ㄱ on, in Unicode order.
_CONSONANTS = "r r rt s sw sg e e f fr fa fq ft fx fv fg a q q qt t t d w w c z x v g".split()
_LETTERS = _CONSONANTS + _VOWELS
_SHIFTED = str.maketrans('!@#$%^&*()_+{}|:"<>?~', "1234567890-=[]\\;',./`")
_ROWS = ("`1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./")
_OFFSETS = (-1.0, 0.5, 0.75, 1.25)  # of the first key of each row, in key widths
_PLACES = {
    key: (offset + column, line)
    for line, (row, offset) in enumerate(zip(_ROWS, _OFFSETS, strict=True))
    for column, key in enumerate(row)
}
_ORDERS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "가나다라마바사아자차카타파하",
    "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ",
    "ㅏㅑㅓㅕㅗㅛㅜㅠㅡㅣ",
)
_NEXT = {pair for order in _ORDERS for pair in pairwise(order)}
_SIDE = 1.5  # key widths: 1 and w are neighbours, 1 and e are not
_SHORTEST_WALK = 4  # keys, on average between two jumps


def fold(text: str) -> str:
    """Without differences of case, width and composition."""
    narrow = "".join(
        chr(ord(char) - 0xFEE0) if "\uff01" <= char <= "\uff5e" else char
        for char in normalize("NFC", text)
    )
    return narrow.casefold()


def keys_of(text: str) -> str:
    """The keys that type a text, without Shift; other characters are kept."""
    return "".join(_keys_of(char) for char in fold(text)).translate(_SHIFTED)


def is_walk(text: str) -> bool:
    """Whether it follows neighbouring keys, the alphabet or a single key, with few jumps."""
    return _is_walk(keys_of(text)) or _is_walk(fold(text))


def _is_walk(text: str) -> bool:
    jumps = sum(not _is_step(*pair) for pair in pairwise(text))
    return (jumps + 1) * _SHORTEST_WALK <= len(text)


def _is_step(one: str, other: str) -> bool:
    if one == other or (one, other) in _NEXT or (other, one) in _NEXT:
        return True
    if one not in _PLACES or other not in _PLACES:
        return False
    (x, y), (to_x, to_y) = _PLACES[one], _PLACES[other]
    return abs(x - to_x) <= _SIDE - (y == to_y) / 2 and abs(y - to_y) <= 1


def _keys_of(char: str) -> str:
    if "가" <= char <= "힣":
        rest, final = divmod(ord(char) - ord("가"), len(_FINALS))
        initial, vowel = divmod(rest, len(_VOWELS))
        return _INITIALS[initial] + _VOWELS[vowel] + _FINALS[final]
    if "ㄱ" <= char <= "ㅣ":
        return _LETTERS[ord(char) - ord("ㄱ")]
    return char
