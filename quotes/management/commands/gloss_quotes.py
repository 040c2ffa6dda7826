"""`manage.py gloss_quotes`: asks the model what lines mean, so that they are found by it."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quotes.glosses import asking
from quotes.glosses.asking import ModelAway
from quotes.glosses.write import Tally, read_waiting, waiting, write_glosses

_REPORT_EVERY = 10  # lines
_MOST_AT_ONCE = 64


class Command(BaseCommand):
    help = (
        "Asks the model GLOSS_MODEL (or else DEFAULT_MODEL) for the meaning of each applied line "
        "that has none, in one sentence in the language of the line. Lines are found by it, and it "
        "is never quoted. It costs no user's allowance. Each meaning is stored at once, so the "
        "command can be interrupted and run again, also while the board is in use. It never "
        "changes what staff have written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=_positive, metavar="N", help="ask for at most N lines")
        parser.add_argument(
            "--at-once",
            type=_positive,
            default=asking.AT_ONCE,
            metavar="N",
            help=f"requests at the same time, at most {_MOST_AT_ONCE} (default: %(default)s)",
        )
        parser.add_argument(
            "--language", default="", metavar="TAG", help="only lines in this language, such as ko"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if not (model := asking.model()):
            raise CommandError(
                "There is no model to ask: OPENAI_BASE_URL or OPENAI_API_KEY is not set, nor "
                "UPSTREAMS, or the model is the board."
            )
        language, limit, loud = options["language"], options["limit"], options["verbosity"]
        total = waiting().about(language=language).count()
        total = total if limit is None else min(total, limit)
        tally = Tally()
        lines = read_waiting(language=language, limit=limit)
        at_once = min(options["at_once"], _MOST_AT_ONCE)
        try:
            for _ in write_glosses(lines, total=total, tally=tally, at_once=at_once):
                if loud and tally.asked % _REPORT_EVERY == 0:
                    left = max(0, total - tally.asked)
                    self.stdout.write(f"{tally.stored} meanings stored, {left} lines to go")
        except ModelAway as away:
            raise CommandError(
                f"{model} cannot be asked ({away}); {tally.stored} meanings are stored."
            ) from away
        if loud or tally.asked:
            self.stdout.write(_summary(model, tally))


def _summary(model: str, tally: Tally) -> str:
    text = f"{model} has given the meaning of {tally.stored} lines"
    if tally.without:
        text = f"{text}; {tally.without.total()} have none ({tally.reasons()})"
    return text


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)
