"""Who may do what: every route of our own × every method × nobody, another user, the owner, staff.

The cells come from the URL configuration. A route without a rule fails here, and a rule without a
route; a method that a rule doesn't name is not allowed. All objects are alice's. Whatever another
person sends, nothing of alice's is told or changed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.joining.invitations import create_invitation
from accounts.models import TokenFamily, User
from accounts.personal_tokens.models import PersonalToken
from accounts.tokens import Refresh, issue
from chat.attachments import files
from chat.attachments.models import Attachment
from chat.models import Chat, Citation, Conversation, DailyUsage, MarkReport, Reply, Status
from quotes.models import Quote, Review
from tests.architecture.routes import METHODS, ROUTES
from tests.chat.asking import wait_for_end
from tests.factories import PASSWORD, make_personal_token, make_quote

pytestmark = pytest.mark.any_database

# Patterns from which Django makes no address.
WITHOUT_REVERSE = {
    "not-found": "/nowhere",
    "page": "/login",
    "quotes:sitemap": "/sitemap-lines.xml",
}
WHO = ("anonymous", "bob", "alice", "staff")
SECRET = "only alice may read this"

Cell = tuple[int, int, int, int]  # the status for each of WHO


def anyone(status: int) -> Cell:
    return (status,) * 4


def signed_in(status: int) -> Cell:
    return (401, status, status, status)


def owner(status: int) -> Cell:
    """The owner's; to others, staff too, it does not exist."""
    return (401, 404, status, 404)


def readable(status: int, *, of_owner: int = 0) -> Cell:
    """Of the public board, to nobody as to others."""
    return (status, status, of_owner or status, status)


@dataclass(frozen=True)
class Rule:
    """`methods` not named here are 405, to nobody 401 unless the route is `open`, or `refused`."""

    methods: Mapping[str, Cell]
    open: bool = False
    refused: Cell | None = None

    def status(self, method: str, who: str) -> int:
        refused = self.refused or (anyone(405) if self.open else signed_in(405))
        return self.methods.get(method, refused)[WHO.index(who)]


def open_to_all(**methods: int) -> Rule:
    return Rule({method: anyone(status) for method, status in methods.items()}, open=True)


# Documents, for which test_pages.py asks; programs that ask for JSON find nothing there.
ACCEPTED = dict.fromkeys(("quotes:board-page", "quotes:line-page"), "application/json")


def accepting(name: str) -> dict[str, str]:
    return {"Accept": ACCEPTED.get(name, "*/*")}


