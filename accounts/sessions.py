"""Where a user is signed in: sessions of browsers and families of programs' tokens. Listing them,
and ending one, all others, or all.

The sessions of a user are allauth's `UserSession`s beside Django's sessions. This module writes the
rows: allauth's own receivers know neither the administration's sign-in nor a caller without an
address, and ask the database for each row.

Requests only remember in the process that a session was used; the row is updated in the background,
at most every `SEEN_EVERY` seconds, and made for sessions from before there were rows.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework.request import Request
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts import signals, tokens, trail
from accounts.devices import Origin, origin_of
from accounts.models import AuthorizationCode, TokenFamily, User
from accounts.trail import Kind
from config import background

MOST = 50  # sessions of a user; the one that was not seen for longest is ended
SEEN_EVERY = 300  # seconds
MOST_REMEMBERED = 10_000
# allauth's column takes no NULL, and a Unix socket has no address.
_NO_ADDRESS = "0.0.0.0"  # noqa: S104 - nothing listens there  # nosec B104
due: dict[str, float] = {}  # when the use of a session is stored again, by its key


@dataclass(frozen=True)
class SignedIn:
    """A session of a browser, or a program's family of tokens. `id` is what `access_id` returns,
    `client_name` what a native program calls itself.
    """

    id: str
    is_program: bool
    ip_address: str | None
    user_agent: str
    created_at: datetime
    last_seen_at: datetime
    client_name: str = ""


def session_id(key: str) -> str:
    """The id by which a session is named outside: its key would sign in."""
    return sha256(f"session:{key}".encode()).hexdigest()[:32]


def access_id(request: Request | HttpRequest) -> str:
    """By what the caller is signed in: the id of the session or of the tokens' family. Other kinds
    of credentials have an attribute `access_id`. Empty if there is none.
    """
    auth = getattr(request, "auth", None)
    if isinstance(auth, tokens.Access):
        return auth.sid
    if auth is not None:
        return str(getattr(auth, "access_id", ""))
    key = request.session.session_key
    return session_id(key) if key else ""


# --- Keeping the rows ---------------------------------------------------------------------------


def remember(request: Request | HttpRequest, user: User, **_signal: Any) -> None:
    """A receiver of `user_logged_in`; also after the session's key has changed."""
    if not isinstance(request, HttpRequest):  # a program, which gets tokens
        return
    if not request.session.session_key:
        request.session.save()
    _store(str(request.session.session_key), user.pk, origin_of(request))
    _end_beyond(user, MOST)


def _store(key: str, user_id: int, origin: Origin) -> None:
    values = {
        "user_id": user_id,
        "ip": origin["ip_address"] or _NO_ADDRESS,
        "user_agent": origin["user_agent"],
        "last_seen_at": timezone.now(),
    }
    UserSession.objects.update_or_create(session_key=key, defaults=values)
    _remember_use(key)


def note_use(request: HttpRequest) -> None:
    """Stores, in the background and not too often, that the session was used."""
    key = str(request.session.session_key or "")
    if not key or time.time() < due.get(key, 0):
        return
    _remember_use(key)
    user: Any = request.user
    background.run(partial(_store_use, key, user.pk, origin_of(request)))


def _remember_use(key: str) -> None:
    if len(due) >= MOST_REMEMBERED:
        due.clear()
    due[key] = time.time() + SEEN_EVERY


def _store_use(key: str, user_id: int, origin: Origin) -> None:
    row = UserSession.objects.filter(session_key=key, user=user_id)
    if row.update(last_seen_at=timezone.now()):
        return
    # From before there were rows, or Django gave it another key (a former SECRET_KEY).
    if Session.objects.filter(session_key=key).exists():
        _store(key, user_id, origin)
        _end_beyond(User.objects.get(pk=user_id), MOST)


def _end_beyond(user: User, most: int) -> None:
    own = UserSession.objects.filter(user=user).order_by("-last_seen_at", "-pk")
    if beyond := list(own[most : 2 * most]):
        _end_sessions(beyond)


def forget(request: HttpRequest, user: User | None, **_signal: Any) -> None:
    """A receiver of `user_logged_out`, which is sent before the session is emptied."""
    key = request.session.session_key
    if user is None or user.pk is None or not key:
        return
    with transaction.atomic():
        UserSession.objects.filter(session_key=key).delete()
        trail.record(user, Kind.SIGNED_OUT, request=request)
    due.pop(key, None)
    signals.end_session(user.pk, session_id(key))


def without_session() -> QuerySet[UserSession]:
    """The rows whose sessions have expired."""
    stored = Session.objects.filter(session_key=OuterRef("session_key"))
    rows: QuerySet[UserSession] = UserSession.objects.filter(~Exists(stored))
    return rows


# --- Listing ------------------------------------------------------------------------------------


