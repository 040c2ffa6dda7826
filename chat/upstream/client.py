"""The client of one OpenAI-compatible server: `Upstream`."""

from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import NotRequired, TypedDict

from urllib3.response import HTTPResponse
from urllib3.util import Timeout

from chat.upstream import embeddings, model_list
from chat.upstream.answer import Answer
from chat.upstream.breaker import Breaker
from chat.upstream.call_log import CallLog
from chat.upstream.cancellation import CancelHandle
from chat.upstream.errors import UpstreamFailed, UpstreamUnavailable, UpstreamUnreachable
from chat.upstream.health import HealthCheck
from chat.upstream.http_session import HTTPSession, raise_for_status
from chat.upstream.model_state import ModelState, ModelStates
from chat.upstream.options import ClientOptions
from chat.upstream.parameters import Adaptation, Picture, Request
from chat.upstream.transport import PooledTransport, Transport
from config.upstreams import ServedModel

PATH = "/chat/completions"
NO_REQUEST = "-"
_REQUEST_ID_HEADERS = ("X-Request-ID", "X-Client-Request-Id")  # vLLM's name, and OpenAI's


class ChatMessage(TypedDict):
    """`asked_in` is the key of the question, where files go with it; it is not sent."""

    role: str
    content: str
    pictures: NotRequired[Sequence[Picture]]
    asked_in: NotRequired[int]


