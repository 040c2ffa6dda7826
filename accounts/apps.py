from importlib import import_module

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def import_models(self) -> None:
        super().import_models()
        import_module("accounts.joining.models")
        import_module("accounts.plans.models")

    def ready(self) -> None:
        _connect_signals()
        _connect_sign_ins()
        _connect_sessions()
        _adapt_libraries()


# Each function imports what it needs, because models can only be imported when the apps are ready.


def _connect_signals() -> None:
    from accounts import signals, trail_signals  # noqa: PLC0415
    from accounts.export.own import account_files  # noqa: PLC0415
    from accounts.export.sections import provide_section  # noqa: PLC0415
    from accounts.mfa import events  # noqa: PLC0415
    from accounts.plans import upkeep  # noqa: PLC0415

    signals.connect()
    provide_section(account_files)
    trail_signals.connect()
    upkeep.connect()
    events.connect()


def _adapt_libraries() -> None:
    from accounts.addresses.checks import check_addresses  # noqa: PLC0415
    from accounts.allauth.confirming import patch_confirming  # noqa: PLC0415
    from accounts.allauth.session_forms import patch_session_forms  # noqa: PLC0415
    from accounts.mfa.passkeys import patch_passkeys  # noqa: PLC0415

    patch_session_forms()
    patch_confirming()
    patch_passkeys()
    register(check_addresses, Tags.database)


def _connect_sign_ins() -> None:
    from django.contrib.auth.signals import user_logged_in  # noqa: PLC0415

    from accounts import admin_session  # noqa: PLC0415
    from accounts.limits.password_attempts import remember_source  # noqa: PLC0415
    from accounts.sign_in import record_address  # noqa: PLC0415

    user_logged_in.connect(record_address, dispatch_uid="accounts.record_address")
    user_logged_in.connect(admin_session.open_at_sign_in, dispatch_uid="accounts.open_admin")
    user_logged_in.connect(remember_source, dispatch_uid="accounts.remember_source")


def _connect_sessions() -> None:
    """See `accounts.sessions`, which replaces allauth's own receivers."""
    from allauth.account.signals import password_changed, password_set  # noqa: PLC0415
    from allauth.account.signals import user_logged_in as allauth_logged_in  # noqa: PLC0415
    from allauth.usersessions import signals as usersessions  # noqa: PLC0415
    from django.contrib.auth.signals import user_logged_in, user_logged_out  # noqa: PLC0415
    from django.db.models.signals import post_save, pre_delete  # noqa: PLC0415

    from accounts import sessions  # noqa: PLC0415
    from accounts.models import User  # noqa: PLC0415

    allauth_logged_in.disconnect(usersessions.on_user_logged_in)
    password_changed.disconnect(usersessions.on_password_changed)
    password_set.disconnect(usersessions.on_password_changed)
    user_logged_in.connect(sessions.remember, dispatch_uid="accounts.sessions")
    user_logged_out.connect(sessions.forget, dispatch_uid="accounts.sessions")
    post_save.connect(sessions.end_with_access, User, dispatch_uid="accounts.sessions")
    pre_delete.connect(sessions.end_with_account, User, dispatch_uid="accounts.sessions")
