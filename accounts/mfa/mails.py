"""Mails to the owner of an account about its second factor, which do not depend on a setting."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.utils import timezone

from accounts.models import User


def tell(user: User, template: str, **context: Any) -> None:
    """`template`: of `accounts/email/`, without `_subject.txt` and `_message.txt`. Nothing is sent
    to a user without an address.
    """
    if user.email:
        given = {"user": user, "timestamp": timezone.now(), **context}
        get_adapter().send_mail(f"accounts/email/{template}", user.email, given)
