"""The servers that have a model, the order in which they are asked, and what keeps one from it."""

import random
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from django.conf import settings

from chat.upstream import minute_limits
from chat.upstream.breaker import Breaker
from chat.upstream.client import Upstream
from chat.upstream.default import RunningServer, default_upstream, running_servers
from chat.upstream.errors import UpstreamFailed, UpstreamRateLimited, UpstreamUnavailable
from chat.upstream.minute_limits import Taken
from config.upstreams import ServedModel

COOLDOWN, BREAKER, AT_ONCE = "cooldown", "breaker", "at_once"
_LEAST_CONTEXT = 256  # tokens, as of CONTEXT_TOKENS


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a server is not asked now. `problem` is what users get where no other is asked."""

    reason: str
    problem: UpstreamFailed


@dataclass(frozen=True, slots=True)
class Deployment:
    """A model at an upstream. `running` and `served` are those of a server of `UPSTREAMS`, None for
    the one upstream of OPENAI_BASE_URL, which nothing here limits.
    """

    upstream: Upstream
    model: str
    running: RunningServer | None = None
    served: ServedModel | None = None

    @property
    def server(self) -> str:
        return self.upstream.name

    @property
    def served_as(self) -> str:
        """The model's name at a server of `UPSTREAMS`."""
        return self.served.served_as if self.served else ""

    @property
    def breaker(self) -> Breaker:
        if self.served and self.served.embeds:
            return self.upstream.embeddings_breaker
        return self.upstream.breaker_of(self.model)

    @property
    def sees(self) -> bool:
        """Whether it takes pictures."""
        if self.served:
            return "vision" in self.served.capabilities
        return self.model in settings.VISION_MODELS

    def context_tokens(self, max_tokens: int) -> int | None:
        """How many tokens there are for what is sent; None: as the settings say."""
        if not (self.served and self.served.max_context):
            return None
        room = max(_LEAST_CONTEXT, self.served.max_context - max_tokens)
        return min(room, settings.CONTEXT_TOKENS)

    def refusal(self) -> Refusal | None:
        """Why it would not be asked now, apart from the limits of a minute. Changes nothing."""
        if self.running is None:
            return None
        traffic, most = self.running.traffic, self.running.server.max_at_once
        if wait := traffic.cooldown(self.model):
            return Refusal(COOLDOWN, UpstreamRateLimited(wait=wait))
        if wait := self.breaker.wait():
            return Refusal(BREAKER, UpstreamUnavailable(wait=wait))
        if most and traffic.busy >= most:
            return Refusal(AT_ONCE, UpstreamRateLimited())
        return None

    def begin(self, of_request: Callable[["Deployment"], int]) -> "Use | Refusal":
        """Count a request in, whose tokens `of_request` estimates. The caller enters what this
        returns, and leaves it when the answer has ended.
        """
        if self.running is None:
            return Use(self)
        if refusal := self.refusal():
            return refusal
        server, traffic = self.running.server, self.running.traffic
        if not traffic.enter(server.max_at_once):
            return Refusal(AT_ONCE, UpstreamRateLimited())
        taken: Taken | str = ""
        try:
            taken = minute_limits.take(
                server.name,
                requests=server.requests_per_minute,
                tokens=server.tokens_per_minute,
                of_request=lambda: of_request(self),
            )
        finally:
            if not isinstance(taken, Taken):
                traffic.leave()
        if isinstance(taken, Taken):
            return Use(self, taken)
        return Refusal(taken, UpstreamRateLimited(wait=minute_limits.seconds_left()))

    def failed(self, failure: UpstreamFailed) -> None:
        """Notes how a request to it has failed."""
        if self.running:
            self.running.traffic.failed(self.model, failure)


class Use:
    """One request to a deployment, while it is answered. `may_retry` is False where another server
    is asked instead.
    """

    def __init__(self, deployment: Deployment, taken: Taken | None = None) -> None:
        self.deployment = deployment
        self._tokens: int | None = None
        self.may_retry = True
        self._taken = taken

    def count(self, prompt_tokens: int | None, completion_tokens: int | None) -> None:
        """The tokens of the answer, where the server has said how many there were."""
        if prompt_tokens is not None and completion_tokens is not None:
            self._tokens = (self._tokens or 0) + prompt_tokens + completion_tokens

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if self._taken is None or self.deployment.running is None:
            return
        self.deployment.running.traffic.leave()
        was_sent, was_read = _reached(error)
        tokens = self._taken.tokens if self._tokens is None else self._tokens
        self._taken.settle(requests=int(was_sent), tokens=tokens if was_read else 0)


def _reached(error: BaseException | None) -> tuple[bool, bool]:
    """Whether the request came to the server, and whether it began to work at it."""
    if not isinstance(error, UpstreamFailed):
        return True, True
    was_sent = not (error.is_unsent or isinstance(error, UpstreamUnavailable))
    return was_sent, was_sent and error.upstream_status in {0, 200}


def deployments_of(model: str, *, embeds: bool = False) -> list[Deployment]:
    """Those of a model, in the order of the file."""
    if not settings.UPSTREAMS:
        return [Deployment(default_upstream(), model)]
    return [
        Deployment(running.upstream, model, running, served)
        for running in running_servers()
        for served in running.server.models
        if served.name == model and served.embeds == embeds
    ]


def has_groups(deployments: Iterable[Deployment]) -> bool:
    """Whether any of them is for members of groups alone."""
    return any(one.served and one.served.groups for one in deployments)


def for_groups(deployments: Iterable[Deployment], groups: Collection[str]) -> list[Deployment]:
    """Those that members of these groups may use."""
    return [
        one
        for one in deployments
        if not (one.served and one.served.groups) or not one.served.groups.isdisjoint(groups)
    ]


def in_order(
    deployments: Iterable[Deployment],
    *,
    last: str = "",
    pick: Callable[[], float] = random.random,
) -> list[Deployment]:
    """As they are to be asked: first the server that answered last in the conversation, then by
    priority. Within one, chance decides: twice the weight comes first twice as often, and each
    request that a server is answering (in this process) makes it less likely.
    """

    def place(one: Deployment) -> tuple[bool, int, float]:
        if one.running is None:
            return False, 0, 0.0
        server = one.running.server
        share = server.weight / (1 + one.running.traffic.busy)
        # Efraimidis and Spirakis 2006: a sample without replacement, by weights.
        return (
            not (server.is_sticky and server.name == last),
            server.priority,
            -(pick() ** (1 / share)),
        )

    return sorted(deployments, key=place)
