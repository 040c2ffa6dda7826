"""The application as a WSGI server calls it, without Django's test client."""

import json
from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest

from config.wsgi import application


@pytest.mark.django_db(transaction=True)  # a request checks an existing connection first
def test_it_answers():
    environ = {"PATH_INFO": "/health/live", "HTTP_HOST": "testserver", "wsgi.input": BytesIO()}
    setup_testing_defaults(environ)
    started = []

    def start(status, headers, _exc_info=None):
        started.append((status, headers))
        return lambda _body: None

    body = b"".join(application(environ, start))
    [(status, headers)] = started
    assert status == "200 OK"
    assert dict(headers)["Content-Type"] == "application/json"
    assert json.loads(body) == {"status": "ok"}
