"""Password rules after NIST SP 800-63B: a password must not be common, made of the site's name or
its owner's data, or follow the keys of a keyboard. There are no composition rules; length counts.

Words that an attacker tries first do not count towards the length: without them at least
`MIN_LENGTH` letters or digits must be left, and these must not be such a word themselves.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.addresses.ownership import verification_is_mandatory
from accounts.passwords.keyboard import fold, is_walk, keys_of

MIN_LENGTH = 8
MAX_LENGTH = 256  # bounds the work of hashing
ADVISED_LENGTH = 15  # where addresses are not confirmed, so that the password alone protects
PRODUCT = ("daesa", "대사")
# Django's list of 20,000 common passwords has none in Korean.
_KOREAN = Path(__file__).with_name("common_passwords_ko.txt")
_SHORTEST_WORD = 3  # shorter ones are part of most texts
_SHORTEST_KOREAN_WORD = 2
_SHORTEST_COMMON = 4
# 1 and ! stand for i or l.
_LEET = [
    str.maketrans("0134578@$!", letters) for letters in ("oieastbasi", "oleastbasi", "oieastbasl")
]


def length_advice() -> int | None:
    """The advised length; None where addresses are confirmed by mail."""
    return None if verification_is_mandatory() else ADVISED_LENGTH


def rules() -> list[str]:
    """The rules in words, for a form."""
    advised = length_advice()
    advice = [_("%d characters or more are advised.") % advised] if advised else []
    return [*password_validation.password_validators_help_texts(), *advice]


class CommonValidator(password_validation.CommonPasswordValidator):
    """Django's, plus variations: case, l33t, prefixes and suffixes, other keyboard layouts."""

    def __init__(self) -> None:
        self.passwords = _common()

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002
        if any(_has_common_core(form) for form in _forms(password)):
            raise ValidationError(self.get_error_message(), code="password_too_common")


class WalkValidator:
    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002
        if is_simple(password):
            raise ValidationError(
                _("This password is a simple sequence or follows the keys of a keyboard."),
                code="password_too_simple",
            )

    def get_help_text(self) -> str:
        return _("Your password can’t be a sequence or follow the keys of a keyboard.")


class ProductValidator:
    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002
        if _is_made_of(password, [*PRODUCT, *_host_words()]):
            raise ValidationError(
                _("This password is little more than the name of this site."),
                code="password_too_related",
            )

    def get_help_text(self) -> str:
        return _("Your password can’t be made of the name of this site.")


class PersonValidator(password_validation.UserAttributeSimilarityValidator):
    """Django's, which compares whole values, plus each word of the address and the nickname."""

    def validate(self, password: str, user: Any = None) -> None:
        super().validate(password, user)
        if user is not None and _is_made_of(password, _personal_words(user)):
            raise ValidationError(
                _("This password is little more than your email address or nickname."),
                code="password_too_similar",
            )


def is_simple(password: str) -> bool:
    """Whether it is a keyboard walk or a repetition, with little before or after."""
    folded = fold(password)
    return any(
        (is_walk(core) or _is_repetition(core)) and _adds_little(folded, core)
        for core in _cores(folded)
        if len(core) >= _SHORTEST_COMMON
    )


def _forms(password: str) -> Iterator[str]:
    """As written and as typed: either may hide a word of the other keyboard layout."""
    folded = fold(password)
    for form in {folded, keys_of(password)}:
        yield form
        if (length := _period(form)) < len(form):
            yield form[:length]


def _has_common_core(form: str) -> bool:
    return any(
        len(core) >= _SHORTEST_COMMON and _adds_little(form, core)
        for core in _cores(form)
        if any(_is_common(word) for word in (core, *(core.translate(leet) for leet in _LEET)))
    )


def _cores(form: str) -> set[str]:
    """The whole, and without digits and punctuation at either or both ends."""
    letters = [place for place, char in enumerate(form) if char.isalpha()]
    if not letters:
        return {form}
    starts, ends = (0, letters[0]), (letters[-1] + 1, len(form))
    return {form[start:end] for start in starts for end in ends}


def _adds_little(form: str, core: str) -> bool:
    """Whether the text around a known word is too short or as easily guessed."""
    return _is_weak(form.replace(core, "", 1))


def _is_weak(rest: str) -> bool:
    letters = "".join(char for char in rest if char.isalnum())
    return len(letters) < MIN_LENGTH or is_walk(letters) or _is_repetition(letters)


def _is_repetition(text: str) -> bool:
    return _period(text) < min(MIN_LENGTH, len(text))


def _period(text: str) -> int:
    """The length of the shortest piece of which the text is a repetition."""
    return (text + text).find(text, 1) if text else 0


def _is_made_of(password: str, words: Iterable[str]) -> bool:
    known = {form for word in words for form in _forms_of_word(word)}
    folded, keys = fold(password), keys_of(password)
    forms = {folded, keys, *(folded.translate(leet) for leet in _LEET)}
    for form in forms:
        rest = form
        for word in sorted(known, key=len, reverse=True):
            rest = rest.replace(word, "")
        if rest != form and (_is_weak(rest) or _is_common(rest)):
            return True
    return False


def _forms_of_word(word: str) -> Iterator[str]:
    folded, keys = fold(word), keys_of(word)
    is_korean = folded != keys and folded.isalpha()
    if len(folded) >= (_SHORTEST_KOREAN_WORD if is_korean else _SHORTEST_WORD):
        yield folded
        if is_korean:
            yield keys


def _personal_words(user: Any) -> list[str]:
    local, _at, domain = (user.email or "").partition("@")
    texts = [local, user.nickname or "", *domain.split(".")[:-1]]
    return [*texts, *(part for text in texts for part in re.split(r"[\W_]+", text))]


def _host_words() -> list[str]:
    """The labels of the server's host names, without the top-level domain."""
    names = [host.strip(".").split(".")[:-1] for host in settings.ALLOWED_HOSTS]
    return [label for labels in names for label in labels if not label.isdigit()]


def _is_common(text: str) -> bool:
    return text in _common() or text in _korean_keys()


@cache
def _common() -> set[str]:
    found: set[str] = password_validation.CommonPasswordValidator().passwords
    return found


@cache
def _korean_keys() -> set[str]:
    return {keys_of(word) for word in _KOREAN.read_text(encoding="utf-8").split()}
