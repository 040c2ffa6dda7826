"""Confirming that it is still the user: what is dangerous (leaving, tokens, ways to sign in, the
export) needs a sign-in of the last minutes (`ACCOUNT_REAUTHENTICATION_TIMEOUT`).

A session is fresh after any sign-in or confirmation, by password, second factor, passkey or
provider. A bearer token is never fresh: such a caller sends the password, or uses a session.

    Problem
    └── FreshSignInRequired     403, with the ways in which the user can confirm
"""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.socialaccount.models import SocialAccount
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from config.api.problems import Problem


class FreshSignInRequired(Problem):
    status_code = 403
    default_code = "fresh_sign_in_required"
    default_detail = _("Confirm that it is you, then try again.")


def is_fresh(request: Request | HttpRequest) -> bool:
    """Whether the session's user has signed in or confirmed within the last minutes."""
    if not request.user.is_authenticated or getattr(request, "auth", None) is not None:
        return False
    records = get_authentication_records(request, request.user)
    newest = max((record.get("at", 0) for record in records), default=0)
    return bool(time.time() - newest < app_settings.REAUTHENTICATION_TIMEOUT)


def demand_fresh_sign_in(request: Request | HttpRequest) -> None:
    """Raises `FreshSignInRequired`."""
    if not is_fresh(request):
        raise FreshSignInRequired(flows=flows_to_confirm(request))


def flows_to_confirm(request: Request | HttpRequest) -> list[dict[str, Any]]:
    """The ways in which the user can confirm, as allauth's flows: `reauthenticate` (password),
    `mfa_reauthenticate` with `types`, and `provider_redirect` with `providers`: signing in again by
    one of them is as good.
    """
    if not request.user.is_authenticated:
        return []
    flows: list[dict[str, Any]] = get_reauthentication_flows(request.user)
    connected = SocialAccount.objects.filter(user=request.user).order_by("pk")
    if providers := list(dict.fromkeys(connected.values_list("provider", flat=True))):
        flows.append({"id": "provider_redirect", "providers": providers})
    return flows
