from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_delete
from django.utils.translation import gettext_lazy as _


class QuotesConfig(AppConfig):
    name = "quotes"
    verbose_name = _("Quotes")

    def ready(self) -> None:
        # Models are not loaded before.
        from django.contrib.auth import get_user_model  # noqa: PLC0415

        from quotes.index import ensure_index  # noqa: PLC0415
        from quotes.likes import take_back_likes  # noqa: PLC0415
        from quotes.nearest import ensure  # noqa: PLC0415

        post_migrate.connect(ensure_index, sender=self, dispatch_uid="quotes_index")
        post_migrate.connect(ensure, sender=self, dispatch_uid="quotes_nearest")
        pre_delete.connect(take_back_likes, sender=get_user_model(), dispatch_uid="quotes_likes")
