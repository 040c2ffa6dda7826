from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        # These import models, which are ready only now.
        from django.contrib.auth.signals import user_logged_in  # noqa: PLC0415

        from accounts import signals  # noqa: PLC0415
        from accounts.addresses.checks import check_addresses  # noqa: PLC0415
        from accounts.allauth.session_forms import patch_session_forms  # noqa: PLC0415
        from accounts.limits.password_attempts import remember_source  # noqa: PLC0415
        from accounts.sign_in import record_address  # noqa: PLC0415

        signals.connect()
        patch_session_forms()
        register(check_addresses, Tags.database)
        user_logged_in.connect(record_address, dispatch_uid="accounts.record_address")
        user_logged_in.connect(remember_source, dispatch_uid="accounts.remember_source")