RULES = {
    "root": open_to_all(GET=200),
    "health": open_to_all(GET=200),
    "health-live": open_to_all(GET=200),
    "health-ready": open_to_all(GET=200),
    "metrics": open_to_all(GET=200),  # from loopback, as here: see tests/config/test_metrics.py
    "schema": open_to_all(GET=200),
    "docs": open_to_all(GET=200),
    "redoc": open_to_all(GET=200),
    "not-found": open_to_all(GET=404, POST=404, PUT=404, PATCH=404, DELETE=404),
    "page": open_to_all(GET=404, POST=404, PUT=404, PATCH=404, DELETE=404),  # to a program
    "accounts:join": open_to_all(GET=200, POST=201),
    "accounts:invitation": open_to_all(POST=200),
    "accounts:join-confirm": open_to_all(POST=400),
    "accounts:join-resend": open_to_all(POST=400),
    "accounts:login": open_to_all(GET=200, POST=200),
    # A challenge of this server is sent by tests/accounts/mfa/.
    "accounts:second-factor": open_to_all(POST=401),
    "accounts:logout": Rule({"GET": signed_in(204), "POST": signed_in(204)}, open=True),
    "oauth-metadata": open_to_all(GET=200),
    "accounts:oauth-token": open_to_all(POST=415),  # takes forms: see test_oauth.py
    # For sessions, with parameters: see test_authorize.py.
    "accounts:authorize": Rule({"GET": signed_in(400), "POST": signed_in(403)}),
    "accounts:token-refresh": open_to_all(POST=200),
    "accounts:token-verify": open_to_all(POST=200),
    "accounts:export": Rule(
        {"GET": signed_in(200), "POST": signed_in(202), "DELETE": signed_in(204)}
    ),
    "accounts:export-file": Rule({"GET": signed_in(404)}),  # nothing was collected
    "accounts:events": Rule({"GET": signed_in(200)}),
    "accounts:token": Rule({"POST": signed_in(403)}),  # for sessions: see test_pairs_by_session.py
    "accounts:sessions": Rule({"GET": signed_in(200), "DELETE": signed_in(204)}),
    "accounts:session": Rule({"DELETE": owner(204)}),
    "accounts:email": Rule(
        {"GET": signed_in(200), "POST": signed_in(202), "DELETE": signed_in(204)}
    ),
    "accounts:email-confirm": Rule({"POST": signed_in(400)}),
    "accounts:email-resend": Rule({"POST": signed_in(202)}),
    # Without a state of the session they lead to the page, and do nothing: tests/accounts/social.
    "kakao_callback": open_to_all(GET=302),
    "naver_callback": open_to_all(GET=302),
    "google_callback": open_to_all(GET=302),
    "github_callback": open_to_all(GET=302),
    "openid_connect_callback": open_to_all(GET=302),
    "accounts:profile": Rule(
        {
            "GET": signed_in(200),
            "PUT": signed_in(200),
            "PATCH": signed_in(200),
            "DELETE": signed_in(204),
        }
    ),
    "accounts:personal-tokens": Rule({"GET": signed_in(200), "POST": signed_in(201)}),
    "accounts:personal-token": Rule({"GET": owner(200), "PATCH": owner(200), "DELETE": owner(204)}),
    "chat:chats": Rule({"GET": signed_in(200), "POST": signed_in(201), "DELETE": signed_in(204)}),
    "chat:chat": Rule({"GET": owner(200), "PATCH": owner(200), "DELETE": owner(204)}),
    "chat:replies": Rule({"GET": owner(200), "POST": owner(201)}),
    "chat:continue": Rule({"POST": owner(409)}),  # it was not cut off
    "chat:mark-reports": Rule({"GET": owner(200), "POST": owner(200)}),  # it is reported already
    "chat:mark-report": Rule({"DELETE": owner(204)}),
    "chat:streams": Rule({"POST": signed_in(202)}),
    "chat:stream": Rule({"GET": owner(200), "DELETE": owner(204)}),
    "chat:conversations": Rule({"GET": signed_in(200), "POST": signed_in(201)}),
    "chat:conversation": Rule(
        {"GET": owner(200), "PUT": owner(200), "PATCH": owner(200), "DELETE": owner(204)}
    ),
    "chat:statistics": Rule({"GET": owner(200)}),
    "chat:import": Rule({"POST": signed_in(200)}),
    "chat:attachments": Rule({"GET": signed_in(200), "POST": signed_in(201)}),
    "chat:attachment-storage": Rule({"GET": signed_in(200)}),
    "chat:attachment": Rule({"GET": owner(200), "DELETE": owner(204)}),
    "chat:attachment-content": Rule({"GET": owner(200)}),
    "chat:models": Rule({"GET": signed_in(200)}),
    "quotes:quotes": Rule({"GET": readable(200), "POST": signed_in(201)}),
    "quotes:similar": Rule({"POST": signed_in(200)}),
    "quotes:random": Rule({"GET": readable(404)}),  # the board is empty: hers is in review
    "quotes:today": Rule({"GET": readable(404)}),
    "quotes:export": Rule({"GET": (401, 403, 403, 200)}, refused=(401, 403, 403, 405)),
    "quotes:like": Rule({"PUT": owner(409), "DELETE": owner(200)}),  # not on the board yet
    "quotes:quote": Rule(
        {
            "GET": readable(404, of_owner=200),
            "PUT": owner(200),
            "PATCH": owner(200),
            "DELETE": owner(204),
        }
    ),
    # To a program.
    "quotes:board-page": open_to_all(GET=404, POST=404, PUT=404, PATCH=404, DELETE=404),
    "quotes:line-page": open_to_all(GET=404, POST=404, PUT=404, PATCH=404, DELETE=404),
    "quotes:robots": open_to_all(GET=200),
    "quotes:sitemaps": open_to_all(GET=200),
    "quotes:sitemap": open_to_all(GET=200),
    "quotes:rss": open_to_all(GET=200),
    "quotes:atom": open_to_all(GET=200),
    "quotes:rss-of-language": open_to_all(GET=200),
    "quotes:atom-of-language": open_to_all(GET=200),
}

