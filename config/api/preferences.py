"""The `Prefer` header (RFC 7240)."""

import re
from urllib.request import parse_http_list

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# A name, a value, and parameters, of which Daesa knows none.
_PREFERENCE = re.compile(rf'({_WORD})\s*(?:=\s*(?:({_WORD})|"([^"]*)")?\s*)?(?:;.*)?', re.DOTALL)


def preferences(header: str) -> dict[str, str]:
    """The values by name in lower case; "" without a value. If a name comes twice, the first one
    counts. What is no preference is ignored, as the RFC wants it of unknown ones.
    """
    found: dict[str, str] = {}
    for text in parse_http_list(header):
        if match := _PREFERENCE.fullmatch(text.strip()):
            name, token, quoted = match.groups()
            found.setdefault(name.lower(), token or quoted or "")
    return found
