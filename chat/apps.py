from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")

    def ready(self) -> None:
        from accounts.profile import provide_quota  # noqa: PLC0415 - models must be loaded
        from chat.meanings import embedder  # noqa: PLC0415
        from chat.quota import standing  # noqa: PLC0415
        from quotes.embeddings import provide_embedder  # noqa: PLC0415

        provide_quota(lambda user: standing(user).as_dict())
        provide_embedder(embedder)
