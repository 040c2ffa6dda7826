"""Asks one server after another, until one has begun to answer."""

import logging
from collections.abc import Callable, Sequence

from chat import metrics
from chat.upstream.deployments import Deployment, Refusal, Use
from chat.upstream.errors import UpstreamFailed, UpstreamModelNotFound

logger = logging.getLogger(__name__)


class Attempts:
    """The servers that may answer one question, as `in_order` has them. `reply` is its id, for the
    log.
    """

    def __init__(self, deployments: Sequence[Deployment], *, reply: int = 0) -> None:
        self._left = list(deployments)
        self._reply = reply
        self._failure: UpstreamFailed | None = None  # of a server that was asked
        self._refusal: UpstreamFailed | None = None  # of one that was not
        self.count = 0

    def next(self, of_request: Callable[[Deployment], int] = lambda _one: 0) -> Use:
        """The next server that can be asked. `of_request` estimates the tokens of the request.
        Raises why there is none: how the last one failed that was asked, or for the shortest time
        why none could be.
        """
        while self._left:
            deployment = self._left.pop(0)
            begun = deployment.begin(of_request)
            if isinstance(begun, Use):
                self.count += 1
                # Another server answers sooner than this one after a wait.
                begun.may_retry = not any(one.refusal() is None for one in self._left)
                return begun
            self._refuse(deployment, begun)
        raise self._failure or self._refusal or UpstreamModelNotFound

    def failed(self, deployment: Deployment, failure: UpstreamFailed, *, goes_on: bool) -> None:
        """Notes how a server that was asked has failed, and whether the next one may be asked:
        no word of its answer has been shown, and the request is not at fault.
        """
        deployment.failed(failure)
        if goes_on:
            self._failure = failure
            self._note(deployment, failure.code)

    def _refuse(self, deployment: Deployment, refusal: Refusal) -> None:
        before, problem = self._refusal, refusal.problem
        if before is None or (problem.wait or 0) < (before.wait or 0):
            self._refusal = problem
        self._note(deployment, refusal.reason)

    def _note(self, deployment: Deployment, reason: str) -> None:
        if not deployment.server:
            return
        metrics.passed_over(server=deployment.server, reason=reason)
        logger.info(
            "passed over server=%s model=%s reason=%s reply=%d",
            deployment.server,
            deployment.model,
            reason,
            self._reply,
        )
