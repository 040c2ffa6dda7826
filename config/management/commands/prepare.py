"""Prepares a start: tables, seed quotes and, in production, static files."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from config.db.migration_state import difference


class Command(BaseCommand):
    help = "Prepares everything for a start. Running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        verbosity = max(0, options["verbosity"] - 1)
        try:
            connection.ensure_connection()
        except OperationalError as error:
            why = str(error).splitlines()[0]
            raise CommandError(f"The database does not answer: {why}") from error
        if found := difference(connection):
            raise CommandError(found)
        call_command("migrate", verbosity=verbosity, interactive=False)
        call_command("index_quotes", verbosity=verbosity, stdout=self.stdout)
        self.stdout.write("Seed quotes: ", ending="")
        call_command("load_quotes", demo=True, verbosity=verbosity, stdout=self.stdout)
        if not settings.DEBUG:
            call_command("collectstatic", verbosity=verbosity, interactive=False)
