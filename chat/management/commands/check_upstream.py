"""`manage.py check_upstream`: does the model server answer, and has it the models we name?"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from chat import board
from chat.upstream import UpstreamFailed, list_models


class Command(BaseCommand):
    help = "Ask the model server for its models, and say which of the settings' it does not have."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.OPENAI_BASE_URL:
            self.stdout.write("No OPENAI_BASE_URL and no OPENAI_API_KEY: the board answers alone.")
            return
        try:
            there = list_models()
        except UpstreamFailed as failure:
            raise CommandError(
                f"{settings.OPENAI_BASE_URL} does not serve: {failure.code}"
            ) from failure
        wanted = {*settings.CHAT_MODELS, settings.EMBEDDING_MODEL} - {board.NAME, ""}
        if missing := sorted(wanted - {*there}):
            raise CommandError(
                f"{settings.OPENAI_BASE_URL} has no {', '.join(missing)}. It has: "
                f"{', '.join(there) or 'none'}"
            )
        self.stdout.write(f"{settings.OPENAI_BASE_URL} has {', '.join(sorted(wanted)) or 'none'}")
