"""`manage.py prune`: does now what one of the web processes does every hour."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.turns.prune import prune


class Command(BaseCommand):
    help = (
        "Deletes what has expired: sessions, tokens, joins, security events, idempotency keys, "
        "finished jobs, and conversations that are older than CHAT_RETENTION_DAYS, if that is set. "
        "In short transactions, so the server may run meanwhile."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        deleted = prune()
        for name, count in deleted.items():
            if count > 0:
                self.stdout.write(f"{name}: {count}")
        if failed := [name for name, count in deleted.items() if count < 0]:
            raise CommandError(f"Not deleted, see the log: {', '.join(failed)}")
        self.stdout.write(f"Deleted: {sum(deleted.values())}")
