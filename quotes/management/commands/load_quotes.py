"""`manage.py load_quotes FILE`: a first stock of lines for the board."""

from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from quotes.stock import DEMO, NoStock, Stock, board_owner, load_stock, read_stock

if TYPE_CHECKING:
    from accounts.models import User

BAD_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Loads lines from a CSV file (with a header) or a file of JSON lines; fields content, "
        "speaker, source, context, language. What is there already is passed over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("file", nargs="?", type=Path, help="a .csv file, or JSON lines")
        what.add_argument(
            "--demo", action="store_true", help="the stock that ships with Daesa, applied at once"
        )
        parser.add_argument(
            "--owner",
            metavar="EMAIL",
            help="the person whose submissions they become (default: a user nobody can sign in as)",
        )
        parser.add_argument("--apply", action="store_true", help="put them on the board at once")
        parser.add_argument(
            "--skip-bad", action="store_true", help="load the good rows although some are bad"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        stock = _read(DEMO if options["demo"] else options["file"])
        self._report_bad(stock)
        if stock.bad and not options["skip_bad"]:
            raise CommandError(
                f"Nothing was loaded, for {len(stock.bad)} rows are bad (--skip-bad loads the rest)"
            )
        owner = _person(options["owner"]) if options["owner"] else board_owner()
        added = load_stock(stock=stock, owner=owner, apply=options["apply"] or options["demo"])
        known = len(stock.lines) - added + stock.repeated
        self.stdout.write(f"added {added}, known {known}, bad {len(stock.bad)}")

    def _report_bad(self, stock: Stock) -> None:
        for number, why in list(stock.bad.items())[:BAD_SHOWN]:
            self.stderr.write(f"line {number}: {why}")
        if len(stock.bad) > BAD_SHOWN:
            self.stderr.write(f"... and {len(stock.bad) - BAD_SHOWN} more bad rows")


def _read(path: Path) -> Stock:
    try:
        return read_stock(path)
    except NoStock as error:
        raise CommandError(str(error)) from error


def _person(email: str) -> "User":
    person = get_user_model().objects.filter(email__iexact=email.strip()).first()
    if person is None:
        raise CommandError(f"Nobody here has the address {email}")
    return person
