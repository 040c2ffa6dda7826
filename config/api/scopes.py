"""Scopes: what a personal token may do (RFC 6749, 3.3). A view declares the one that each of its
methods needs:

    scopes = {"GET": Scope.CHAT_READ, "POST": Scope.CHAT_WRITE}

A method without a scope refuses every personal token, so a view that declares nothing is closed to
them. Sessions and JWTs may do whatever their user may. `accounts.authentication` asks `demand` as
soon as it has recognized a personal token; no permission class of a view can turn that off.

    PermissionDenied
    └── InsufficientScope     403, with the scope in WWW-Authenticate (RFC 6750, 3.1)

It is no `Problem`, because rest_framework.views imports this module by way of its settings.

Views without an authentication of their own (`config.api.views.OpenView`) ignore all tokens.
tests/architecture/test_scopes.py calls every route with every scope.
"""

from collections.abc import Collection
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied

CHALLENGE = 'Bearer realm="api"'


class Scope(TextChoices):
    CHAT_READ = "chat:read", _("read conversations, questions and answers")
    CHAT_WRITE = "chat:write", _("ask, and change and delete conversations")
    QUOTES_READ = "quotes:read", _("read and search the board and own lines")
    QUOTES_WRITE = "quotes:write", _("submit, change and withdraw own lines, and like lines")
    PROFILE_READ = "profile:read", _("read the profile and today's allowance")


class InsufficientScope(PermissionDenied):
    """`needed` None: no scope is enough."""

    default_code = "insufficient_scope"
    default_detail = _("No personal token may do this: sign in instead.")

    def __init__(self, needed: Scope | None) -> None:
        challenge = f'{CHALLENGE}, error="insufficient_scope"'
        detail = None
        if needed:
            challenge += f', scope="{needed.value}"'
            text = gettext("This needs a personal token with the scope %(scope)s.")
            detail = text % {"scope": needed.value}
        super().__init__(detail)
        self.headers = {"WWW-Authenticate": challenge}


def scope_of(view: Any, method: str | None) -> Scope | None:
    """The scope that a method of a view (a class or an object) needs; None: no scope is enough."""
    declared: dict[str, Scope] = getattr(view, "scopes", {})
    return declared.get("GET" if method == "HEAD" else method or "")


def demand(held: Collection[str], *, view: Any, method: str | None) -> None:
    """Raises `InsufficientScope`."""
    needed = scope_of(view, method)
    if needed is None or needed.value not in held:
        raise InsufficientScope(needed)
