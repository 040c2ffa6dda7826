"""A connection to an upstream: sending a request, and reading the head of the response."""

import http
import http.client
import logging
import re
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any, cast

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse

from chat.upstream import cancellation
from chat.upstream.socket_state import has_unrequested_bytes, is_readable

_HEAD_BUFFER_BYTES = 1024
_SEND_BYTES = 16 * 1024
_MAX_INTERIM_RESPONSES = 64
_SWITCHING_PROTOCOLS = 101
_HTTP_1_1 = 11
_NUMBER = re.compile(r"[0-9]{1,18}")

# It warns about full pools and odd header fields, which are normal here.
logging.getLogger("urllib3").setLevel(logging.ERROR)


class StaleConnection(http.client.HTTPException):
    """The server closed a kept connection before the request arrived, or bytes were waiting on it
    before the request was sent. The server has not answered the request, so sending it again does
    not count as a retry.
    """


class _EndedAfterInterim(ConnectionError):  # noqa: N818
    """The connection ended after an interim response. The server had accepted the request, so the
    connection was not stale.
    """


class _ResponseHead(http.client.HTTPResponse):
    """Reads the head with a small buffer, since the buffer lives as long as the answer. The body is
    read from the socket (`chat.upstream.response_body`).
    """

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = cast("Any", sock).makefile("rb", buffering=_HEAD_BUFFER_BYTES)
        self._socket = sock
        self.has_clear_framing = False  # exactly one field says where the body ends

    def begin(self) -> None:
        super().begin()
        codings, length = self._transfer_codings(), self._content_length()
        if codings in {"", "identity"}:
            self.length = 0 if self.length == 0 else length
        self.has_clear_framing = length is not None and not codings
        if codings == "chunked":
            self.has_clear_framing = length is None and self.version == _HTTP_1_1

    def _transfer_codings(self) -> str:
        """Raises HTTPException for a coding that was not requested."""
        codings = ",".join(self.headers.get_all("Transfer-Encoding", ())).strip().lower()
        if codings not in {"", "chunked", "identity"}:
            raise http.client.HTTPException("a transfer coding that was not requested")
        return codings

    def _content_length(self) -> int | None:
        """Raises HTTPException for contradictory or invalid lengths (RFC 9112, 6.3). http.client
        would take the first one, or read until the connection closes.
        """
        fields = self.headers.get_all("Content-Length", ())
        values = {value.strip() for field in fields for value in field.split(",")}
        if len(values) > 1 or not all(_NUMBER.fullmatch(value) for value in values):
            raise http.client.HTTPException("contradictory or invalid Content-Length")
        return int(values.pop()) if values else None

    def _read_status(self) -> tuple[str, int, str]:
        """The status line of the final response. http.client skips only status 100, and would take
        any other interim response (RFC 9110, 15.2) for the final one. The read timeout limits all
        heads together.
        """
        timeout = self._socket.gettimeout()
        end = time.monotonic() + timeout if timeout else None
        for number in range(_MAX_INTERIM_RESPONSES + 1):
            version, status, reason = self._read_one_status(is_first=not number)
            if status >= http.HTTPStatus.OK:
                return version, status, reason
            if status == _SWITCHING_PROTOCOLS:
                raise http.client.HTTPException("switched protocols without being asked")
            http.client.parse_headers(self.fp)
            if end:
                self._set_deadline(end)
        raise http.client.HTTPException("too many interim responses")

    def _read_one_status(self, *, is_first: bool) -> tuple[str, int, str]:
        try:
            return super()._read_status()  # type: ignore[misc, no-any-return]  # not in the stubs
        except ConnectionError as error:
            if is_first:
                raise
            raise _EndedAfterInterim from error

    def _set_deadline(self, end: float) -> None:
        seconds = end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        self._socket.settimeout(seconds)


class UpstreamConnection(HTTPConnection):
    """`may_be_kept` is set by the reader of the body once it has seen the framed end and nothing
    after it. `on_unrequested_bytes` is called when the server has sent bytes without a request.
    """

    response_class = _ResponseHead
    on_unrequested_bytes: Callable[[], None]
    may_be_kept = False
    is_answered_early = False  # bytes came before the request was completely sent
    _has_answered = False

    def connect(self) -> None:
        self._has_answered = False
        super().connect()
        self._attach_to_cancel_handle()

    def request(self, *args: Any, **kwargs: Any) -> None:
        self.may_be_kept = self.is_answered_early = False
        self._attach_to_cancel_handle()
        try:
            super().request(*args, **kwargs)
        except ConnectionError as error:
            if not self._has_answered:
                # urllib3 then looks for a response that came before the connection ended.
                self.is_answered_early = True
            raise self._stale_or(error) from error

    def send(self, data: Any) -> None:
        """Sends in pieces, and checks before each piece whether bytes have arrived.

        On a used connection they belong to an earlier request. On a new one they are a refusal
        that did not wait for the body; the rest of the body is then not sent (RFC 9112, 9.5).
        """
        for start in range(0, len(data), _SEND_BYTES):
            if self.sock and is_readable(self.sock):
                if self._has_answered:
                    if has_unrequested_bytes(self.sock):
                        self.on_unrequested_bytes()
                    raise StaleConnection
                if not isinstance(self.sock, ssl.SSLSocket):  # could be a TLS session ticket
                    self.is_answered_early = True
                    return
            super().send(data[start : start + _SEND_BYTES])

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in urllib3
        try:
            response = super().getresponse()
        except _EndedAfterInterim:
            raise
        except ConnectionError as error:  # RemoteDisconnected is one
            raise self._stale_or(error) from error
        self._has_answered = True
        return response

    def _stale_or(self, error: ConnectionError) -> Exception:
        return StaleConnection() if self._has_answered else error

    def _attach_to_cancel_handle(self) -> None:
        handle = cancellation.current.get()
        if handle and self.sock:
            handle.attach(self.sock)


class SecureUpstreamConnection(UpstreamConnection, HTTPSConnection):
    pass
