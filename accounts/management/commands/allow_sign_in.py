from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import SignInSource, User, UserManager


class Command(BaseCommand):
    help = "Lets a user sign in again after too many wrong passwords: allow_sign_in EMAIL"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        email = UserManager.normalize_email(options["email"])
        if not User.objects.filter(email=email).exists():
            raise CommandError(f"Nobody has the address {email}.")
        SignInSource.objects.of(email).lift()
        self.stdout.write(f"{email} may sign in again.")
