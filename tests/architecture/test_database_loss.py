"""The database fails at each statement of each endpoint in turn, once. Every answer is then either
the one that the endpoint gives anyway, or 503 with Retry-After; the ledger stays exact, nothing is
stored twice, and no connection is missing from the pool.

The routes come from the URL configuration, their methods and statuses from the ownership matrix.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.core.cache import cache as counters
from django.db import connection, connections
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tokens import Refresh
from chat.models import Chat, Citation, Conversation, MarkReport, Reply, Status
from chat.turns import quota, recover
from quotes.models import Quote
from tests.architecture.frail import AFTER, BEFORE
from tests.architecture.routes import ROUTES
from tests.architecture.test_ownership import (
    ACCEPTED,
    OURS,
    RULES,
    WHO,
    Hers,
    body_for,
    make_attachment,
)
from tests.chat.asking import EVENT_STREAM
from tests.factories import PASSWORD, client_with, make_personal_token, make_quote, make_user
from tests.ledger import assert_ledger_is_exact

pytestmark = pytest.mark.one_database

_numbers = count(1)
JSON = "application/json"
HEALTH = {"health", "health-ready"}  # 503 is their own answer
ASKING = {
    ("chat:chats", "POST"),
    ("chat:streams", "POST"),
    ("chat:replies", "POST"),
    ("chat:continue", "POST"),
}


@dataclass(frozen=True)
class Case:
    """A request. `wanted` is its status when nothing fails; `personal`: with a personal token."""

    name: str
    method: str
    wanted: int
    headers: Mapping[str, str] = field(default_factory=dict)
    personal: bool = False

    def __str__(self) -> str:
        kind = ["with a personal token"] if self.personal else []
        return " ".join([self.method, self.name, *self.headers.values(), *kind])

    @property
    def is_repeated(self) -> bool:
        """Reads and questions are repeated by the server, so that one failure is not seen."""
        return self.is_read or (self.name, self.method) in ASKING

    @property
    def is_read(self) -> bool:
        return self.method == "GET" and self.name != "accounts:logout"


def of_rule(name: str) -> list[Case]:
    who = WHO.index("staff" if name == "quotes:export" else "alice")
    return [Case(name, method, cell[who]) for method, cell in RULES[name].methods.items()]


CASES = [
    *(case for name in OURS for case in of_rule(name)),
    Case("chat:chats", "POST", 200, {"Accept": EVENT_STREAM}),
    Case("chat:chats", "POST", 201, {"Idempotency-Key": "one"}),
    Case("chat:chats", "POST", 201, personal=True),
    Case("chat:replies", "POST", 201, personal=True),
    Case("chat:continue", "POST", 200),
    Case("chat:continue", "POST", 200, personal=True),
    Case("chat:continue", "POST", 200, {"Idempotency-Key": "one"}),
    Case("chat:chats", "GET", 200, personal=True),
    Case("chat:replies", "POST", 200, {"Accept": EVENT_STREAM}),
    Case("chat:replies", "POST", 201, {"Idempotency-Key": "one"}),
    Case("chat:stream", "GET", 200, {"Last-Event-ID": str(len("only alice may read this"))}),
    Case("chat:conversation", "GET", 200, {"Accept": "text/markdown"}),
    Case("quotes:export", "GET", 200, {"Accept": "text/csv"}),
]


@pytest.fixture(autouse=True)
def _board_answers(settings):
    """The built-in model answers, in the request's own thread, and so on the failing connection. A
    continuation takes a unit.
    """
    settings.CONTINUATION_UNITS = 1
    settings.DEFAULT_MODEL, settings.CHAT_MODELS, settings.OPENAI_BASE_URL = "board", ["board"], ""
    settings.WRITES_PER_MINUTE = 0
    settings.GENERATE_IN_BACKGROUND = False


def new_user(*, is_staff: bool) -> User:
    return make_user(f"person-{next(_numbers)}", is_staff=is_staff, is_superuser=is_staff)


def hers(case: Case) -> tuple[User, Hers]:
    """A user of her own for each request, so that none meets what another one left."""
    is_staff = case.name == "quotes:export"
    user = new_user(is_staff=is_staff)
    conversation = Conversation.objects.create(user=user, title="A title")
    chat = Chat.objects.create(user=user, conversation=conversation, content="A question")
    text = "only alice may read this"
    reply = Reply(user=user, chat=chat, status=Status.FAILED, content=text, model="board")
    if (case.name, case.wanted) == ("chat:continue", 200):
        reply.status, reply.finish_reason = Status.DONE, "length"
        reply.charged_day = quota.reserve(user=user).day
    reply.save()
    chat.chat_reply = reply
    chat.save()
    cited = Citation.objects.create(reply=reply, text=text, start=0, end=4, verdict="unknown")
    report = MarkReport.objects.create(user=user, citation=cited, reason="other")
    token, _raw = make_personal_token(user)
    line = make_quote(user, f"Line {next(_numbers)}")
    family = Refresh.for_user(user).sid
    attachment = make_attachment(user)
    return user, Hers(conversation, chat, reply, report, line, token, family, attachment)


def body_of(case: Case, user: User) -> Any:
    body = body_for(case.name, case.method, user)
    if case.name == "accounts:join" and body:
        body["email"] = f"new-{next(_numbers)}@example.com"
    if case.name == "quotes:quotes" and body:
        body["content"] = f"A line of my own, number {next(_numbers)}"
    return body


@dataclass
class Answer:
    status: int
    kind: str
    headers: Any
    text: bytes
    is_whole: bool


def send(client: Client, case: Case, path: str, body: Any) -> Answer:
    """The answer as a server would send it. Raises what fails before its first byte."""
    data = b"" if body is None else APIClient()._encode_data(body, None, JSON)[0]  # type: ignore[attr-defined]
    headers = {"Accept": ACCEPTED.get(case.name, "*/*"), **case.headers}
    response: Any = client.generic(case.method, path, data, JSON, headers=headers)
    parts: list[bytes] = []
    is_whole = True
    try:
        parts.extend(response.streaming_content if response.streaming else [response.content])
    except Exception:
        if not b"".join(parts):
            raise
        is_whole = False
    response.close()
    kind = response["Content-Type"] if response.has_header("Content-Type") else ""
    return Answer(response.status_code, kind, response, b"".join(parts), is_whole)


def assert_unavailable(answer: Answer) -> None:
    assert answer.status == 503, answer.text
    assert answer.kind == "application/problem+json"
    assert b'"code":"database_unavailable"' in answer.text
    assert answer.headers["Retry-After"] == "5"


def rows_of(user: User) -> list[int]:
    """How many rows the request's user has, and all users together."""
    return [
        User.objects.count(),
        Conversation.objects.filter(user=user).count(),
        Chat.objects.filter(user=user).count(),
        Reply.objects.filter(user=user).count(),
        Quote.objects.filter(user=user).count(),
    ]


