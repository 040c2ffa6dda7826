"""`manage.py index_quotes`: gives lines the tokens of this version of the tokeniser."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from quotes.reindex import mark_all, reindex
from quotes.tokens import VERSION


class Command(BaseCommand):
    help = (
        "Brings the search index to this release's tokeniser. Lines that have it already are "
        "passed over, so that it can be broken off and run again, also while people use the board."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="every line anew")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["all"]:
            mark_all()
        done = 0
        for done, left in reindex():
            if options["verbosity"]:
                self.stdout.write(f"{done} lines indexed, {left} to go")
        if options["verbosity"] or done:
            self.stdout.write(
                f"The search index has version {VERSION}; {done} lines were new to it"
            )
