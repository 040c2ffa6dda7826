"""`manage.py index_quotes`: recomputes tokens of an older version of the tokenizer."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from quotes.search.reindex import mark_all, reindex
from quotes.text.tokenizer import VERSION


class Command(BaseCommand):
    help = (
        "Updates the search index to the tokenizer of this release. Lines that are up to date are "
        "skipped, so it can be interrupted and run again, also while the board is in use."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="recompute every line")

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
