from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.joining.invitations import create_invitation
from accounts.joining.models import Invitation
from tests.factories import PASSWORD, make_user

JOIN = "/accounts/join"
Invite = Callable[..., tuple[Invitation, str]]


def fields(email: str = "dora@example.com", **more: str) -> dict[str, str]:
    return {"email": email, "password": "staple of paper", "nickname": "Dora", **more}


def mailed_key() -> str:
    """The key of the newest mail's link."""
    return unquote(mail.outbox[-1].body.split("/verify-email#")[1].split()[0])


@pytest.fixture
def invite(staff) -> Invite:
    """Makes an invitation; returns it with its token."""

    def make(**options: Any) -> tuple[Invitation, str]:
        expires_at = options.pop("expires_at", timezone.now() + timedelta(days=1))
        return create_invitation(inviter=staff, expires_at=expires_at, **options)

    return make


@pytest.fixture
def waiting(db):
    return make_user("dora", approval="waiting", is_active=False)


@pytest.fixture
def as_super(staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def login() -> dict[str, str]:
    return {"email": "dora@example.com", "password": PASSWORD}
