from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import RevokedToken


class Command(BaseCommand):
    help = "Deletes what would be refused for its age anyway: revoked tokens and ended sessions."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        count, _models = RevokedToken.objects.filter(expires_at__lte=timezone.now()).delete()
        call_command("flushexpiredtokens")
        call_command("clearsessions")
        self.stdout.write(f"{count} revoked access tokens deleted.")
