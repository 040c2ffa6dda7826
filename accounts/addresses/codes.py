"""The codes in confirmation mails, which users type where they wait for the mail.

A code is computed from a secret of its row and the server's key, so no table has it, and a mail
that is sent again has the same code. `Confirmable` counts the wrong ones.
"""

import re

from django.utils.crypto import salted_hmac

from config.unicode import normalize

LENGTH = 8  # digits: a guess of `MOST_WRONG` is right once in 20 million rows
MOST_WRONG = 5
_BETWEEN = re.compile(r"[\s\-]")
_CODE = re.compile(f"[0-9]{{{LENGTH}}}")
_LONGEST_TYPED = 32


def code_of(purpose: str, secret: str) -> str:
    digest = salted_hmac(f"accounts.code.{purpose}", secret, algorithm="sha256").hexdigest()
    return f"{int(digest, 16) % 10**LENGTH:0{LENGTH}}"


def as_shown(code: str) -> str:
    """In two groups, which are easier to read and to type."""
    return f"{code[: LENGTH // 2]} {code[LENGTH // 2 :]}"


def typed_code(text: str) -> str | None:
    """The digits of a code as it was typed or pasted; None if it is none, such as a link's key."""
    if len(text) > _LONGEST_TYPED:
        return None
    digits = _BETWEEN.sub("", normalize("NFKC", text))
    return digits if _CODE.fullmatch(digits) else None
