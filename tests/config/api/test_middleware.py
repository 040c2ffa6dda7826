"""Plain HTTP and compressed bodies are refused at every path."""

import gzip
import json
import zlib

import pytest
from rest_framework.test import APIClient

from tests.architecture.routes import METHODS, ROUTES
from tests.architecture.test_open_routes import path_of
from tests.raw_requests import send_raw

ID = {"X-Request-ID": "abc-123"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
EXEMPT = {"health", "health-live", "health-ready", "metrics"}
CLOSED = [route for route in ROUTES if route.name not in EXEMPT]
# The response does not depend on the user, so there is no query either.


@pytest.fixture
def https_only(settings):
    settings.SECURE_SSL_REDIRECT = True


@pytest.mark.usefixtures("https_only")
@pytest.mark.parametrize("route", CLOSED, ids=lambda route: route.pattern)
def test_a_call_over_plain_http_is_refused(route):
    client = APIClient()
    for method in METHODS:
        for accept in ("application/json", "*/*", "text/event-stream"):
            response = client.generic(method, path_of(route), "{}", headers={"Accept": accept})
            assert response.status_code == 403
            assert response.json()["code"] == "https_required"
            assert "Location" not in response


@pytest.mark.usefixtures("https_only")
def test_the_refusal():
    response = APIClient().post("/accounts/login", {"password": "x"}, headers=ID)
    assert response.json() == {
        "type": "urn:daesa:problem:https_required",
        "title": "Forbidden",
        "status": 403,
        "detail": "This server answers over HTTPS only. A password or token in this request could "
        "be read on the way: replace it.",
        "instance": "/accounts/login",
        "code": "https_required",
        "request_id": "abc-123",
    }
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.usefixtures("https_only")
@pytest.mark.parametrize("path", ["/", "/login", "/c/1?a=b", "/admin/", "/docs"])
def test_a_browser_that_goes_to_a_page_is_sent_to_https(path):
    for method in ("get", "head"):
        response = getattr(APIClient(), method)(path, headers=BROWSER)
        assert (response.status_code, response["Location"]) == (301, f"https://testserver{path}")
    for method in ("post", "put", "patch", "delete"):
        assert getattr(APIClient(), method)(path, headers=BROWSER).status_code == 403


@pytest.mark.usefixtures("https_only")
def test_a_token_makes_a_call_of_a_visit():
    headers = {**BROWSER, "Authorization": "Bearer x"}
    assert APIClient().get("/", headers=headers).status_code == 403


@pytest.mark.usefixtures("https_only")
def test_https_itself_is_answered():
    assert APIClient().get("/", secure=True).status_code == 200


BODY = json.dumps({"email": "a@example.com", "password": "x"}).encode()
COMPRESSED = {
    "gzip": gzip.compress(BODY),
    "deflate": zlib.compress(BODY),
    "br": b"\x0b\x02\x80{}\x03",
    "zstd": b"(\xb5/\xfd",
    "GZIP": gzip.compress(BODY),
    "gzip, identity": gzip.compress(BODY),
    "x-unknown": BODY,
}


@pytest.mark.parametrize("encoding", COMPRESSED)
@pytest.mark.parametrize("path", ["/accounts/login", "/chat", "/_allauth/browser/v1/auth/login"])
def test_a_compressed_body_is_refused(encoding, path):
    headers = {"Content-Encoding": encoding, **ID}
    response = send_raw(APIClient(), "POST", path, COMPRESSED[encoding], **headers)
    assert response.status_code == 415
    assert response["Accept-Encoding"] == "identity"
    assert response.json() == {
        "type": "urn:daesa:problem:unsupported_content_encoding",
        "title": "Unsupported Media Type",
        "status": 415,
        "detail": "A body must not be compressed: send it without Content-Encoding.",
        "instance": path,
        "code": "unsupported_content_encoding",
        "request_id": "abc-123",
    }


@pytest.mark.parametrize("encoding", ["identity", "Identity", "", " "])
def test_identity_is_no_encoding(db, encoding):
    headers = {"Content-Encoding": encoding}
    response = send_raw(APIClient(), "POST", "/accounts/login", BODY, **headers)
    assert response.json()["code"] == "invalid_credentials"
