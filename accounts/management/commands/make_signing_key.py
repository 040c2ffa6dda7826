from typing import Any

from django.core.management.base import BaseCommand

from config import signing_keys


class Command(BaseCommand):
    help = (
        "Prints a fresh entry for JWT_SIGNING_KEYS. Put it before the others, separated by a "
        "comma; nothing is stored."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        self.stdout.write(signing_keys.fresh_entry())
