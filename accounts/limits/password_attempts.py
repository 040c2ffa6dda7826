"""Limits on wrong passwords, for every endpoint that asks for one, and on wrong codes of a second
factor, which are counted the same way, apart from passwords.

Failures are counted per address and source, which is the device or network they come from. After
`FREE` failures in a row the source has to wait, twice as long after each further one. All sources
that have never signed in to the address share a limit of `MOST` failures (NIST SP 800-63B, 3.2.2);
beyond it they are refused until the address gets a new password or staff lift the stop. Devices
and networks that have signed in before have their own counts, so that failures of others cannot
lock the owner out.

An attempt is counted before the password is checked, by conditional UPDATEs, so that concurrent
attempts cannot exceed a limit. The right password takes the count back.

    Problem
    └── TooManyAttempts     429 (accounts.limits.rate_limits), with Retry-After
        ├── SignInStopped   429, for sources that have never signed in
        └── CodesStopped    429, the same for codes
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Sum, Value, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts.devices import (
    COOKIE_AGE,
    DEVICE,
    NETWORK,
    device_of,
    has_known_address,
    network_of,
    remember_device,
)
from accounts.limits import rate_limits
from accounts.models import SignInSource, User, UserManager
from config.api.problems import ServiceUnavailable

FREE = 5  # failures in a row without a wait
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
MOST = 100
KNOWN_FOR = {DEVICE: COOKIE_AGE, NETWORK: timedelta(days=90)}  # since the last sign-in
MOST_KNOWN = {DEVICE: 20, NETWORK: 20}  # per user, the newest
MOST_UNOWNED = 100_000  # rows without a user
UNKNOWN_SOURCES = ""  # one row for all sources that have never signed in
# One source for the whole account, so that a stolen session gets no new guesses per network.
SIGNED_IN = "signed-in"


class SignInStopped(rate_limits.TooManyAttempts):
    default_code = "sign_in_stopped"
    default_detail = _(
        "Too many wrong passwords were entered for this address. Reset your password or ask the "
        "site's staff. You can still sign in where you have signed in before."
    )


class CodesStopped(rate_limits.TooManyAttempts):
    default_code = "second_factor_stopped"
    default_detail = _(
        "Too many wrong codes were entered for this account: somebody may know your password. Set "
        "a new one, then try again. You can still sign in where you have signed in before."
    )


@dataclass(frozen=True)
class Attempt:
    """A password or code about to be checked. It counts as wrong until `succeed` or `cancel`."""

    address: str
    source: str
    number: int  # failures of this source in a row, including this one
    usage: Any  # of the rate limit per caller's address
    is_shared: bool = False  # also counted for `UNKNOWN_SOURCES`

    def succeed(self) -> None:
        """The password was right: reset the failures of this source."""
        self._take_back(self.number)
        self._row().update(failures=0, not_before=timezone.now())

    def cancel(self) -> None:
        """The password was not checked."""
        self._take_back(1)
        self._row().update(failures=_minus(1), not_before=timezone.now())

    def _row(self) -> Any:
        return SignInSource.objects.filter(address=self.address, source=self.source)

    def _take_back(self, number: int) -> None:
        if self.usage is not None:
            self.usage.rollback()
        if self.is_shared:
            shared = SignInSource.objects.filter(address=self.address, source=UNKNOWN_SOURCES)
            shared.update(failures=_minus(number))


def begin(
    request: Request | HttpRequest, *, email: str, is_signed_in: bool = False, is_code: bool = False
) -> Attempt:
    """Counts one attempt. `is_signed_in`: the caller has a session or token of this user.
    `is_code`: a code of the second factor, not a password.

    Raises `TooManyAttempts`, `SignInStopped` or `CodesStopped`.
    """
    email = UserManager.normalize_email(email)
    counted = SignInSource.CODES + email if is_code else email
    address = SignInSource.digest(counted)
    for secret in settings.SECRET_KEY_FALLBACKS:
        for name in {email, counted}:
            adopt_former(request, name, secret)
    stopped = CodesStopped if is_code else SignInStopped
    source, is_known = _source_of(
        request, SignInSource.digest(email), counted=address, is_signed_in=is_signed_in
    )
    usage = _spend(request, source, is_known=is_known)
    try:
        if not is_known and _failures(address, UNKNOWN_SOURCES) >= MOST:
            raise stopped(headers={"Retry-After": _seconds(LONGEST_WAIT)})
        number = _claim(address, source)
    except rate_limits.TooManyAttempts:
        if usage is not None:
            usage.rollback()
        raise
    attempt = Attempt(address, source, number, usage)
    if is_known:
        return attempt
    if _count_for_unknown_sources(address, email):
        return replace(attempt, is_shared=True)
    attempt.cancel()
    raise stopped(headers={"Retry-After": _seconds(LONGEST_WAIT)})


def check_password(request: Request | HttpRequest, user: User, password: str) -> bool:
    """Whether this is the password of the user, who is signed in.

    Raises `TooManyAttempts` or `ServiceUnavailable`.
    """
    attempt = begin(request, email=user.address_or_id, is_signed_in=True)
    try:
        is_right = user.check_password(password)
    except ServiceUnavailable:
        attempt.cancel()
        raise
    if is_right:
        attempt.succeed()
    return is_right


def remember_source(request: Request | HttpRequest, user: User, **_kwargs: Any) -> None:
    """A receiver of `user_logged_in`: makes the source of this sign-in a known one."""
    sources = [network_of(request)] if has_known_address(request) else []
    if isinstance(request, HttpRequest):  # a session; programs keep no cookies
        sources.append(remember_device(request))
    now, address = (
        timezone.now(),
        _address_of(user),
    )
    SignInSource.objects.bulk_create(
        [
            SignInSource(address=address, source=source, user=user, signed_in_at=now)
            for source in sources
        ],
        update_conflicts=True,
        unique_fields=["address", "source"],
        update_fields=["user", "signed_in_at"],
    )
    _delete_oldest_known(user)


def refused_codes(user: User) -> int:
    """How many codes in a row were wrong, from all sources together."""
    address = SignInSource.digest(SignInSource.CODES + _login_of(user))
    rows = SignInSource.objects.filter(address=address).exclude(source=UNKNOWN_SOURCES)
    return int(rows.aggregate(sum=Sum("failures"))["sum"] or 0)


def is_stopped(user: User) -> bool:
    """Whether sources that have never signed in are refused for this user."""
    secrets = [None, *settings.SECRET_KEY_FALLBACKS]
    addresses = [SignInSource.digest(_login_of(user), secret) for secret in secrets]
    rows = SignInSource.objects.filter(address__in=addresses, source=UNKNOWN_SOURCES)
    return rows.filter(failures__gte=MOST).exists()


def adopt_former(request: Request | HttpRequest, email: str, secret: str) -> None:
    """Gives the rows of an address that were stored with a former SECRET_KEY their names of today,
    so that counts and stops go on. Other sources' rows wait until those sources come: only their
    requests have the cookie or the address to name them.
    """
    names = {
        UNKNOWN_SOURCES: UNKNOWN_SOURCES,
        SIGNED_IN: SIGNED_IN,
        network_of(request, secret): network_of(request),
    }
    if device := device_of(request, secret):
        names[device] = str(device_of(request))
    former = SignInSource.objects.filter(address=SignInSource.digest(email, secret))
    for row in former.filter(source__in=names):
        same = SignInSource.objects.filter(pk=row.pk)
        try:
            with transaction.atomic():
                same.update(address=SignInSource.digest(email), source=names[row.source])
        except IntegrityError:  # it has a row of today already
            same.delete()


def _address_of(user: User) -> str:
    return SignInSource.digest(_login_of(user))


def _login_of(user: User) -> str:
    return UserManager.normalize_email(user.address_or_id)


def _source_of(
    request: Request | HttpRequest, address: str, *, counted: str, is_signed_in: bool
) -> tuple[str, bool]:
    """The source to count an attempt for, and whether it is known. A cookie that is not known for
    this address is ignored, or each attempt could bring a new one. `address` has the rows of known
    sources, `counted` those that count this kind of attempt.
    """
    device, network = device_of(request), network_of(request)
    sources = [device or network, network, SIGNED_IN]
    rows = SignInSource.objects.filter(address__in={address, counted}, source__in=sources)
    found = {row.source: row for row in rows if row.address == address}
    failures = {row.source: row.failures for row in rows if row.address == counted}
    for source in (device, network):
        if source in found and _is_known(found[source]) and failures.get(source, 0) < MOST:
            return source, True
    if is_signed_in and failures.get(SIGNED_IN, 0) < MOST:
        return SIGNED_IN, True
    return network, False


def _is_known(row: SignInSource) -> bool:
    kind = DEVICE if row.source.startswith(DEVICE) else NETWORK
    return (
        row.signed_in_at is not None
        and row.signed_in_at > timezone.now() - KNOWN_FOR[kind]
        and row.failures < MOST
    )


def _spend(request: Request | HttpRequest, source: str, *, is_known: bool) -> Any:
    """The rate limits per caller's address. A known device has its own, because others behind the
    same address may use up the shared ones.
    """
    if is_known and source.startswith(DEVICE):
        rate_limits.spend(request, action="sign_in_device", key=source)
        return None
    rate_limits.spend(request, action="sign_in")
    return rate_limits.spend(request, action="wrong_password")


def _claim(address: str, source: str) -> int:
    """The number of this attempt among the failures of its source; each number is used once."""
    for _try in range(FREE * 4):
        row, is_new = SignInSource.objects.get_or_create(address=address, source=source)
        if is_new:
            _delete_oldest_unowned(row.pk)
        now = timezone.now()
        if row.not_before > now:
            raise rate_limits.TooManyAttempts(
                headers={"Retry-After": _seconds(row.not_before - now)}
            )
        number = row.failures + 1
        same = SignInSource.objects.filter(
            pk=row.pk, failures=row.failures, not_before=row.not_before
        )
        if same.update(failures=number, not_before=_next_attempt(now, number)):
            return number
    raise rate_limits.TooManyAttempts(headers={"Retry-After": "1"})  # lost every race


def _next_attempt(now: datetime, number: int) -> datetime:
    if number < FREE:
        return now
    doublings = min(number - FREE, 16)
    wait: timedelta = FIRST_WAIT * 2**doublings
    return now + min(wait, LONGEST_WAIT)


def _count_for_unknown_sources(address: str, email: str) -> bool:
    """Counts one failure of a source that has never signed in; False if `MOST` is reached."""
    # Rows with a user are kept; only those without one are deleted as the oldest.
    owner: dict[str, Any] = {"user": lambda: User.objects.filter(email=email).first()}
    row, is_new = SignInSource.objects.get_or_create(
        address=address, source=UNKNOWN_SOURCES, defaults=owner
    )
    if is_new:
        _delete_oldest_unowned(row.pk)
    below = SignInSource.objects.filter(address=address, source=UNKNOWN_SOURCES, failures__lt=MOST)
    return bool(below.update(failures=F("failures") + 1))


def _failures(address: str, source: str) -> int:
    rows = SignInSource.objects.filter(address=address, source=source)
    return rows.values_list("failures", flat=True).first() or 0


def _minus(number: int) -> Case:
    return Case(When(failures__gt=number, then=F("failures") - number), default=Value(0))


def _delete_oldest_unowned(newest: int) -> None:
    """Bounds the table: every 100th new row deletes the oldest rows without a user."""
    if newest % 100 == 0:
        SignInSource.objects.filter(user=None, pk__lte=newest - MOST_UNOWNED).delete()


def _delete_oldest_known(user: User) -> None:
    known = SignInSource.objects.filter(user=user).exclude(signed_in_at=None)
    sources = list(known.order_by("-signed_in_at", "-pk").values_list("pk", "source"))
    for kind, most in MOST_KNOWN.items():
        of_kind = [pk for pk, source in sources if source.startswith(kind)]
        if of_kind[most:]:
            SignInSource.objects.filter(pk__in=of_kind[most:]).delete()


def _seconds(wait: timedelta) -> str:
    return str(math.ceil(wait.total_seconds()))