def signed_in_at(user: User) -> list[SignedIn]:
    """Where the user is signed in now, the last seen first. Rows that are no use any more go."""
    found = [*map(_of_session, _live_sessions(user)), *map(_of_family, _live_families(user))]
    return sorted(found, key=lambda one: (one.last_seen_at, one.id), reverse=True)


def _live_sessions(user: User) -> list[UserSession]:
    rows = list(UserSession.objects.filter(user=user).order_by("-last_seen_at", "-pk")[: 2 * MOST])
    keys = [row.session_key for row in rows]
    stored = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    live = {one.session_key for one in stored if _belongs_to(one, user)}
    if dead := [row.pk for row in rows if row.session_key not in live]:
        UserSession.objects.filter(pk__in=dead).delete()
    return [row for row in rows if row.session_key in live]


def _belongs_to(session: Session, user: User) -> bool:
    """Whether it signs in this user, with the password of today."""
    stored = session.get_decoded()
    stamps = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    stamp = str(stored.get(HASH_SESSION_KEY, ""))
    is_current = any(constant_time_compare(stamp, one) for one in stamps)
    return is_current and stored.get(SESSION_KEY) == str(user.pk)


def _live_families(user: User) -> list[TokenFamily]:
    own = TokenFamily.objects.filter(user=user, expires_at__gt=timezone.now())
    return list(own.order_by("-renewed_at", "-pk")[: tokens.MAX_REFRESH_TOKENS])


def _of_session(row: UserSession) -> SignedIn:
    return SignedIn(
        id=session_id(row.session_key),
        is_program=False,
        ip_address=None if row.ip == _NO_ADDRESS else row.ip,
        user_agent=row.user_agent,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
    )


def _of_family(family: TokenFamily) -> SignedIn:
    return SignedIn(
        id=family.sid,
        is_program=True,
        ip_address=family.ip_address,
        user_agent=family.user_agent,
        created_at=family.created_at,
        last_seen_at=family.renewed_at,
        client_name=family.client_name,
    )


# --- Ending -------------------------------------------------------------------------------------


def end_one(request: Request, user: User, wanted: str) -> bool:
    """Ends one of the user's sessions or families; False if there is none with this id."""
    rows = UserSession.objects.filter(user=user)
    own = [row for row in rows if session_id(row.session_key) == wanted]
    with transaction.atomic():
        _end_sessions(own)
        ended = tokens.end_families(_families(user).filter(sid=wanted).values_list("pk", flat=True))
        if own:
            trail.record(user, Kind.SESSION_ENDED, request=request)
        if ended:
            trail.record(user, Kind.TOKEN_ENDED, request=request, reason="ended_in_settings")
    return bool(own or ended)


def end_others(request: Request, user: User) -> None:
    """Ends all by which the user is signed in, but not what this request was made with."""
    kept = access_id(request)
    rows = UserSession.objects.filter(user=user)
    others = [row for row in rows if session_id(row.session_key) != kept]
    with transaction.atomic():
        _end_sessions(others)
        ended = tokens.end_families(_families(user).exclude(sid=kept).values_list("pk", flat=True))
        OutstandingToken.objects.filter(user=user).delete()  # of the release before
        AuthorizationCode.objects.filter(user=user).delete()
        count = len(others) + len(ended)
        trail.record(user, Kind.SESSION_ENDED, request=request, reason="all_others", count=count)


def end_all(user_id: int) -> None:
    """Ends every session and token of a user: for what is recorded otherwise, and ends all of the
    user's streams (`access_ended`, `credentials_changed`).
    """
    keys = UserSession.objects.filter(user=user_id).values_list("session_key", flat=True)
    with transaction.atomic():
        _delete_sessions(list(keys))
        TokenFamily.objects.filter(user=user_id).delete()
        OutstandingToken.objects.filter(user=user_id).delete()
        AuthorizationCode.objects.filter(user=user_id).delete()


def end_with_access(instance: User, *, created: bool, **_signal: Any) -> None:
    """A receiver of `post_save` of users: a new password, or the end of an account's access."""
    if not created and (instance.has_new_password or not instance.is_active):
        end_all(instance.pk)


def end_with_account(instance: User, **_signal: Any) -> None:
    """A receiver of `pre_delete` of users: Django's sessions do not go with their user."""
    end_all(instance.pk)


def _families(user: User) -> "QuerySet[TokenFamily]":
    return TokenFamily.objects.filter(user=user)


def _end_sessions(rows: list[UserSession]) -> None:
    _delete_sessions([row.session_key for row in rows])
    for row in rows:
        signals.end_session(row.user_id, session_id(row.session_key))


def _delete_sessions(keys: list[str]) -> None:
    if keys:
        Session.objects.filter(session_key__in=keys).delete()
        UserSession.objects.filter(session_key__in=keys).delete()
    for key in keys:
        due.pop(key, None)
