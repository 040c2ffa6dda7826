"""Many sign-ins at a time, at a real worker: nobody else waits for their hashes."""

import http.client
import json
import threading

import pytest

from tests.environment import SETTINGS
from tests.faults.stack import stack
from tests.live import PROXY_HEADERS

pytestmark = pytest.mark.live

CONNECTIONS, EACH = 8, 6


def ask(connection, method, path, body=None, **headers):
    content = {"Content-Type": "application/json"} if body else {}
    connection.request(
        method,
        path,
        json.dumps(body) if body else None,
        {**PROXY_HEADERS, **content, **headers},
    )
    answer = connection.getresponse()
    answer.read()
    return answer.status


def test_others_are_answered_while_passwords_are_hashed():
    """On the event loop each hash would hold up all: about one other answer between two."""
    with stack(
        database_server=SETTINGS["DATABASE_URL"], redis=SETTINGS["REDIS_URL"], workers=1
    ) as daesa:
        codes: list[int] = []

        def sign_in(person):
            connection = http.client.HTTPConnection("127.0.0.1", daesa.port, timeout=60)
            for attempt in range(EACH):
                body = {"email": f"p{person}-{attempt}@example.com", "password": "wrong one"}
                address = {"X-Forwarded-For": f"203.0.{person}.{attempt}"}
                codes.append(ask(connection, "POST", "/accounts/login", body, **address))
            connection.close()

        people = [threading.Thread(target=sign_in, args=[n]) for n in range(CONNECTIONS)]
        other = http.client.HTTPConnection("127.0.0.1", daesa.port, timeout=60)
        for person in people:
            person.start()
        answers = 0
        while any(person.is_alive() for person in people):
            assert ask(other, "GET", "/health/live") == 200
            answers += 1
        other.close()
        assert set(codes) <= {401, 503}
        assert codes.count(401) >= len(codes) // 2
        assert answers > 2 * len(codes)