# The rooms of others have their own guards in test_open_routes.py.
OURS = list(dict.fromkeys(route.name for route in ROUTES if route.kind == "api"))


def test_every_route_has_a_rule_and_every_rule_a_route():
    assert sorted(OURS) == sorted(RULES)


@dataclass(frozen=True)
class Hers:
    """What alice has."""

    conversation: Conversation
    chat: Chat
    reply: Reply
    report: MarkReport
    quote: Quote
    token: PersonalToken
    family: str
    attachment: Attachment

    def path(self, name: str) -> str:
        arguments: dict[str, list[Any]] = {
            "accounts:personal-token": [self.token.pk],
            "chat:chat": [self.chat.pk],
            "chat:replies": [self.chat.pk],
            "chat:continue": [self.chat.pk],
            "chat:mark-reports": [self.chat.pk],
            "chat:mark-report": [self.chat.pk, self.report.pk],
            "chat:stream": [self.reply.stream_id],
            "chat:conversation": [self.conversation.pk],
            "chat:statistics": [self.conversation.pk],
            "chat:attachment": [self.attachment.pk],
            "chat:attachment-content": [self.attachment.pk],
            "quotes:quote": [self.quote.pk],
            "quotes:line-page": [self.quote.pk],
            "quotes:rss-of-language": ["ko"],
            "quotes:atom-of-language": ["ko"],
            "quotes:like": [self.quote.pk],
            "accounts:session": [UUID(self.family)],
        }
        if name in WITHOUT_REVERSE:
            return WITHOUT_REVERSE[name]
        return reverse(name, args=arguments.get(name, []))


@pytest.fixture
def hers(alice) -> Hers:
    conversation = Conversation.objects.create(user=alice, title=SECRET, system_prompt=SECRET)
    chat = Chat.objects.create(user=alice, conversation=conversation, content=SECRET)
    reply = Reply.objects.create(
        user=chat.user, chat=chat, status=Status.DONE, content=SECRET, model="board"
    )
    chat.chat_reply = reply
    chat.save()
    cited = Citation.objects.create(reply=reply, text=SECRET, start=0, end=4, verdict="unknown")
    report = MarkReport.objects.create(user=alice, citation=cited, reason="other", note=SECRET)
    token, _raw = make_personal_token(alice, name=SECRET)
    family = Refresh.for_user(alice, user_agent=SECRET).sid
    quote, attachment = make_quote(alice, SECRET), make_attachment(alice)
    return Hers(conversation, chat, reply, report, quote, token, family, attachment)


def make_attachment(user: User) -> Attachment:
    """A text that waits for its question."""
    key = files.new_key()
    files.write(key, SECRET.encode())
    row = {"kind": "text", "size": len(SECRET), "tokens": 9, "digest": "d"}
    return Attachment.objects.create(user=user, name=SECRET, key=key, **row)


@pytest.fixture
def _board_answers(settings):
    settings.DEFAULT_MODEL, settings.CHAT_MODELS, settings.OPENAI_BASE_URL = "board", ["board"], ""


