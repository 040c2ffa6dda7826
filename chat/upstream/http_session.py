"""One upstream as HTTP: its base URL, its headers, and how a request to it can fail."""

from collections.abc import Mapping
from http import HTTPStatus

from django.conf import settings
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
)
from urllib3.response import HTTPResponse
from urllib3.util import Timeout

from chat.upstream import error_mapping
from chat.upstream.cancellation import CancelHandle
from chat.upstream.connection import StaleConnection
from chat.upstream.errors import (
    UpstreamDisconnected,
    UpstreamFailed,
    UpstreamMalformed,
    UpstreamTimeout,
    UpstreamUnauthorized,
    UpstreamUnreachable,
)
from chat.upstream.transport import Transport

_STALE_IN_A_ROW = 3
_MAX_ERROR_BYTES = 64 * 1024
# Some gateways answer with another status than 200. Those without a body (204, 205) and with a part
# of one (206) cannot hold an answer.
_ANSWERED = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED})
_ANSWERED |= {HTTPStatus.NON_AUTHORITATIVE_INFORMATION}


class HTTPSession:
    def __init__(self, base_url: str, key: str, transport: Transport) -> None:
        self.base_url = base_url
        self._transport = transport
        self._headers = {
            "User-Agent": f"daesa/{settings.VERSION}",
            "Accept": "text/event-stream, application/json",
            "Content-Type": "application/json",
        }
        if key:
            self._headers["Authorization"] = f"Bearer {key}"

    def get(self, path: str, *, timeout: Timeout) -> HTTPResponse:
        """The response, whatever its status. Raises urllib3's errors, and ValueError for a key
        that cannot be a header.
        """
        url = self.base_url + path
        return self._transport.request("GET", url, headers=self._headers, timeout=timeout)

    def post(
        self,
        path: str,
        *,
        body: bytes,
        headers: Mapping[str, str],
        timeout: Timeout,
        cancel: CancelHandle,
    ) -> HTTPResponse:
        """The response, whatever its status, with its body unread. Raises an UpstreamFailed.

        Sends again on another connection where a kept one turns out to be stale.
        """
        url, headers = self.base_url + path, {**self._headers, **headers}
        for _ in range(_STALE_IN_A_ROW):
            try:
                with cancel.active():
                    return self._transport.request(
                        "POST", url, headers=headers, timeout=timeout, body=body
                    )
            except ProtocolError as error:
                if cancel.is_cancelled or not isinstance(error.args[-1], StaleConnection):
                    raise _failure_of(error) from error
            except HTTPError as error:
                raise _failure_of(error) from error
            except ValueError:  # the key is the only header that could be invalid
                raise UpstreamUnauthorized from None
        raise UpstreamDisconnected(retryable=True)

    def close(self) -> None:
        self._transport.close()


def raise_for_status(response: HTTPResponse, cancel: CancelHandle) -> None:
    """Raises the UpstreamFailed for a response without a body to read, and closes it."""
    if response.status not in _ANSWERED:
        try:
            body = response.read(_MAX_ERROR_BYTES)
        except HTTPError:
            body = b""
        _close(response, cancel)
        raise error_mapping.from_response(
            status=response.status, headers=response.headers, body=body
        )
    if response.headers.get("Content-Encoding", "").strip().lower() not in {"", "identity"}:
        _close(response, cancel)
        raise UpstreamMalformed(upstream_status=response.status)


def _close(response: HTTPResponse, cancel: CancelHandle) -> None:
    cancel.detach()
    response.close()
    response.release_conn()


def _failure_of(error: HTTPError) -> UpstreamFailed:
    cause = error.original_error if isinstance(error, ProxyError) else error
    if isinstance(cause, NewConnectionError):  # a subclass of ConnectTimeoutError in urllib3
        return UpstreamUnreachable(retryable=True)
    if isinstance(cause, (ConnectTimeoutError, ReadTimeoutError, TimeoutError)):
        return UpstreamTimeout(is_unsent=isinstance(cause, ConnectTimeoutError))
    if isinstance(cause, ProtocolError):
        if isinstance(cause.args[-1], ConnectionError):
            return UpstreamDisconnected(retryable=True)
        return UpstreamMalformed()
    return UpstreamUnreachable()
