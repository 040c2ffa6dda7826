"""Making, finding and using invitations.

The token of a link is random; only its digest is stored, so a stolen database has no links. A use
is taken by one conditional UPDATE in the transaction that stores the account: with one use left,
one of many concurrent joins gets it.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts.addresses.canonical_form import canonical
from accounts.joining.models import Invitation, InvitationUse
from accounts.models import User
from accounts.trail import Kind, record
from config.api.problems import Problem

if TYPE_CHECKING:
    from django.contrib.auth.models import Group

LONGEST_TOKEN = 100  # of what is looked up
MOST_OPEN = 1000  # that can be used at one time
KEPT = timedelta(days=90)  # after its end, if nobody has used it
_SESSION_KEY = "invitation"


class TooManyInvitations(Problem):
    status_code = 409
    default_code = "too_many_invitations"
    default_detail = _("There are too many open invitations. Revoke some first.")


def digest_of(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest() if token else ""


def create_invitation(  # noqa: PLR0913 - the columns of one row
    *,
    inviter: User,
    expires_at: datetime,
    email: str = "",
    note: str = "",
    uses: int = 1,
    groups: "Iterable[Group]" = (),
) -> tuple[Invitation, str]:
    """A new invitation with the token of its link, which nobody can read again.

    Raises `TooManyInvitations`.
    """
    invitation = Invitation(
        inviter=inviter, expires_at=expires_at, email=canonical(email), note=note, uses=uses
    )
    with transaction.atomic():
        token = save_with_token(invitation)
        invitation.groups.set(groups)
    return invitation, token


def save_with_token(invitation: Invitation) -> str:
    """Stores the invitation with a new token, which is returned; the token before ends.

    Raises `TooManyInvitations`.
    """
    _delete_old()
    others = Invitation.objects.usable().exclude(pk=invitation.pk)
    if others.count() >= MOST_OPEN:
        raise TooManyInvitations
    token = secrets.token_urlsafe(32)
    invitation.digest = digest_of(token)
    invitation.save()
    return token


def revoke(invitations: Iterable[Invitation]) -> int:
    """Ends invitations. Returns how many of them could still be used."""
    ids = [invitation.pk for invitation in invitations]
    return Invitation.objects.usable().filter(pk__in=ids).update(revoked_at=timezone.now())


def find(digest: str, *, email: str | None) -> Invitation | None:
    """The invitation with this digest, if the person may use it now. One for an address is only for
    that address; None or "" for an address that is not known or not verified.
    """
    found = Invitation.objects.usable().filter(digest=digest).first() if digest else None
    if found and found.email and found.email != canonical(email or ""):
        return None
    return found


def find_by_token(token: str) -> Invitation | None:
    """The invitation of a link, if it can be used, whoever it is for."""
    return Invitation.objects.usable().filter(digest=digest_of(token)).first()


def take_use(invitation: Invitation) -> bool:
    """Takes one use, in the transaction that stores the account. False: none is left."""
    usable = Invitation.objects.usable().filter(pk=invitation.pk)
    return bool(usable.update(used=F("used") + 1))


def note_use(invitation: Invitation, user: User, request: Request | HttpRequest) -> None:
    """Stores who used it, and gives its groups; after `take_use`, in the same transaction."""
    InvitationUse.objects.create(invitation=invitation, user=user)
    user.groups.add(*invitation.groups.all())
    record(user, Kind.INVITED, request=request, invitation=invitation.pk)


def keep_in_session(request: HttpRequest, token: str) -> None:
    """So that a sign-up by a provider, which leaves the site, is by this invitation."""
    request.session[_SESSION_KEY] = digest_of(token)


def kept_in_session(request: Request | HttpRequest) -> str:
    """The digest that `keep_in_session` has kept, or ""."""
    session = getattr(request, "session", None)
    return str(session.get(_SESSION_KEY, "")) if session is not None else ""


def forget_in_session(request: Request | HttpRequest) -> None:
    if kept_in_session(request):
        del request.session[_SESSION_KEY]


def _delete_old() -> None:
    """Bounds the table: used ones stay, at most one for an account."""
    ended = Invitation.objects.filter(used=0, expires_at__lt=timezone.now() - KEPT)
    if old := list(ended.values_list("pk", flat=True)[:100]):
        Invitation.objects.filter(pk__in=old, used=0).delete()
