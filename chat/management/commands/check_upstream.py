"""`manage.py check_upstream`: does each model server answer, and does it have our models?"""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError

from chat.answering import board_model
from chat.upstream import Upstream, UpstreamFailed, default_upstream, running_servers
from chat.upstream.errors import UpstreamMalformed, UpstreamModelNotFound, UpstreamUnauthorized
from config.proxies import proxy_for

_PATH = "Is its path right? That of most servers ends with /v1."
_HINTS: dict[type[UpstreamFailed], str] = {
    UpstreamMalformed: f"What it sends for /models is no list of models. {_PATH}",
    UpstreamUnauthorized: "It does not accept {key}.",
}
_LONGEST_REASON = 200


class Command(BaseCommand):
    help = "Ask each model server for its models, and say which of the settings' it does not have."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if settings.UPSTREAMS:
            self._check_all()
            return
        if not settings.OPENAI_BASE_URL:
            self.stdout.write("No OPENAI_BASE_URL and no OPENAI_API_KEY: the board answers alone.")
            return
        own = {settings.EMBEDDING_MODEL, settings.GLOSS_MODEL, settings.TITLE_MODEL}
        wanted = {*settings.CHAT_MODELS, *own} - {board_model.NAME, ""}
        self.stdout.write(_check(default_upstream(), wanted))

    def _check_all(self) -> None:
        """Tries every server of `UPSTREAMS`, also after one that fails."""
        bad = 0
        for running in running_servers():
            wanted = {model.served_as for model in running.server.models}
            try:
                found = _check(running.upstream, wanted, "its key_env or key_file")
            except CommandError as error:
                bad += 1
                self.stdout.write(f"{running.server.name}: {error}")
            else:
                self.stdout.write(f"{running.server.name}: {found}")
        for name in sorted(_unknown_groups()):
            self.stdout.write(f"UPSTREAMS names the group {name!r}, and there is none.")
        if bad:
            raise CommandError(f"{bad} of {len(settings.UPSTREAMS)} servers do not serve.")


def _check(upstream: Upstream, wanted: set[str], key: str = "OPENAI_API_KEY") -> str:
    """What to say of a server that serves. Raises `CommandError`."""
    place = _place(upstream.base_url)
    try:
        there = upstream.list_models()
    except UpstreamModelNotFound:
        if not upstream.takes_questions():
            raise CommandError(
                f"{place} has neither /models nor /chat/completions. {_PATH}"
            ) from None
        return f"{place} takes questions, but does not say which models it has."
    except UpstreamFailed as failure:
        raise CommandError(f"{place} does not serve: {_reason(failure, key)}") from failure
    if missing := sorted(wanted - {*there}):
        raise CommandError(
            f"{place} has no {', '.join(missing)}. It has: {', '.join(there) or 'none'}"
        )
    return f"{place} has {', '.join(sorted(wanted)) or 'none'}"


def _unknown_groups() -> set[str]:
    models = (model for server in settings.UPSTREAMS for model in server.models)
    named = {group for model in models for group in model.groups}
    return named - set(Group.objects.filter(name__in=named).values_list("name", flat=True))


def _place(url: str) -> str:
    proxy = proxy_for(url)
    return f"{url} (by the proxy {proxy.address}, {proxy.variable})" if proxy else url


def _reason(failure: UpstreamFailed, key: str) -> str:
    """The code, what it means, and what the libraries below say."""
    hint = _HINTS.get(type(failure), str(failure.detail)).replace("{key}", key)
    if failure.upstream_status:
        return f"{failure.code} (status {failure.upstream_status}). {hint}"
    cause: BaseException = failure
    while cause.__cause__:
        cause = cause.__cause__
    said = f" ({str(cause)[:_LONGEST_REASON]})" if cause is not failure else ""
    return f"{failure.code}. {hint}{said}"
