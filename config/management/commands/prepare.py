"""Prepares a start: tables, the group of reviewers, seed quotes; in production, static files."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from config.db.errors import first_line
from config.db.migration_state import difference
from config.db.preparing import migrate, one_at_a_time
from config.reviewers import ensure_reviewers


class Command(BaseCommand):
    help = (
        "Prepares everything for a start. Running it again changes nothing. Several processes may "
        "start it at once: one after the other does the work."
    )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        verbosity = max(0, options["verbosity"] - 1)
        try:
            connection.ensure_connection()
        except OperationalError as error:
            raise CommandError(f"The database does not answer: {first_line(error)}") from error
        message = "Waiting for another process that prepares the database"
        with one_at_a_time(waiting=lambda: self.stderr.write(message)):
            self._prepare(verbosity)

    def _prepare(self, verbosity: int) -> None:
        if found := difference(connection):
            raise CommandError(found)
        migrate(verbosity=verbosity)
        ensure_reviewers()
        call_command("index_quotes", verbosity=verbosity, stdout=self.stdout)
        self.stdout.write("Seed quotes: ", ending="")
        call_command("load_quotes", demo=True, verbosity=verbosity, stdout=self.stdout)
        if not settings.DEBUG and not settings.STATIC_DIR:
            call_command("collectstatic", verbosity=verbosity, interactive=False)
