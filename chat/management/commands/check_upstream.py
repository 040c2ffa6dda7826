"""`manage.py check_upstream`: does the model server answer, and does it have the models we name?"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from chat.answering import board_model
from chat.upstream import UpstreamFailed, default_upstream
from chat.upstream.errors import UpstreamMalformed, UpstreamModelNotFound, UpstreamUnauthorized
from config.proxies import proxy_for

_PATH = "Is its path right? That of most servers ends with /v1."
_HINTS: dict[type[UpstreamFailed], str] = {
    UpstreamMalformed: f"What it sends for /models is no list of models. {_PATH}",
    UpstreamUnauthorized: "It does not accept OPENAI_API_KEY.",
}
_LONGEST_REASON = 200


class Command(BaseCommand):
    help = "Ask the model server for its models, and say which of the settings' it does not have."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.OPENAI_BASE_URL:
            self.stdout.write("No OPENAI_BASE_URL and no OPENAI_API_KEY: the board answers alone.")
            return
        place = _place()
        there = self._models(place)
        if there is None:
            return
        own = {settings.EMBEDDING_MODEL, settings.GLOSS_MODEL}
        wanted = {*settings.CHAT_MODELS, *own} - {board_model.NAME, ""}
        if missing := sorted(wanted - {*there}):
            raise CommandError(
                f"{place} has no {', '.join(missing)}. It has: {', '.join(there) or 'none'}"
            )
        self.stdout.write(f"{place} has {', '.join(sorted(wanted)) or 'none'}")

    def _models(self, place: str) -> list[str] | None:
        """None: the server takes questions, and has no list of models."""
        try:
            return default_upstream().list_models()
        except UpstreamModelNotFound:
            if not default_upstream().takes_questions():
                raise CommandError(
                    f"{place} has neither /models nor /chat/completions. {_PATH}"
                ) from None
            self.stdout.write(f"{place} takes questions, but does not say which models it has.")
            return None
        except UpstreamFailed as failure:
            raise CommandError(f"{place} does not serve: {_reason(failure)}") from failure


def _place() -> str:
    url: str = settings.OPENAI_BASE_URL
    proxy = proxy_for(url)
    return f"{url} (by the proxy {proxy.address}, {proxy.variable})" if proxy else url


def _reason(failure: UpstreamFailed) -> str:
    """The code, what it means, and what the libraries below say."""
    hint = _HINTS.get(type(failure), str(failure.detail))
    if failure.upstream_status:
        return f"{failure.code} (status {failure.upstream_status}). {hint}"
    cause: BaseException = failure
    while cause.__cause__:
        cause = cause.__cause__
    said = f" ({str(cause)[:_LONGEST_REASON]})" if cause is not failure else ""
    return f"{failure.code}. {hint}{said}"
