"""The server: routes requests, keeps connections alive, notices when a client leaves."""

import asyncio
import contextlib
import json
import ssl
from typing import Any

from fakeopenai.completion import CREATED, MODEL, Completion, InvalidRequest, complete
from fakeopenai.embedding import EMBEDDING_MODEL, embed
from fakeopenai.exchange import HEAD_BYTES, BadRequest, Exchange, read_request
from fakeopenai.faults import FAULTS, answer, error_body
from fakeopenai.record import Record

BACKLOG = 4096
OWN = "/_/"  # requests below it are about the server, and are not recorded


class Server:
    def __init__(self, *, delay: float = 0.0) -> None:
        self.record = Record()
        self._delay = delay
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> str:
        """Returns the URL that OPENAI_BASE_URL should name. Port 0 takes a free one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self), host, port, backlog=BACKLOG, ssl=tls
        )
        port = self._server.sockets[0].getsockname()[1]
        scheme = "https" if tls else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/v1"

    async def close(self) -> None:
        if self._server:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        if self._connections:
            await asyncio.wait(self._connections, timeout=1)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None  # noqa: S101
        self._connections.add(connection)
        try:
            while await self._serve_one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has left
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            self._connections.discard(connection)

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection may be used again."""
        try:
            request = await read_request(reader)
        except BadRequest:
            return False
        if request is None:
            return False
        exchange = Exchange(request, writer)
        if not request.path.startswith(OWN):
            self.record.add(request)
        await self._route(exchange)
        return exchange.is_reusable

    async def _route(self, exchange: Exchange) -> None:
        request = exchange.request
        match request.method, request.path:
            case "GET", "/v1/models":
                await exchange.send_json(200, _models())
            case "POST", "/v1/chat/completions":
                await self._complete(exchange)
            case "POST", "/v1/embeddings":
                await self._embed(exchange)
            case "GET", "/_/requests":
                await exchange.send_json(200, list(self.record.requests))
            case "DELETE", "/_/requests":
                self.record.clear()
                await exchange.send_json(200, {})
            case "GET", "/_/stats":
                await exchange.send_json(200, self.record.stats())
            case _:
                message = f"Unknown request URL: {request.method} {request.path}."
                await _refuse(exchange, 404, message, code="unknown_url")

    async def _embed(self, exchange: Exchange) -> None:
        try:
            body = _json_body(exchange)
            vectors = embed(body)
        except InvalidRequest as invalid:
            await _refuse(exchange, 400, str(invalid), param=invalid.param)
            return
        name = str(body.get("model", "")).removeprefix(EMBEDDING_MODEL).removeprefix("-")
        if name in FAULTS:
            completion = Completion(model=EMBEDDING_MODEL, pieces=(), fault=name)
            await FAULTS[name].play(exchange, completion, self.record)
        else:
            await exchange.send_json(200, vectors)

    async def _complete(self, exchange: Exchange) -> None:
        self.record.open += 1
        try:
            await self._play(exchange)
        except (asyncio.CancelledError, ConnectionError):
            self.record.aborted += 1
            raise
        else:
            self.record.finished += 1
        finally:
            self.record.open -= 1

    async def _play(self, exchange: Exchange) -> None:
        try:
            completion = complete(_json_body(exchange), delay=self._delay)
        except InvalidRequest as invalid:
            await _refuse(exchange, 400, str(invalid), param=invalid.param)
            return
        if completion.fault == "":
            await answer(exchange, completion)
        elif completion.fault in FAULTS:
            await FAULTS[completion.fault].play(exchange, completion, self.record)
        else:
            message = f"The model `{completion.model}` does not exist."
            await _refuse(exchange, 404, message, code="model_not_found", param="model")


class _Connection(asyncio.StreamReaderProtocol):
    """Cancels its request as soon as the client closes, even while nothing is being written."""

    def __init__(self, server: Server) -> None:
        super().__init__(asyncio.StreamReader(limit=HEAD_BYTES), self._serve)
        self._owner = server
        self._serving: asyncio.Task[Any] | None = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving = asyncio.current_task()
        with contextlib.suppress(asyncio.CancelledError):  # asyncio would log it
            await self._owner.serve(reader, writer)

    def eof_received(self) -> bool:
        super().eof_received()
        return False  # closes the connection; clients of this server do not half-close

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        if self._serving:
            self._serving.cancel()


def _json_body(exchange: Exchange) -> dict[str, Any]:
    try:
        body = json.loads(exchange.request.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise InvalidRequest("We could not parse the JSON body of your request.", "")
    return body


async def _refuse(
    exchange: Exchange, status: int, message: str, *, code: str | None = None, param: str = ""
) -> None:
    body = error_body(message, kind="invalid_request_error", code=code, param=param or None)
    await exchange.send_json(status, body)


def _models() -> dict[str, Any]:
    names = [MODEL, EMBEDDING_MODEL, *(f"{MODEL}-{name}" for name in FAULTS)]
    rows = [
        {"id": name, "object": "model", "created": CREATED, "owned_by": "daesa"} for name in names
    ]
    return {"object": "list", "data": rows}
