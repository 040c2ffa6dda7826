"""Forgotten passwords."""

from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.password_reset import request_password_reset
from django.http import HttpRequest

from accounts import trail
from accounts.addresses.ownership import holders, is_usable


def send_reset_link(request: HttpRequest, *, email: str) -> None:
    """Mails a link if the address is the login of an active account (and confirmed, where
    addresses must be). Run it in the background: its time depends on whether there is one.
    """
    user = holders(email).first()
    if user and is_usable(user):
        trail.record(user, trail.Kind.PASSWORD_RESET_ASKED, request=request)
        request_password_reset(request, email, [user], default_token_generator)