def change(before: list[int], after: list[int]) -> list[int]:
    return [b - a for a, b in zip(before, after, strict=True)]


def give_connections_back() -> None:
    connections.close_all()
    if connection.vendor == "postgresql":
        assert connection.pool_stats()["used"] == 0  # type: ignore[attr-defined]


def assert_no_turn_is_lost() -> None:
    """What a lost answer of the database leaves is ended like any turn without a writer."""
    assert_ledger_is_exact()
    recover.reap(silent_for=timedelta(minutes=-1))
    assert not Reply.objects.filter(status=Status.STREAMING).exists()
    assert_ledger_is_exact()


WHEN = [BEFORE, AFTER] if connection.vendor == "postgresql" else [BEFORE]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_failure_at_each_statement(frail, client_for, case):
    def attempt(at: int, when: str) -> tuple[Answer, list[int], bool]:
        counters.clear()
        user, owned = hers(case)
        client = client_with(make_personal_token(user)[1]) if case.personal else client_for(user)
        client.raise_request_exception = False
        path, body, before = owned.path(case.name), body_of(case, user), rows_of(user)
        give_connections_back()
        with frail.armed(at, when):
            answer = send(client, case, path, body)
            is_struck = frail.count >= at > 0
        give_connections_back()
        return answer, change(before, rows_of(user)), is_struck

    usual, changed, _ = attempt(0, BEFORE)
    assert usual.status == case.wanted
    for when in WHEN[:1] if case.is_read else WHEN:
        judge_each(case, usual, changed, attempt, when)
    assert_no_turn_is_lost()


