from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class QuotesConfig(AppConfig):
    name = "quotes"
    verbose_name = _("Quotes")

    def ready(self) -> None:
        from quotes.index import ensure_index  # noqa: PLC0415 - models are not loaded before

        post_migrate.connect(ensure_index, sender=self, dispatch_uid="quotes_index")
