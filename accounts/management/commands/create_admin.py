"""Creates the first superuser: `make admin`."""

import contextlib
import os
import secrets
import sys
from getpass import getpass
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from environs import EnvError

from accounts.models import User, UserManager
from config import secret_files


class Command(BaseCommand):
    help = (
        "Creates a superuser, or makes an existing user one. Takes ADMIN_EMAIL and ADMIN_PASSWORD "
        "(or ADMIN_PASSWORD_FILE) from the environment or asks. Without a terminal it generates a "
        "password and prints it."
    )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        email = _email()
        user = User.objects.filter(email=email).first()
        if user is None:
            user = User(email=email)
            user.set_password(self._password(user))
            self.stdout.write(f"{email} is created.")
        user.is_staff = user.is_superuser = user.is_active = True
        user.approval = User.Approval.NONE
        user.save()
        EmailAddress.objects.update_or_create(
            user=user, email=email, defaults={"verified": True, "primary": True}
        )
        self.stdout.write(f"{email} may sign in at /admin/.")

    def _password(self, user: User) -> str:
        try:
            password = secret_files.value_of(
                "ADMIN_PASSWORD", lambda name: os.environ.get(name, "")
            )
        except EnvError as error:
            raise CommandError(str(error)) from error
        if not password and sys.stdin.isatty():
            password = getpass("Password (empty: generate one): ")
        if not password:
            password = _generated(user)
            self.stdout.write(f"Password, shown only now: {password}")
        try:
            get_adapter().clean_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return password


def _generated(user: User) -> str:
    """Random; repeated in the rare case that it violates a password rule."""
    while True:
        password = secrets.token_urlsafe(12)
        with contextlib.suppress(ValidationError):
            return str(get_adapter().clean_password(password, user))


def _email() -> str:
    given = os.environ.get("ADMIN_EMAIL", "")
    if not given and sys.stdin.isatty():
        given = input("Email address: ")
    email = UserManager.normalize_email(given)
    try:
        validate_email(email if email.isascii() else "")
    except ValidationError as error:
        raise CommandError("ADMIN_EMAIL must be an email address.") from error
    return email
