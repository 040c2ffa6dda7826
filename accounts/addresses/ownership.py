"""Which account owns an email address.

An account has one address, `User.email`, which is its login. allauth's `EmailAddress` only records
whether that address was confirmed by mail; rows with another address are ignored.
"""

from allauth.account import app_settings
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower

from accounts.models import User
from config.db.constraints import violates


def verification_is_mandatory() -> bool:
    return bool(app_settings.EMAIL_VERIFICATION == app_settings.EmailVerificationMethod.MANDATORY)


def holders(email: str) -> QuerySet[User]:
    """The account whose login is this canonical address, if any."""
    return User.objects.alias(login=Lower("email")).filter(login=email)


def is_confirmed(user: User) -> bool:
    """Whether the user has opened the link in a mail to the address."""
    if not user.email:
        return False
    own = EmailAddress.objects.filter(user=user, email=user.email.lower(), verified=True)
    return bool(own.exists())


def is_taken(error: IntegrityError) -> bool:
    """Whether the database refused an account because another one has its address."""
    same_login = ("email", "user_email_unique_without_case")
    return violates(error, User, *same_login) or is_confirmed_elsewhere(error)


def is_confirmed_elsewhere(error: IntegrityError) -> bool:
    """Whether the database refused to confirm an address that another account has confirmed."""
    return violates(error, EmailAddress, "unique_verified_email")


def is_usable(user: User) -> bool:
    """Whether the account can sign in: it is active, and its address, if it has one, is confirmed
    where addresses must be.
    """
    if not user.is_active:
        return False
    return not user.email or not verification_is_mandatory() or is_confirmed(user)


def own_address(user: User) -> EmailAddress:
    """The record of the account's address, created if missing. The account has an address."""
    email = (user.email or "").lower()
    found, _is_new = EmailAddress.objects.get_or_create(user=user, email=email)
    return found


def release(holder: User) -> None:
    """Takes its address from an account that never confirmed it, because another user now has. The
    account's data is kept for staff to decide about: it may belong to someone who mistyped.
    """
    with transaction.atomic():
        EmailAddress.objects.filter(user=holder).delete()
        holder.email = f"released-{holder.pk}@daesa.invalid"  # no mail reaches it (RFC 2606)
        holder.is_active, holder.approval = False, User.Approval.NONE  # nobody waits any more
        holder.save(update_fields=["email", "is_active", "approval"])
