from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in  # noqa: PLC0415 - models are ready

        from accounts.sign_in import note_address  # noqa: PLC0415

        user_logged_in.connect(note_address, dispatch_uid="accounts.note_address")
