"""Objects for tests, with sequences instead of random values, so that failures repeat."""

from functools import cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import User
from quotes.models import Quote

PASSWORD = "correct horse battery"

_numbers = count(1)


@cache
def hash_once() -> str:
    """Argon2 is slow by design, so one hash serves the whole run."""
    return make_password(PASSWORD)


def make_user(name: str = "", **fields: Any) -> User:
    name = name or f"person{next(_numbers)}"
    user = User(email=f"{name}@example.com", nickname=name, password=hash_once(), **fields)
    user.save()
    return user


def make_quote(user: User, content: str = "", **fields: Any) -> Quote:
    """A quote in review; with `is_apply=True` an applied one."""
    if fields.get("is_apply"):
        fields.setdefault("applied_at", timezone.now())
    return Quote.objects.create(user=user, content=content or f"Line {next(_numbers)}", **fields)
