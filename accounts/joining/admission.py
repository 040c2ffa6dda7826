"""Storing the account of a person who may join: all that makes accounts goes through
`admitted`.

    Problem
    └── SignupRefused       403; the code is that of `accounts.signup_policy.may_join`
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts import signup_policy
from accounts.joining import approval, invitations
from accounts.models import User
from accounts.signup_policy import Judgement
from config.api.problems import Problem

_TEXTS = {
    "signup_closed": _("Nobody can join this site at the moment."),
    "signup_invite": _(
        "You need an invitation to join. It is missing, used up, expired, or for another address."
    ),
    "signup_domain": _("Only addresses of certain domains can join this site."),
}


class SignupRefused(Problem):
    status_code = 403
    default_code = "signup_closed"

    def __init__(self, answer: str) -> None:
        super().__init__(_TEXTS[answer], answer)


def demand_may_join(
    request: Request | HttpRequest,
    *,
    email: str | None,
    provider: str = "",
    invitation: str | None = None,
) -> Judgement:
    """Raises `SignupRefused`. See `signup_policy.may_join`."""
    found = signup_policy.judge(request, email=email, provider=provider, invitation=invitation)
    if found.answer not in {"", "signup_approval"}:
        raise SignupRefused(found.answer)
    return found


@contextmanager
def admitted(
    request: Request | HttpRequest,
    user: User,
    *,
    email: str | None,
    provider: str = "",
    invitation: str | None = None,
) -> Iterator[None]:
    """A transaction in which the caller saves the new `user`. Before, a use of the invitation is
    taken, and the user marked as waiting where staff decide first; after, the user gets the
    invitation's groups, and staff are told.

    The arguments are those of `may_join`. Raises `SignupRefused`; then nothing is stored.
    """
    with transaction.atomic():
        found = demand_may_join(request, email=email, provider=provider, invitation=invitation)
        if found.invitation and not invitations.take_use(found.invitation):
            # A concurrent join has taken the last use.
            found = demand_may_join(request, email=email, provider=provider, invitation="")
        waits = found.answer == "signup_approval"
        if waits:
            approval.let_wait(user)
        yield
        if found.invitation:
            invitations.note_use(found.invitation, user, request)
    if not waits:
        invitations.forget_in_session(request)
        return
    transaction.on_commit(partial(approval.tell_staff, request))
