"""The words for a `User-Agent`: which browser, or program, on which system. For people who look at
their sessions; nothing is decided by it, since anyone may send any text.
"""

import re

# The first that is found counts: most browsers also name those that they want to be taken for.
_BROWSERS = (
    ("Whale/", "Whale"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("KAKAOTALK", "KakaoTalk"),
    ("NAVER(", "NAVER"),
    ("EdgiOS/", "Edge"),
    ("EdgA/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Macintosh", "macOS"),
    ("Darwin", "macOS"),
    ("Linux", "Linux"),
)
_PRODUCT = re.compile(r"[A-Za-z][\w.+-]{0,39}", re.ASCII)


def program_of(agent: str) -> str:
    """The browser's name, or that of another program (`curl`); empty if it is not known."""
    if name := _first(_BROWSERS, agent):
        return name
    product = _PRODUCT.match(agent)
    return product[0] if product and product[0] != "Mozilla" else ""


def system_of(agent: str) -> str:
    """Empty if it is not known."""
    return _first(_SYSTEMS, agent)


def _first(words: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for mark, name in words if mark in agent), "")
