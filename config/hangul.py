"""The characters of Hangul. For words and lengths its syllables count; for the language of a text
also its single letters.
"""

import re

SYLLABLES = "\uac00-\ud7a3"  # for a character class, as are all of these
# Jamo that join to a syllable (older ones in two more blocks), of which NFC leaves some;
_CONJOINING = "\u1100-\u115e\u1161-\u11ff\ua960-\ua97c\ud7b0-\ud7fb"
# and those that stand alone, in full and half width. Fillers are left out: they are invisible.
_STANDING_ALONE = "\u3131-\u3163\u3165-\u318e\uffa1-\uffdc"

_ANY = re.compile(f"[{SYLLABLES}{_CONJOINING}{_STANDING_ALONE}]")


def has_hangul(text: str) -> bool:
    """Whether the text has a syllable or a letter of Hangul."""
    return _ANY.search(text) is not None
