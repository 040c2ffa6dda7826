"""`manage.py end_lost_turns`: what each web process does periodically, for when none is running."""

from typing import Any

from django.core.management.base import BaseCommand

from chat.turns.recover import LOST_AFTER, reap


class Command(BaseCommand):
    help = "End the answers whose process has died, and give their units back."

    def handle(self, *_args: Any, **_options: Any) -> None:
        count = reap(silent_for=LOST_AFTER)
        self.stdout.write(f"Ended: {count}")
