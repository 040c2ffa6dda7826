"""Making, renaming and revoking personal tokens.

A user has at most `MOST_TOKENS`, with different names.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.adapter import get_adapter
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from accounts import trail
from accounts.models import User
from accounts.personal_tokens import secret, usage
from accounts.personal_tokens.models import LIFETIMES, PersonalToken, State
from accounts.signals import end_session
from config.api.links import base_url
from config.api.problems import LimitReached
from config.api.scopes import Scope
from config.db.constraints import violates
from config.db.locks import lock_user

MOST_TOKENS = 20  # of a user


def make_token(
    request: Request, user: User, *, name: str, scopes: Iterable[str], lifetime: str
) -> tuple[PersonalToken, str]:
    """A new token and its secret, which nobody can read again. `lifetime` is a key of `LIFETIMES`.

    Dead tokens make room: one of the same name, and the oldest one where there are `MOST_TOKENS`.
    Raises `LimitReached`, or `ValidationError` for `name`.
    """
    raw, now, valid_for = secret.make(), timezone.now(), LIFETIMES[lifetime]
    token = PersonalToken(
        user=user,
        name=name,
        start=raw[: secret.SHOWN],
        digest=secret.digest(raw),
        stamp=user.token_stamp(),
        scope=" ".join(scope for scope in Scope.values if scope in set(scopes)),
        created_at=now,
        expires_at=None if valid_for is None else now + valid_for,
    )
    with _refusing_known_names(), transaction.atomic(durable=True):
        lock_user(user)
        _make_room(user, name)
        token.save(force_insert=True)
        trail.record(user, trail.Kind.TOKEN_MADE, request=request, **_details(token))
    _send_mail(request, token)
    return token, raw


def rename_token(token: PersonalToken, name: str) -> None:
    """Raises `ValidationError` for `name`."""
    with _refusing_known_names(), transaction.atomic():
        token.name = name
        token.save(update_fields=["name"])


def end_token(
    token: PersonalToken, *, request: Request | HttpRequest, actor: User | None = None
) -> bool:
    """Revokes a token. Its open streams end; a question that was stored before is answered, and
    none is stored after. False: somebody else has revoked it.
    """
    with transaction.atomic():
        lock_user(token.user)
        count, _by_model = PersonalToken.objects.filter(pk=token.pk).delete()
        if count:
            trail.record(
                token.user,
                trail.Kind.TOKEN_ENDED,
                request=request,
                reason="by_staff" if actor else "revoked",
                actor=actor,
                **_details(token),
            )
            end_session(token.user_id, usage.access_id(token.pk))
    return bool(count)


@contextmanager
def _refusing_known_names() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if not violates(error, PersonalToken, "personal_token_name"):
            raise
        text = gettext("You have another token with this name.")
        raise ValidationError({"name": [ErrorDetail(text, code="unique")]}) from None


def _make_room(user: User, name: str) -> None:
    own = list(PersonalToken.objects.owned_by(user))
    dead = [token for token in own if token.state(user) != State.ACTIVE]
    replaced = [token for token in dead if token.name == name]
    if not replaced and len(own) >= MOST_TOKENS:
        if not dead:
            raise LimitReached(name="personal_tokens", value=MOST_TOKENS)
        replaced = dead[-1:]
    PersonalToken.objects.filter(pk__in=[token.pk for token in replaced]).delete()


def _details(token: PersonalToken) -> dict[str, Any]:
    """The beginning instead of the name, which is the user's own text."""
    return {"personal_token": token.start, "scope": token.scope}


def _send_mail(request: Request, token: PersonalToken) -> None:
    """Tells the owner, who may not have made it."""
    base = base_url(request)
    context = {
        "name": token.name,
        "scopes": ", ".join(token.scopes),
        "site": base,
        "address": f"{base}/settings/tokens",
    }
    if token.user.email:
        prefix = "account/email/personal_token_made"
        get_adapter().send_mail(prefix, token.user.email, context)
