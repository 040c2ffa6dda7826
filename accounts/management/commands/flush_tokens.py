"""`manage.py flush_tokens`: what `prune` does, for this app alone."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts import expiry
from config.batches import delete_in_batches


class Command(BaseCommand):
    help = (
        "Deletes expired rows: revoked tokens, refresh tokens, sessions, unconfirmed joins, and "
        "counts of wrong passwords older than a month. `prune` deletes more."
    )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        count = {
            name: delete_in_batches(rows.order_by("pk"))
            for name, rows in expiry.expired(timezone.now()).items()
        }
        self.stdout.write(f"{count['revoked access tokens']} revoked access tokens deleted.")
