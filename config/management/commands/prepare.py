"""What a start needs: tables, the first stock of quotes and, in production, static files."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Make everything ready to serve. Doing it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        verbosity = max(0, options["verbosity"] - 1)
        call_command("migrate", verbosity=verbosity, interactive=False)
        call_command("load_quotes", demo=True, verbosity=verbosity, stdout=self.stdout)
        if not settings.DEBUG:
            call_command("collectstatic", verbosity=verbosity, interactive=False)
