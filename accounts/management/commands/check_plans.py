"""Finds users whose row does not have the limit and models that their groups give."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.plans.upkeep import refresh, wrong_rows

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Compares the daily limit and the models in users' rows with those of their groups. "
        "They differ only after a crash or a change of the tables by hand."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fix", action="store_true", help="Write what the groups give.")

    def handle(self, *args: Any, fix: bool, **options: Any) -> None:  # noqa: ARG002
        wrong = list(wrong_rows())
        if not wrong:
            self.stdout.write("All users have what their groups give.")
        elif fix:
            self.stdout.write(f"{refresh(wrong)} users were corrected.")
        else:
            ids = ", ".join(map(str, wrong[:SHOWN]))
            more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
            raise CommandError(
                f"{len(wrong)} users do not have what their groups give: {ids}{more}. "
                "Run it again with --fix."
            )