class Upstream:
    """A model server with its connections, its key, and what is known of its models. Threads may
    share one; forked processes must not, since they cannot share a connection.

    `base_url` is what OPENAI_BASE_URL names; without it, every call raises UpstreamUnreachable.
    Each model has a circuit breaker of its own, and so have embeddings: a model that fails says
    nothing about another. Of a server of `UPSTREAMS`, `name` is its name, and `models` are what it
    has, by their public names, under which they are asked for here.
    """

    def __init__(  # noqa: PLR0913 - each is a choice of its own
        self,
        base_url: str,
        key: str = "",
        *,
        options: ClientOptions | None = None,
        transport: Transport | None = None,
        name: str = "",
        models: Mapping[str, ServedModel] | None = None,
    ) -> None:
        self.base_url = base_url
        self.name = name
        self.options = options = options or ClientOptions()
        self._served = models or {}
        self._models = ModelStates(options)
        self.embeddings_breaker = Breaker(options.breaker_failures, options.breaker_seconds)
        self._key = key
        self._http = HTTPSession(base_url, key, transport or PooledTransport(base_url, options))
        self._health = HealthCheck(self._http, self._models, options)

    def breaker_of(self, model: str) -> Breaker:
        return self._models.of(model).breaker

    def open_answer(  # noqa: PLR0913 - each is a choice of its own
        self,
        *,
        model: str,
        messages: Sequence[ChatMessage],
        temperature: float,
        max_tokens: int,
        request_id: str = NO_REQUEST,
        person: int | None = None,
        may_retry: bool = True,
    ) -> Answer:
        """The answer to the messages. The request is sent when the answer is iterated, so that
        `Answer.close` can end every wait. The caller must iterate the answer or close it.
        `person` is the id of the user who asks, for the breaker; it is not sent. `may_retry` is
        False where another server is asked instead.
        """
        state, cancel = self._models.of(model), CancelHandle()
        log = CallLog(model=model, breaker=state.breaker, person=person, server=self.name)
        if served := self._served.get(model):
            messages = _in_roles_of(served, messages)
        request = Request(self._name_of(model), messages, temperature, max_tokens)
        headers = {} if request_id == NO_REQUEST else dict.fromkeys(_REQUEST_ID_HEADERS, request_id)
        send = partial(
            self._send,
            request=request,
            state=state,
            headers=headers,
            log=log,
            cancel=cancel,
            retries=self.options.retries if may_retry else 0,
        )
        return Answer(send=send, log=log, cancel=cancel, options=self.options)

    def embed(self, texts: Sequence[str], *, model: str, seconds: float) -> list[list[float]]:
        """The vectors of the texts, in their order, within so many seconds in total. Raises an
        UpstreamFailed. Does not retry.
        """
        self._check(self.embeddings_breaker)
        log = CallLog(model=model, breaker=self.embeddings_breaker, server=self.name)
        name, options = self._name_of(model), self.options
        try:
            vectors = embeddings.embed(
                self._http, texts, model=name, seconds=seconds, options=options, log=log
            )
        except UpstreamFailed as failure:
            log.fail(failure)
            raise
        log.mark_alive()
        log.end()
        return vectors

    def list_models(self) -> list[str]:
        """The names of the server's models, sorted. Raises an UpstreamFailed."""
        if not self.base_url:
            raise UpstreamUnreachable
        timeout = self.options.chunk_timeout  # no model has to be loaded for it
        return model_list.list_models(self.base_url, self._key, timeout=timeout)

    def takes_questions(self) -> bool:
        """Whether the server has the endpoint for questions. Asks none, so it costs nothing."""
        timeout = Timeout(connect=self.options.connect_timeout, read=self.options.health_timeout)
        try:
            response = self._http.post(
                PATH, body=b"{}", headers={}, timeout=timeout, cancel=CancelHandle()
            )
        except UpstreamFailed:
            return False
        response.close()
        return response.status not in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}

    def health(self) -> str:
        """`ok`, `unavailable` or `not_configured`; at most `health_seconds` old."""
        return self._health.state()

    def close(self) -> None:
        """Closes the idle connections."""
        self._http.close()

    def _name_of(self, model: str) -> str:
        """Its name at the server."""
        served = self._served.get(model)
        return served.served_as if served else model

    def _check(self, breaker: Breaker) -> None:
        if not self.base_url:
            raise UpstreamUnreachable
        if wait := breaker.admit():
            raise UpstreamUnavailable(wait=wait)

    def _send(  # noqa: PLR0913 - each is of one request
        self,
        *,
        request: Request,
        state: ModelState,
        headers: Mapping[str, str],
        log: CallLog,
        cancel: CancelHandle,
        retries: int,
    ) -> HTTPResponse:
        """The response whose body is the answer. Raises an UpstreamFailed after the retries."""
        self._check(state.breaker)
        adaptation, failures = Adaptation(state.refused), 0
        while True:
            log.attempts += 1
            try:
                body = request.body(adaptation.refused)
                response = self._post(body, headers=headers, log=log, cancel=cancel)
            except UpstreamFailed as failure:
                if adaptation.follow(failure.complaint):
                    wait: float | None = 0
                else:
                    failures += 1
                    may_retry = failures <= retries
                    wait = self._wait_before_retry(failure, failures) if may_retry else None
                if wait is None or cancel.wait(wait):
                    raise
            else:
                state.learn(adaptation)
                return response

    def _post(
        self, body: bytes, *, headers: Mapping[str, str], log: CallLog, cancel: CancelHandle
    ) -> HTTPResponse:
        options = self.options
        timeout = Timeout(connect=options.connect_timeout, read=options.first_byte_timeout)
        response = self._http.post(PATH, body=body, headers=headers, timeout=timeout, cancel=cancel)
        log.status = response.status
        raise_for_status(response, cancel)
        return response

    def _wait_before_retry(self, failure: UpstreamFailed, attempts: int) -> float | None:
        """Seconds; None where a retry is no use. Exponential with full jitter, so that clients that
        failed together do not retry together.
        """
        options = self.options
        if not failure.retryable:
            return None
        if failure.wait is not None:
            return failure.wait if failure.wait <= options.longest_retry_after else None
        return options.jitter(
            0, min(options.backoff_cap, options.backoff_base * 2 ** (attempts - 1))
        )


def _in_roles_of(served: ServedModel, messages: Sequence[ChatMessage]) -> Sequence[ChatMessage]:
    """The messages with the role that the model takes for the system's."""
    role = served.system_role
    if role == "system":
        return messages
    return [{**one, "role": role} if one["role"] == "system" else one for one in messages]
