from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.mfa import encryption
from accounts.mfa.factors import CODE_TYPES

_SECRETS = ("secret", "seed")


class Command(BaseCommand):
    help = (
        "Encrypts the secrets of second factors by the current SECRET_KEY. Run it before a former "
        "key is removed from SECRET_KEY_FALLBACKS."
    )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        rows = Authenticator.objects.filter(type__in=CODE_TYPES).order_by("pk")
        done = [self._renew(pk) for pk in rows.values_list("pk", flat=True).iterator()]
        self.stdout.write(f"{sum(done)} secrets renewed; {done.count(False)} cannot be read.")

    @transaction.atomic
    def _renew(self, pk: int) -> bool:
        factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
        if factor is None:
            return True
        renewed = {
            name: encryption.renewed(factor.data[name]) for name in _SECRETS if name in factor.data
        }
        if None in renewed.values():
            return False
        factor.data.update(renewed)
        factor.save(update_fields=["data"])
        return True
