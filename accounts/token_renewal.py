"""Renewing a pair of tokens, and what happens when a spent refresh token comes back.

Then the owner and somebody else have had the same token, and the server cannot know who of them is
asking: the whole family ends (RFC 9700, 4.14.2), and the owner is told. There is no grace: see
docs/adr/0031.
"""

from allauth.account.adapter import get_adapter
from rest_framework.request import Request

from accounts import tokens
from accounts.devices import origin_of
from accounts.models import User
from accounts.tokens import MaybeExpiredRefresh, Refresh, SpentToken, TokenPair
from accounts.trail import Kind, record
from config.api.writes import count_write


def renew_tokens(request: Request, raw: str) -> TokenPair:
    """Raises `InvalidToken` or `TooManyWrites`."""
    # One that has expired since is as suspicious.
    token = tokens.read(MaybeExpiredRefresh, raw)
    try:
        tokens.demand_unspent(token)
        refresh = tokens.read(Refresh, raw)
        owner = tokens.owner_of_refresh(refresh)
        count_write(owner.pk)
        return tokens.renew(refresh, owner=owner, **origin_of(request))
    except SpentToken:
        if victim := tokens.end_family_of(token):
            report_reuse(request, victim, reason="refresh_token_reused")
        raise


def report_reuse(request: Request, owner: User, *, reason: str) -> None:
    """After what came twice has ended the family."""
    record(owner, Kind.TOKEN_REUSED, request=request, reason=reason)
    if owner.email:
        context = {"user": owner, **origin_of(request)}
        get_adapter().send_mail("account/email/token_reused", owner.email, context)
