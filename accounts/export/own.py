"""What this app has about a user: the profile, ways to sign in, sessions, tokens and the trail. No
password, key or token is in it, in whatever form.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import trail
from accounts.export.sections import File
from accounts.models import User
from config.api.renderers import json_line
from config.api.times import local
from config.batches import paced
from config.db.connections import release_connection

ROWS_PER_QUERY = 200


def account_files(user: User) -> Iterator[File]:
    yield "README.txt", [_readme().encode()]
    yield "profile.json", [json_line(_profile(user))]
    yield "ways-to-sign-in.json", [json_line(_ways_to_sign_in(user))]
    sessions = UserSession.objects.filter(user=user).order_by("pk")
    yield "sessions.json", json_rows(sessions, "created_at", "last_seen_at", "ip", "user_agent")
    events = trail.of(user).order_by("pk")
    what = ("created_at", "kind", "reason", "count", "ip_address", "user_agent", "details")
    yield "activity.json", json_rows(events, *what)


def json_rows(rows: QuerySet[Any], *columns: str) -> Iterator[bytes]:
    """A JSON array of objects with these columns, whatever the number of rows."""
    return json_array(_in_batches(rows, columns))


def json_array(values: Iterable[Any]) -> Iterator[bytes]:
    """A JSON array, one value in each line."""
    yield b"["
    for number, value in enumerate(values):
        yield (b",\n" if number else b"\n") + json_line(value)
    yield b"\n]\n"


def _in_batches(rows: QuerySet[Any], columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    last = 0
    while found := list(rows.filter(pk__gt=last).values("pk", *columns)[:ROWS_PER_QUERY]):
        release_connection()
        for row in paced(found):
            last = row.pop("pk")
            yield row


def _profile(user: User) -> dict[str, Any]:
    return {
        "id": user.pk,
        "email": user.email,
        "nickname": user.nickname,
        "joined_at": local(user.created_at),
        "last_sign_in_at": user.last_login and local(user.last_login),
        "last_sign_in_from": user.ip_address,
        "daily_limit": user.daily_limit,
        "review_emails": user.review_emails,
        "is_staff": user.is_staff,
    }


def _ways_to_sign_in(user: User) -> dict[str, Any]:
    connected = SocialAccount.objects.filter(user=user).order_by("pk")
    factors = Authenticator.objects.filter(user=user).order_by("pk")
    return {
        "password": user.has_usable_password(),
        "providers": list(connected.values("provider", "uid", "date_joined", "last_login")),
        "second_factors": list(factors.values("type", "created_at", "last_used_at")),
    }


def _readme() -> str:
    return _(
        "This is what Daesa has of you.\n"
        "\n"
        "profile.json            your profile\n"
        "ways-to-sign-in.json    connected providers and second factors\n"
        "sessions.json           where you are signed in\n"
        "activity.json           what has happened to your account\n"
        "conversations.json      all conversations, for programs; Daesa can import this file\n"
        "conversations/          the same as documents, for reading\n"
        "files/                  the pictures and texts that went with your questions\n"
        "reported-marks.json     the marks on quotations that you have reported as wrong\n"
        "lines.json              the lines that you have submitted to the board\n"
        "likes.json              the lines that you like\n"
        "\n"
        "Temporary conversations are in it while they exist. Imported, they are like the others.\n"
        "Passwords and keys are not in it: of those, the server has only digests.\n"
    )