Attempt = Callable[[int, str], tuple[Answer, list[int], bool]]


def judge_each(case: Case, usual: Answer, changed: list[int], attempt: Attempt, when: str) -> None:
    for at in count(1):
        answer, now_changed, is_struck = attempt(at, when)
        where = f"statement {at}: {answer.text[:300]!r}"
        if answer.status == usual.status:
            assert answer.kind == usual.kind, where
            assert now_changed == changed, where
            assert answer.is_whole, where
            assert ends_alike(answer, usual), where
        else:
            if case.name not in HEALTH:
                assert_unavailable(answer)
            # Deletions in batches may have deleted some.
            assert all(now in {0, all_} for now, all_ in zip(now_changed, changed, strict=True)), (
                where
            )
            assert not (case.is_repeated and connection.vendor == "postgresql"), where
        if not is_struck:
            return


def ends_alike(answer: Answer, usual: Answer) -> bool:
    """The last event of a stream is its usual one, or says that the database is away."""
    if not answer.kind.startswith(EVENT_STREAM):
        return True
    last = answer.text.rstrip().split(b"\n\n")[-1]
    kind = usual.text.rstrip().split(b"\n\n")[-1].split(b'"type":"')[1][:3]
    return b'"type":"' + kind in last or b'"code":"database_unavailable"' in last


# --- The page's sign-in and the administration --------------------------------------------------

HEADLESS = [route for route in ROUTES if route.kind == "headless"]
SESSION_BODIES = {
    "login": lambda user: {"email": user.email, "password": PASSWORD},
    "signup": lambda _user: {
        "email": f"new-{next(_numbers)}@example.com",
        "password": "a long pass phrase",
    },
    "request_password_reset": lambda user: {"email": user.email},
    "resend_email_verification_code": lambda _user: None,
    "reset_password": lambda _user: {"key": "x-y", "password": "a long pass phrase"},
    "verify_email": lambda _user: {"key": "x"},
    "redirect_to_provider": lambda _user: {},
    "manage_providers": lambda _user: {},
    "reauthenticate": lambda _user: {"password": PASSWORD, "code": "000000"},  # the two routes'
    "authenticate": lambda _user: {"code": "000000"},
    "manage_totp": lambda _user: {"code": "000000"},
    "login_webauthn": lambda _user: {"credential": {}},
    "authenticate_webauthn": lambda _user: {"credential": {}},
    "reauthenticate_webauthn": lambda _user: {"credential": {}},
    "manage_webauthn": lambda _user: {"credential": {}},
    "manage_recovery_codes": lambda _user: {},
    "authenticators": lambda _user: {},
}
SESSIONS = [
    *[(route.pattern, "POST") for route in HEADLESS if "session" not in route.pattern],
    ("_allauth/browser/v1/auth/session", "GET"),
    ("_allauth/browser/v1/auth/session", "DELETE"),
    ("_allauth/browser/v1/account/providers", "GET"),
    ("admin/", "GET"),
    ("admin/quotes/quote/", "GET"),
]


@pytest.mark.parametrize(("pattern", "method"), SESSIONS)
def test_one_failure_at_each_statement_of_a_session(frail, pattern, method):
    name = next(route.name.split(":")[-1] for route in ROUTES if route.pattern == pattern)
    case = Case(name, method, 0)

    def attempt(at: int, when: str) -> tuple[Answer, bool]:
        counters.clear()
        user = new_user(is_staff=True)
        client = Client(raise_request_exception=False)
        if method != "POST" or "/account/" in pattern or "reauthenticate" in pattern:
            client.force_login(user)
        body = SESSION_BODIES[name](user) if method == "POST" else None
        give_connections_back()
        with frail.armed(at, when):
            answer = send(client, case, f"/{pattern}", body)
            is_struck = frail.count >= at > 0
        give_connections_back()
        return answer, is_struck

    usual, _ = attempt(0, BEFORE)
    assert usual.status < 500
    for when in WHEN:
        for at in count(1):
            answer, is_struck = attempt(at, when)
            if answer.status != usual.status:
                assert_unavailable(answer)
            if not is_struck:
                break
