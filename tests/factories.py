"""Objects for tests, with sequences instead of random values, so that failures repeat."""

from datetime import datetime
from functools import cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.personal_tokens import secret
from accounts.personal_tokens.models import PersonalToken
from config.api.scopes import Scope
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


def make_personal_token(
    user: User, *scopes: str, name: str = "", expires_at: datetime | None = None, **fields: Any
) -> tuple[PersonalToken, str]:
    """A token without a mail or an event, and its secret; with all scopes unless some are given."""
    raw = secret.make()
    token = PersonalToken.objects.create(
        user=user,
        name=name or f"Token {next(_numbers)}",
        start=raw[: secret.SHOWN],
        digest=secret.digest(raw),
        stamp=user.token_stamp(),
        scope=" ".join(scopes or Scope.values),
        expires_at=expires_at,
        **{"last_used_at": timezone.now(), **fields},
    )
    return token, raw


def client_with(raw: str) -> APIClient:
    """A client that sends this bearer token."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {raw}")
    return client


def make_quote(user: User, content: str = "", **fields: Any) -> Quote:
    """A quote in review; with `is_apply=True` an applied one."""
    if fields.get("is_apply"):
        fields.setdefault("applied_at", timezone.now())
    return Quote.objects.create(user=user, content=content or f"Line {next(_numbers)}", **fields)
