"""As much of HTTP/1.1 as a test server needs, and the ways in which faults break it."""

import asyncio
import json
import socket
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

Packets = Callable[[bytes], Iterable[bytes]]

HEAD_BYTES = 64 * 1024
BODY_BYTES = 64 * 1024 * 1024
_CONNECTION_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, 0 seconds


class BadRequest(Exception):  # noqa: N818
    """The bytes are not a request. The server closes the connection."""


@dataclass(frozen=True)
class HTTPRequest:
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""

    @property
    def keeps_alive(self) -> bool:
        return self.headers.get("connection", "").lower() != "close"


async def read_request(reader: asyncio.StreamReader) -> HTTPRequest | None:
    """None when the client has closed the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError:
        raise BadRequest from None
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    method, _, target = first.partition(" ")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    body = await _read_body(reader, headers)
    return HTTPRequest(method, target.split(" ")[0].split("?")[0], headers, body)


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if "chunked" in headers.get("transfer-encoding", ""):
        return await _read_chunks(reader)
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > BODY_BYTES:
        raise BadRequest
    return await reader.readexactly(int(length))


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    try:
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += (await reader.readexactly(size + 2))[:-2]
            if len(body) > BODY_BYTES:
                raise BadRequest
        while (await reader.readline()).strip():
            pass  # trailers
    except ValueError:
        raise BadRequest from None
    return body


class Exchange:
    """A request, and the connection on which it is answered."""

    def __init__(self, request: HTTPRequest, writer: asyncio.StreamWriter) -> None:
        self.request = request
        self.is_reusable = request.keeps_alive
        self.packets: Packets = lambda data: (data,)
        self._writer = writer

    async def send_json(
        self, status: int, payload: Any, headers: Mapping[str, str] | None = None
    ) -> None:
        body = json.dumps(payload, ensure_ascii=False).encode()
        await self.send_whole(status, "application/json", body, headers)

    async def send_whole(
        self, status: int, content_type: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        fields = {"Content-Type": content_type, "Content-Length": str(len(body)), **(headers or {})}
        await self._write(self._head(status, fields) + body)

    async def begin(self, content_type: str) -> None:
        """Sends the head of a chunked response."""
        fields = {"Content-Type": content_type, "Transfer-Encoding": "chunked"}
        await self._write(self._head(200, {**fields, "Cache-Control": "no-cache"}))

    async def send(self, data: bytes, *, is_last: bool = False) -> None:
        """Sends one chunk; with `is_last` also the end of the body."""
        chunk = b"%x\r\n%b\r\n" % (len(data), data)
        await self._write(chunk + b"0\r\n\r\n" if is_last else chunk)

    async def send_raw(self, data: bytes) -> None:
        await self._write(data)

    def cut(self) -> None:
        """Closes the connection, even in the middle of a body."""
        self.is_reusable = False

    def reset(self) -> None:
        """Sends RST, like a machine that has crashed."""
        self.is_reusable = False
        raw: socket.socket = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CONNECTION_RESET)
        self._writer.transport.abort()

    def _head(self, status: int, fields: Mapping[str, str]) -> bytes:
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        lines += [f"Connection: {'keep-alive' if self.is_reusable else 'close'}", "", ""]
        return "\r\n".join(lines).encode()

    async def _write(self, data: bytes) -> None:
        for packet in self.packets(data):
            self._writer.write(packet)
            await self._writer.drain()
