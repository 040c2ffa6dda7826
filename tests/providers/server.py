"""A provider on loopback: what Kakao, Naver, GitHub and OpenID providers have in common of OAuth
2.0. It is as strict as they are: a code is used once, with its client, redirect URI and PKCE
verifier. The modules beside this one speak each provider's own wire.

    with Kakao() as provider:
        provider.person["nickname"] = "홍길동"
        provider.url              # for KAKAO_BASE_URL

Whoever comes to its page agrees at once and goes back. `error` lets the next one come back with an
error, and `faults` replaces the answers of a path.
"""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

CLIENT_ID, SECRET = "daesa-client", "daesa-secret"


@dataclass
class Asked:
    """A request that has arrived."""

    method: str
    path: str
    fields: dict[str, str]
    headers: Message


@dataclass
class Reply:
    status: int = 200
    body: Any = None  # bytes as they are, anything else as JSON
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Fault = Reply | Callable[[Any], None]  # a function writes to the handler itself


@dataclass
class Granted:
    """What a code stands for."""

    fields: dict[str, str]
    person: dict[str, Any]


class Provider:
    AUTHORIZE: ClassVar[str]
    TOKEN: ClassVar[str]

    def __init__(self) -> None:
        self.person: dict[str, Any] = {}
        self.error = ""
        self.error_description = ""
        self.faults: dict[str, Fault] = {}
        self.asked: list[Asked] = []
        self.on_arrival: Callable[[Asked], None] = lambda _asked: None
        self.codes: dict[str, Granted] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def asked_for(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.path == path]

    # --- The wire -----------------------------------------------------------------------------

    def answer(self, asked: Asked) -> Reply:
        if asked.path == self.AUTHORIZE:
            return self.authorize(asked)
        if asked.path == self.TOKEN:
            return self.token(asked)
        return self.resource(asked)

    def authorize(self, asked: Asked) -> Reply:
        given = asked.fields
        if given.get("client_id") != CLIENT_ID or given.get("response_type") != "code":
            return Reply(400, {"error": "invalid_request"})
        if self.error:
            said = {"error": self.error, "error_description": self.error_description}
            self.error = ""
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = Granted(given, dict(self.person))
            said = {"code": code, **self.beside_code()}
        query = urlencode({**said, "state": given.get("state", "")})
        return Reply(302, b"", {"Location": f"{given['redirect_uri']}?{query}"})

    def beside_code(self) -> dict[str, str]:
        return {}

    def token(self, asked: Asked) -> Reply:
        given = asked.fields
        if self.client_of(asked) != (CLIENT_ID, SECRET):
            return self.refusal("invalid_client")
        granted = self.codes.pop(given.get("code", ""), None)
        if granted is None or not self._fits(granted, given):
            return self.refusal("invalid_grant")
        token = secrets.token_urlsafe(16)
        self.tokens[token] = granted.person
        return Reply(200, {**self.token_body(granted), "access_token": token})

    def client_of(self, asked: Asked) -> tuple[str, str]:
        scheme, _, value = asked.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            name, _, password = base64.b64decode(value).decode().partition(":")
            return unquote_plus(name), unquote_plus(password)
        return asked.fields.get("client_id", ""), asked.fields.get("client_secret", "")

    def _fits(self, granted: Granted, given: dict[str, str]) -> bool:
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return (
            given.get("grant_type") == "authorization_code"
            and given.get("redirect_uri") == granted.fields["redirect_uri"]
            and granted.fields.get("code_challenge_method") == "S256"
            and granted.fields.get("code_challenge") == challenge
        )

    def token_body(self, granted: Granted) -> dict[str, Any]:
        return {"token_type": "bearer", "expires_in": 21599, "refresh_token": "never-kept"}

    def refusal(self, error: str) -> Reply:
        return Reply(400, {"error": error, "error_description": "said by the provider"})

    def resource(self, asked: Asked) -> Reply:
        raise NotImplementedError

    def person_of(self, asked: Asked) -> dict[str, Any] | None:
        """Whose access token came along."""
        scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
        return self.tokens.get(token) if scheme in {"Bearer", "token"} else None


def _handler_of(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._respond(Asked("GET", parts.path, dict(parse_qsl(parts.query)), self.headers))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            fields = dict(parse_qsl(body, keep_blank_values=True))
            self._respond(Asked("POST", urlsplit(self.path).path, fields, self.headers))

        def _respond(self, asked: Asked) -> None:
            provider.asked.append(asked)
            provider.on_arrival(asked)
            fault = provider.faults.get(asked.path)
            if fault is not None and not isinstance(fault, Reply):
                self.close_connection = True
                fault(self)
                return
            reply = fault or provider.answer(asked)
            content = reply.content
            self.send_response(reply.status)
            kind = {"Content-Type": "application/json;charset=UTF-8"}
            for name, value in {**kind, **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: Any) -> None:
            """Nothing: tests look at what was asked."""

    return Handler
