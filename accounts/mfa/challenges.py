"""The second step of a program's sign-in. After the right password a program gets a challenge: a
signed text that names a row (`SecondFactorChallenge`) and is bound to the user and the password. It
completes one sign-in, within `LIFETIME` and `MOST_ATTEMPTS` codes.

    Problem
    ├── SecondFactorRequired    401, with `challenge` and `types`
    ├── ChallengeNotValid       401: expired, used, or not of this server; sign in again
    └── WrongCode               401
"""

from datetime import timedelta
from typing import Any

from django.core import signing
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts.addresses.ownership import is_usable
from accounts.mfa.codes import check_code
from accounts.mfa.events import note_use
from accounts.mfa.factors import CODE_TYPES, types_of
from accounts.models import SecondFactorChallenge, User
from config.api.problems import Problem
from config.api.scopes import CHALLENGE

LIFETIME = timedelta(minutes=5)
MOST_ATTEMPTS = 5
MOST_OPEN = 10  # of a user; the oldest is ended
_SALT = "accounts.second_factor"


class _Refused(Problem):
    status_code = 401

    def __init__(self, **members: Any) -> None:
        super().__init__(headers={"WWW-Authenticate": CHALLENGE}, **members)


class SecondFactorRequired(_Refused):
    default_code = "second_factor_required"
    default_detail = _("The password is right. Send a code of your second factor, too.")


class ChallengeNotValid(_Refused):
    default_code = "challenge_not_valid"
    default_detail = _("The sign-in took too long or was tried too often. Begin again.")


class WrongCode(_Refused):
    default_code = "wrong_code"
    default_detail = _("The code is wrong or was used before.")


def required(user: User) -> SecondFactorRequired:
    """The answer to the right password of a user with a second factor. `types` has those that a
    program can use: passkeys are for browsers.
    """
    usable = [kind for kind in types_of(user) if kind in CODE_TYPES]
    return SecondFactorRequired(challenge=issue(user), types=usable)


def issue(user: User) -> str:
    own = SecondFactorChallenge.objects.filter(user=user)
    own.filter(expires_at__lte=timezone.now()).delete()
    row = SecondFactorChallenge.objects.create(user=user, expires_at=timezone.now() + LIFETIME)
    beyond = list(own.order_by("-pk").values_list("pk", flat=True)[MOST_OPEN:])
    own.filter(pk__in=beyond).delete()
    return signing.dumps([row.pk, user.pk, _stamp(user)], salt=_SALT)


def complete(request: Request | HttpRequest, *, challenge: str, code: str) -> User:
    """The user whose password and code were right.

    Raises `ChallengeNotValid`, `WrongCode` or `TooManyAttempts`.
    """
    user, row = _opened(challenge)
    factor = check_code(request, user, code)
    if factor is None:
        raise WrongCode
    deleted, _rows = SecondFactorChallenge.objects.filter(pk=row).delete()
    if not deleted:  # a concurrent request has completed it
        raise ChallengeNotValid
    factor.record_usage()
    note_use(request, user, factor)
    return user


def _opened(challenge: str) -> tuple[User, int]:
    """The user, and the row's key, with one attempt counted. Raises `ChallengeNotValid`."""
    try:
        row, user_id, stamp = signing.loads(challenge, salt=_SALT, max_age=LIFETIME)
    except signing.BadSignature as error:
        raise ChallengeNotValid from error
    user = User.objects.filter(pk=user_id).first()
    if user is None or not is_usable(user) or not constant_time_compare(stamp, _stamp(user)):
        raise ChallengeNotValid
    rows = SecondFactorChallenge.objects.filter(
        pk=row, user=user, attempts__lt=MOST_ATTEMPTS, expires_at__gt=timezone.now()
    )
    if not rows.update(attempts=F("attempts") + 1):
        raise ChallengeNotValid
    return user, row


def _stamp(user: User) -> str:
    """Changes with the password."""
    return salted_hmac(_SALT, user.token_stamp(), algorithm="sha256").hexdigest()