def rows_of(user: User) -> list[Any]:
    """All that somebody has, column by column."""
    return [
        list(rows.order_by("pk").values())
        for rows in (
            User.objects.filter(pk=user.pk),
            PersonalToken.objects.filter(user=user),
            Conversation.objects.filter(user=user),
            Chat.objects.filter(user=user),
            Reply.objects.filter(chat__user=user),
            Attachment.objects.filter(user=user),
            MarkReport.objects.filter(citation__reply__user=user),
            DailyUsage.objects.filter(user=user),
            Quote.objects.filter(user=user),
            Review.objects.filter(quote__user=user),
            TokenFamily.objects.filter(user=user, user_agent=SECRET),
        )
    ]


def an_invitation() -> str:
    inviter = User.objects.order_by("pk")[0]
    later = timezone.now() + timedelta(days=1)
    return create_invitation(inviter=inviter, expires_at=later)[1]


def body_for(name: str, method: str, person: User | None) -> dict[str, Any] | None:
    """Input that the route takes, of the one who asks (of nobody: carol's)."""
    email = person.email if person else "carol@example.com"
    pair = issue(User.objects.get(email=email))
    bodies: dict[str, dict[str, Any]] = {
        "accounts:join": {"email": "new@example.com", "password": PASSWORD},
        "accounts:invitation": {"invitation": an_invitation()},
        "accounts:email": {"email": "new@example.com", "password": PASSWORD},
        "accounts:email-resend": {"email": email},
        "accounts:email-confirm": {"email": email, "code": "0000 0000"},
        "accounts:authorize": {
            "response_type": "code",
            "redirect_uri": "http://127.0.0.1:5000/",
            "code_challenge": "a" * 43,
            "code_challenge_method": "S256",
        },
        "accounts:login": {"email": email, "password": PASSWORD},
        "accounts:token-refresh": {"refresh": pair["refresh"]},
        "accounts:token-verify": {"token": pair["access"]},
        "accounts:sessions": {"password": PASSWORD},
        "accounts:session": {"password": PASSWORD},
        "accounts:second-factor": {"challenge": "x", "code": "123456"},
        "accounts:profile": {"password": PASSWORD} if method == "DELETE" else {"nickname": "Me"},
        "accounts:export": {"password": PASSWORD} if method == "POST" else {},
        "accounts:personal-tokens": {
            "name": "A bot",
            "scopes": ["chat:read"],
            "password": PASSWORD,
        },
        "accounts:personal-token": {"name": "Another bot"},
        "chat:chats": {"content": "A question"},
        "chat:streams": {"content": "A question"},
        "chat:conversations": {"title": "A title"},
        "chat:import": {"conversations": [{"chats": [{"content": "A question"}]}]},
        "chat:attachments": {"data_url": "data:text/plain;base64,QSB0ZXh0"},
        "chat:chat": {"chat_reply": _own_reply(person)["reply"]},
        "chat:mark-reports": {**_own_reply(person), "start": 0, "end": 4, "reason": "line"},
        "chat:conversation": {"title": "Another title"},
        "quotes:quotes": {"content": "A line"},
        "quotes:similar": {"content": SECRET},
        "quotes:quote": {"content": "Another line"},
    }
    return None if method == "GET" else bodies.get(name, {})


def _own_reply(person: User | None) -> dict[str, int]:
    return {"reply": getattr(Reply.objects.filter(user=person).first(), "pk", 1)}


def read(response: Any) -> bytes:
    if getattr(response, "streaming", False):
        return b"".join(response.streaming_content)
    return bytes(response.content)


# The answer is written beside the request, by a thread that sees what is committed.
BESIDE = pytest.param("chat:streams", marks=pytest.mark.django_db(transaction=True))


def parameters(names: Iterable[str]) -> list[Any]:
    return [BESIDE if name == "chat:streams" else name for name in names]


