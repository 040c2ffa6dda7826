from typing import Any

from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand
from django.utils import timezone
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts import sessions
from accounts.addresses.confirmations import delete_expired_confirmations
from accounts.join import delete_expired_joins
from accounts.models import RevokedToken, SignInSource, TokenFamily
from config.batches import delete_in_batches


class Command(BaseCommand):
    help = (
        "Deletes expired rows: revoked tokens, refresh tokens, sessions, unconfirmed joins, and "
        "counts of wrong passwords older than a month."
    )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        # An expired token is still accepted within the leeway, so its row must stay that long.
        now = timezone.now()
        past = now - api_settings.LEEWAY
        count = delete_in_batches(RevokedToken.objects.filter(expires_at__lte=past).order_by("pk"))
        # The libraries' own commands delete all rows by one statement.
        delete_in_batches(OutstandingToken.objects.filter(expires_at__lte=past).order_by("pk"))
        delete_in_batches(TokenFamily.objects.filter(expires_at__lte=past).order_by("pk"))
        delete_in_batches(Session.objects.filter(expire_date__lt=now).order_by("pk"))
        delete_in_batches(sessions.without_session().order_by("pk"))
        delete_in_batches(SignInSource.objects.stale().order_by("pk"))
        delete_expired_joins()
        delete_expired_confirmations()
        self.stdout.write(f"{count} revoked access tokens deleted.")
