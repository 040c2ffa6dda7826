"""The application as a WSGI server calls it, without Django's test client in between."""

import json
from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest

from config.wsgi import application


@pytest.mark.django_db(transaction=True)  # a request looks at the connection it finds
def test_it_answers():
    environ = {"PATH_INFO": "/health/live", "HTTP_HOST": "testserver", "wsgi.input": BytesIO()}
    setup_testing_defaults(environ)
    started = []
    body = b"".join(application(environ, lambda status, headers: started.append((status, headers))))
    [(status, headers)] = started
    assert status == "200 OK"
    assert dict(headers)["Content-Type"] == "application/json"
    assert json.loads(body) == {"status": "ok"}
