from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save, pre_delete
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")

    def import_models(self) -> None:
        super().import_models()
        import_module("chat.attachments.models")

    def ready(self) -> None:
        _provide_to_accounts()
        _provide_to_quotes()
        _provide_admin_home()
        _connect_signals()


# Each function imports what it needs, because models can only be imported when the apps are ready.


def _provide_to_accounts() -> None:
    from accounts.export.sections import provide_section  # noqa: PLC0415
    from accounts.profile import provide_emptying, provide_quota  # noqa: PLC0415
    from chat.history.archive import conversation_files  # noqa: PLC0415
    from chat.history.deletion import clear_history  # noqa: PLC0415
    from chat.turns import quota  # noqa: PLC0415

    provide_emptying(clear_history)
    provide_section(conversation_files)
    provide_quota(lambda user: quota.status(user).as_dict(), quota.used_today)


def _provide_to_quotes() -> None:
    from chat.answering.embedder import UpstreamEmbedder  # noqa: PLC0415
    from chat.answering.glosser import UpstreamGlosser  # noqa: PLC0415
    from quotes.glosses.asking import provide_glosser  # noqa: PLC0415
    from quotes.search.embeddings import provide_embedder  # noqa: PLC0415

    provide_embedder(UpstreamEmbedder())
    provide_glosser(UpstreamGlosser())


def _provide_admin_home() -> None:
    from chat import home  # noqa: PLC0415
    from config import admin_home  # noqa: PLC0415

    for provider in (home.open_reports, home.verdicts, home.asks_a_day, home.servers):
        admin_home.provide(provider)


def _connect_signals() -> None:
    from allauth.socialaccount.models import SocialAccount  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from chat.attachments import discarding  # noqa: PLC0415
    from chat.attachments.models import Attachment  # noqa: PLC0415
    from chat.live import end_access  # noqa: PLC0415
    from chat.turns import carryover  # noqa: PLC0415

    end_access.connect()
    post_delete.connect(discarding.discard, sender=Attachment, dispatch_uid="chat_discard_file")
    pre_delete.connect(carryover.keep_usage, sender=User, dispatch_uid="chat_keep_usage")
    post_save.connect(carryover.take_over, sender=User, dispatch_uid="chat_take_over")
    post_save.connect(
        carryover.take_over_identity, sender=SocialAccount, dispatch_uid="chat_take_over_identity"
    )
