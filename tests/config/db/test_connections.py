"""No database connection is held while waiting for another server. For streams see
tests/chat/api/test_ask_streaming.py.
"""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, connections

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]
held: list[bool] = []


@pytest.fixture(autouse=True)
def _nothing_seen_yet():
    held.clear()


class Seeing(BaseEmailBackend):
    def send_messages(self, messages) -> int:
        held.append(connection.connection is not None)
        return len(messages)


def test_while_the_mail_server_is_talked_to(client, alice, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Seeing"
    body = {"email": alice.email}
    response = client.post(
        "/_allauth/browser/v1/auth/password/request", body, content_type="application/json"
    )
    assert response.status_code == 200
    assert held == [False]


def test_while_the_upstream_is_asked_for_its_health(anonymous, settings):
    of_request = connections["default"]

    class Seeing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            held.append(of_request.connection is not None)
            self.send_error(404)

        def log_message(self, *_args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Seeing) as server:
        threading.Thread(target=server.handle_request).start()
        settings.OPENAI_BASE_URL = f"http://127.0.0.1:{server.server_port}/v1"
        assert anonymous.get("/health").json()["checks"]["upstream"] == "ok"
    assert held == [False]