@pytest.mark.usefixtures("_board_answers", "carol")
@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", parameters(OURS))
def test_cell(hers, alice, bob, staff, client_for, name, method, who):
    person = {"anonymous": None, "bob": bob, "alice": alice, "staff": staff}[who]
    client = client_for(person) if person else APIClient()
    body = body_for(name, method, person)
    before = rows_of(alice)

    response = client.generic(
        method, hers.path(name), *encoded(client, body), headers=accepting(name)
    )

    text = read(response)
    assert response.status_code == RULES[name].status(method, who), text
    if response.status_code >= 400:
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["status"] == response.status_code
    if response.status_code == 202:
        wait_for_end()
    if who != "alice":
        assert SECRET.encode() not in text
        assert rows_of(alice) == before


def encoded(client: APIClient, body: Any) -> tuple[Any, str]:
    return client._encode_data(body, None, "application/json")  # type: ignore[attr-defined]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("name", OURS)
def test_the_rarer_methods(hers, alice, bob, staff, client_for, name, who):
    """They fail nowhere, and show and do no more than the others."""
    person = {"anonymous": None, "bob": bob, "alice": alice, "staff": staff}[who]
    client = client_for(person) if person else APIClient()
    before = rows_of(alice)
    for method in ("HEAD", "OPTIONS", "TRACE", "QUERY"):
        response = client.generic(method, hers.path(name), headers=accepting(name))
        text = read(response)
        assert response.status_code < 500, (method, text)
        if method == "HEAD":
            assert response.status_code == RULES[name].status("GET", who)
        if who != "alice":
            assert SECRET.encode() not in text, method
            assert rows_of(alice) == before, method


# --- Objects that are named in a body or a query -----------------------------------------------


@pytest.fixture(params=["bob", "staff"])
def other(request, client_for) -> APIClient:
    return client_for(request.getfixturevalue(request.param))


@pytest.mark.parametrize("path", ["/chat", "/chat/stream"])
@pytest.mark.parametrize("field", ["conversation", "parent"])
@pytest.mark.usefixtures("_board_answers")
def test_nobody_asks_in_anothers_conversation(hers, alice, other, path, field):
    pk = {"conversation": hers.conversation.pk, "parent": hers.chat.pk}[field]
    before = rows_of(alice)
    response = other.post(path, {"content": "Hello", field: pk})
    missing = other.post(path, {"content": "Hello", field: 10**9})
    assert response.status_code == 400
    assert response.json()["errors"] == missing.json()["errors"]  # as one that isn't there
    assert [error["code"] for error in response.json()["errors"]] == ["does_not_exist"]
    assert Chat.objects.count() == 1
    assert rows_of(alice) == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_what_the_board_shows_is_read_by_all_and_changed_by_its_owner(alice, other, method):
    quote = make_quote(alice, "On the board", is_apply=True)
    before = rows_of(alice)
    path = f"/quote/{quote.pk}"
    assert other.get(path).json()["content"] == "On the board"
    response = other.generic(method, path, *encoded(other, {"content": "Mine now"}))
    assert response.status_code == 404
    assert rows_of(alice) == before


@pytest.mark.parametrize("query", ["conversation={pk}", "q=alice"])
def test_nobody_finds_anothers_chats(hers, other, query):
    response = other.get(f"/chat?{query.format(pk=hers.conversation.pk)}")
    assert (response.status_code, response.json()["results"]) == (200, [])


@pytest.mark.usefixtures("_board_answers")
def test_the_same_idempotency_key_of_two_people_is_two_keys(hers, as_alice, other):
    headers = {"Idempotency-Key": "same"}
    mine = as_alice.post("/chat", {"content": "Hello"}, headers=headers)
    theirs = other.post("/chat", {"content": "Hello"}, headers=headers)
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]
    assert mine.json()["user"] != theirs.json()["user"]
