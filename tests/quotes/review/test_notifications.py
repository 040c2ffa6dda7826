"""Mails about decisions, sent by SMTP to a server on loopback."""

import logging
import socket
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from quotes.models import Quote
from tests.factories import make_quote, make_user
from tests.live import free_port

LIST = "/admin/quotes/quote/"


class Postbox:
    """Accepts mails, except for the addresses in `refused`."""

    refused = "nobody@example.com"

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.connections: set[Any] = set()

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address == self.refused:
            return "550 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.connections.add(session.peer)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        assert envelope.rcpt_tos == [mail["to"]]
        self.mails.append(mail)
        return "250 OK"

    def wait_for(self, count: int) -> list[EmailMessage]:
        until = time.monotonic() + 30
        while len(self.mails) < count and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.1)  # time for a surplus mail to arrive
        assert len(self.mails) == count
        return sorted(self.mails, key=lambda mail: str(mail["to"]))


@pytest.fixture
def smtp(settings) -> int:
    """The port that mails go to."""
    settings.REVIEW_EMAILS = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.EMAIL_TIMEOUT = 3
    return int(settings.EMAIL_PORT)


@pytest.fixture
def postbox(smtp) -> Iterator[Postbox]:
    found = Postbox()
    server = Controller(found, hostname="127.0.0.1", port=smtp)
    server.start()
    yield found
    server.stop()


def decide(client: Client, action: str, *quotes: Quote, **form: str) -> None:
    data = {
        "action": action,
        "_selected_action": [quote.pk for quote in quotes],
        "seen": [f"{quote.pk}:{quote.version}:{quote.state.value}" for quote in quotes],
    }
    assert client.post(LIST, data | form).status_code == 302


def text_of(mail: EmailMessage) -> str:
    [text, _html] = mail.iter_parts()
    return str(text.get_content()).replace("\r\n", "\n")


def test_an_applied_line(as_reviewer, alice, postbox):
    quote = make_quote(alice, "To be,\nor not to be", language="en")
    decide(as_reviewer, "apply", quote)
    [mail] = postbox.wait_for(1)
    assert mail["to"] == "alice@example.com"
    kinds = [part.get_content_type() for part in mail.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    subject = "[Daesa] Your line is on the board / 대사가 게시판에 올라갔습니다"
    assert str(mail["subject"]).strip() == subject
    assert text_of(mail).strip() == (
        "Your line is on the board now:\n\n"
        "To be,\nor not to be\n\n"
        f"http://testserver/quotes/{quote.pk}\n\n"
        "You get this mail because you have submitted the line. To stop these mails, "
        "change your settings: http://testserver/settings/profile\n\n"
        "--\n\n"
        "제출하신 대사가 게시판에 올라갔습니다.\n\n"
        "To be,\nor not to be\n\n"
        f"http://testserver/quotes/{quote.pk}\n\n"
        "이 대사를 제출하셨기에 보내 드리는 메일입니다. "
        "더 받지 않으려면 설정에서 바꿔 주십시오: http://testserver/settings/profile"
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "제출하신 대사를 게시판에 올리지 않았습니다."),
        ({"is_apply": True}, "제출하신 대사를 게시판에서 내렸습니다."),
    ],
)
def test_a_declined_line_comes_with_its_reason(as_reviewer, alice, postbox, fields, said):
    decide(as_reviewer, "decline", make_quote(alice, language="ko", **fields), reason="출처 없음")
    [mail] = postbox.wait_for(1)
    assert str(mail["subject"]).strip() == ("[대사] 대사가 반려되었습니다 / Your line was declined")
    assert text_of(mail).startswith(said)
    assert "사유: 출처 없음" in text_of(mail)
    assert "Reason: 출처 없음" in text_of(mail)


def test_several_use_one_connection_and_a_refused_one_does_not_stop_the_others(
    as_reviewer, alice, bob, postbox, caplog
):
    nobody = make_user("nobody")
    quotes = [make_quote(alice), make_quote(nobody), make_quote(bob), make_quote(bob)]
    decide(as_reviewer, "apply", *quotes)
    assert [mail["to"] for mail in postbox.wait_for(3)] == [
        "alice@example.com",
        "bob@example.com",
        "bob@example.com",
    ]
    assert len(postbox.connections) == 1
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("quotes")]
    assert ours == ["mail of a decision not sent: SMTPRecipientsRefused"]


def test_no_mail_to_users_who_want_none(as_reviewer, alice, bob, postbox):
    alice.review_emails = False
    alice.save()
    decide(as_reviewer, "apply", make_quote(alice), make_quote(bob))
    assert [mail["to"] for mail in postbox.wait_for(1)] == ["bob@example.com"]


def test_no_mail_unless_enabled(as_reviewer, alice, postbox, settings):
    settings.REVIEW_EMAILS = False
    decide(as_reviewer, "apply", make_quote(alice))
    postbox.wait_for(0)


def test_no_mail_to_inactive_users_or_of_a_refused_decision(as_reviewer, reviewer, postbox):
    gone = make_user("gone", is_active=False)
    own, stale = make_quote(reviewer), make_quote(make_user())
    stale.version = 7
    decide(as_reviewer, "apply", make_quote(gone), own, stale)
    postbox.wait_for(0)


def test_no_mail_of_ones_own_edit(as_alice, alice, postbox):
    quote = make_quote(alice, is_apply=True)
    as_alice.patch(f"/quote/{quote.pk}", {"content": "Other words"})
    as_alice.delete(f"/quote/{quote.pk}")
    postbox.wait_for(0)


def test_an_unavailable_mail_server_does_not_stop_a_review(as_reviewer, alice, smtp, caplog):
    quote = make_quote(alice)
    with caplog.at_level(logging.ERROR):
        decide(as_reviewer, "apply", quote)
        until = time.monotonic() + 30
        while not caplog.text and time.monotonic() < until:
            time.sleep(0.02)
    assert "mails of decisions not sent: ConnectionRefusedError" in caplog.text
    assert "example.com" not in caplog.text
    quote.refresh_from_db()
    assert quote.is_apply


def test_a_silent_mail_server_does_not_delay_a_review(as_reviewer, alice, bob, smtp, caplog):
    with socket.create_server(("127.0.0.1", smtp)):
        start = time.monotonic()
        decide(as_reviewer, "apply", make_quote(alice), make_quote(bob))
        assert time.monotonic() - start < 2
        until = time.monotonic() + 30
        while not caplog.text and time.monotonic() < until:
            time.sleep(0.05)
    assert caplog.text.count("not sent: SMTPServerDisconnected") == 1
