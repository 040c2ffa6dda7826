import pytest
from django.conf import settings

pytestmark = pytest.mark.urls("tests.config.api.routes")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"title": "\\ud800"}',
        b'{"title": "\xff"}',
        '{"title": "x"}'.encode("utf-16"),
        b"[" * 100_000,
    ],
    ids=["cut", "blank", "quotes", "nan", "surrogate", "latin", "utf-16", "deep"],
)
def test_malformed_json(anonymous, body):
    response = anonymous.generic("POST", "/test/echo", body or b" ", "application/json")
    problem = response.json()
    assert problem["detail"].startswith("The body is not valid JSON: ")
    assert (response.status_code, problem["code"]) == (400, "malformed_json")


def test_a_charset_in_the_media_type(anonymous):
    body = b'{"title": "x", "lines": []}'
    response = anonymous.generic("POST", "/test/echo", body, "application/json; charset=utf-8")
    assert response.json() == {"title": "x", "lines": []}


def test_a_body_up_to_the_limit(anonymous):
    start, end = b'{"lines": [], "title": "', b'"}'
    filling = b"x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE - len(start + end))
    body = start + filling + end
    response = anonymous.generic("POST", "/test/echo", body, "application/json")
    assert (response.status_code, len(response.json()["title"])) == (200, len(filling))


def test_a_body_over_the_limit(anonymous):
    body = b" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    response = anonymous.generic(
        "POST", "/test/echo", body, "application/json", headers={"X-Request-ID": "abc-123"}
    )
    assert response.status_code == 413
    assert response.json() == {
        "type": "urn:daesa:problem:too_large",
        "title": "Request Entity Too Large",
        "status": 413,
        "detail": "The body is larger than this server takes.",
        "instance": "/test/echo",
        "code": "too_large",
        "request_id": "abc-123",
    }
