"""`manage.py end_lost_turns`: what a serving process does by itself, for when none is running."""

from typing import Any

from django.core.management.base import BaseCommand

from chat import turns
from chat.pulse import LOST_AFTER


class Command(BaseCommand):
    help = "End the answers whose process has died, and give their units back."

    def handle(self, *_args: Any, **_options: Any) -> None:
        count = turns.reap(silent_for=LOST_AFTER)
        self.stdout.write(f"Ended: {count}")
