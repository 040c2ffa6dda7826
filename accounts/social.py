"""People who sign in by a provider: joining, signing in, connecting and disconnecting.

A person is provider and subject (`Identity.uid`). Nobody is found by their address: where it
belongs to an account, no account is made, and its owner is told.

Functions raise `Ended` with the code that the page shows (docs/providers.md).
"""

from collections.abc import Callable
from functools import partial
from typing import NoReturn

from allauth.account.adapter import get_adapter
from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.internal.flows.login import (
    perform_login,
    record_authentication,
)
from allauth.account.models import EmailAddress, Login
from allauth.account.signals import user_signed_up
from allauth.headless.internal.authkit import AuthenticationStatus
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.request import Request

from accounts import notices, trail
from accounts.addresses.ownership import holders, is_taken
from accounts.fresh_sign_in import is_fresh
from accounts.joining.admission import SignupRefused, admitted
from accounts.limits import rate_limits
from accounts.models import PendingJoin, User
from accounts.providers import offered
from accounts.providers.errors import Ended
from accounts.providers.identity import Identity
from accounts.sign_in_ways import demand_another_way
from accounts.trail import Kind
from config.api.users import request_user

MOST_CONNECTED = 10  # identities of one user
METHOD = "socialaccount"  # allauth's name for this way to sign in
_REFUSALS = {User.Approval.WAITING: "signup_approval", User.Approval.DECLINED: "join_declined"}


def account_of(identity: Identity) -> SocialAccount | None:
    rows = SocialAccount.objects.select_related("user")
    return rows.filter(provider=identity.provider, uid=identity.uid).first()


def sign_in(request: HttpRequest, identity: Identity, *, next_url: str) -> None:
    """Signs the person in, who joins if they are new. A second factor may be left to ask for."""
    account = account_of(identity) or _join(request, identity)
    user = account.user
    if not user.is_active:
        reason = _REFUSALS.get(user.approval, "inactive")
        trail.record(
            user, Kind.SIGN_IN_REFUSED, request=request, reason=reason, provider=identity.provider
        )
        raise Ended(reason)
    SocialAccount.objects.filter(pk=account.pk).update(last_login=timezone.now())
    # The rest of a former session does not get into this one, not even of the same user.
    if request.user.is_authenticated:
        get_adapter().logout(request)
    record_authentication(request, user, METHOD, provider=identity.provider, uid=identity.uid)
    # Who has signed in here needs no mail to prove that the address is theirs.
    verification = EmailVerificationMethod.NONE
    perform_login(request, Login(user, email_verification=verification, redirect_url=next_url))
    status = AuthenticationStatus(request)
    if not status.is_authenticated and not status.get_pending_stage():
        raise Ended("unknown")


def _join(request: HttpRequest, identity: Identity) -> SocialAccount:
    """The new account; or the one that a concurrent request of this person has made."""
    if owner := _owner_of(identity.email):
        # Looked for again: the address may be in the account that another request has just made.
        return account_of(identity) or _refuse_address(request, identity, owner)
    if not rate_limits.try_spend(request, action="join"):
        raise Ended("too_many_attempts")
    try:
        account = _create(request, identity)
    except SignupRefused as refused:
        raise Ended(refused.code) from None
    except IntegrityError as error:
        if made := account_of(identity):
            return made
        owner = _owner_of(identity.email)
        if owner is None or not is_taken(error):
            raise
        _refuse_address(request, identity, owner)
    waits = "" if account.user.is_active else "signup_approval"
    user_signed_up.send(
        sender=User,
        request=request,
        user=account.user,
        provider=identity.provider,
        reason=waits,
    )
    if waits:
        raise Ended(waits)
    return account


def _create(request: HttpRequest, identity: Identity) -> SocialAccount:
    """Only a verified address becomes the login. Nothing else of the person is kept. The account is
    inactive where staff have to approve it. Raises `SignupRefused`.
    """
    email, provider = identity.verified_email, identity.provider
    user = User(email=email, nickname=identity.nickname)
    user.set_unusable_password()
    with (
        transaction.atomic(durable=True),
        admitted(request, user, email=email, provider=provider),
    ):
        user.save()
        if user.email:
            PendingJoin.objects.filter(email=user.email).delete()
            EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        return SocialAccount.objects.create(
            user=user, provider=provider, uid=identity.uid, extra_data={}
        )


def _owner_of(email: str | None) -> User | None:
    """Whose login the canonical address is, or who has confirmed it to make it theirs."""
    if not email:
        return None
    confirmed = EmailAddress.objects.filter(email=email, verified=True).select_related("user")
    return holders(email).first() or next((one.user for one in confirmed), None)


def _refuse_address(request: HttpRequest, identity: Identity, owner: User) -> NoReturn:
    """The address, verified or not, is the login of an account, whose owner is told."""
    if rate_limits.try_spend(request, action="provider_conflict", key=owner.address_or_id):
        trail.record(owner, Kind.PROVIDER_CONFLICT, request=request, provider=identity.provider)
        _tell(owner, notices.conflict, identity.provider)
    raise Ended("address_taken")


def demand_fresh_session(request: HttpRequest) -> User:
    """The session's user. Raises `Ended` without one, or if they have not just signed in."""
    if not request.user.is_authenticated:
        raise Ended("expired")
    if not is_fresh(request):
        raise Ended("fresh_sign_in_required")
    return request_user(request)


def connect(request: HttpRequest, identity: Identity, *, user_id: int) -> None:
    """Lets the session's user sign in by this identity, too. `user_id`: who began to connect."""
    user = demand_fresh_session(request)
    if user.pk != user_id:
        raise Ended("expired")
    try:
        is_new = _attach(request, user, identity)
    except IntegrityError:  # a concurrent request was first
        account = account_of(identity)
        if account is None:
            raise
        is_new = False
        _demand_own(user, account)
    if is_new:
        _tell(user, notices.connected, identity.provider)


def _attach(request: HttpRequest, user: User, identity: Identity) -> bool:
    """Whether it is new to the user."""
    with transaction.atomic(durable=True):
        _lock(user)
        if account := account_of(identity):
            _demand_own(user, account)
            return False
        if SocialAccount.objects.filter(user=user).count() >= MOST_CONNECTED:
            raise Ended("too_many_connected")
        SocialAccount.objects.create(
            user=user, provider=identity.provider, uid=identity.uid, extra_data={}
        )
        trail.record(user, Kind.PROVIDER_CONNECTED, request=request, provider=identity.provider)
    return True


def _demand_own(user: User, account: SocialAccount) -> None:
    if account.user_id != user.pk:
        raise Ended("connected_elsewhere")


def disconnect(request: Request | HttpRequest, user: User, account: SocialAccount) -> None:
    """The user has just signed in. Raises `LastWayToSignIn`."""
    with transaction.atomic(durable=True):
        _lock(user)  # or two requests could remove the last two
        demand_another_way(user, account)
        deleted, _rows = SocialAccount.objects.filter(pk=account.pk, user=user).delete()
        if deleted:
            trail.record(
                user, Kind.PROVIDER_DISCONNECTED, request=request, provider=account.provider
            )
    if deleted:
        _tell(user, notices.disconnected, account.provider)


def _lock(user: User) -> None:
    User.objects.select_for_update().filter(pk=user.pk).values_list("pk").first()


def _tell(user: User, words: Callable[[str], tuple[str, str]], provider: str) -> None:
    notices.tell(user, partial(words, offered.names().get(provider, provider)))
