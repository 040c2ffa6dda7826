import json
import logging
from urllib.parse import quote

import pytest
from django.utils.translation import override
from rest_framework.exceptions import Throttled
from rest_framework.test import APIClient

from config.api.problems import exception_handler

pytestmark = pytest.mark.urls("tests.config.api.routes")

ID = {"X-Request-ID": "abc-123"}


def expected(path, status, title, code, detail, **members):
    return {
        "type": f"urn:daesa:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": path,
        "code": code,
        "request_id": "abc-123",
        **members,
    }


def assert_problem(response, path, status, title, code, detail, **members):
    assert json.loads(response.content) == expected(path, status, title, code, detail, **members)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response["X-Request-ID"] == "abc-123"


FAILED = "The server failed. The failure has been logged."


@pytest.mark.parametrize(
    ("name", "status", "title", "code", "detail", "headers"),
    [
        ("crash", 500, "Internal Server Error", "internal", FAILED, {}),
        ("database-refuses", 500, "Internal Server Error", "internal", FAILED, {}),
        (
            "database-away",
            503,
            "Service Unavailable",
            "database_unavailable",
            "The database does not answer.",
            {"Retry-After": "5"},
        ),
        (
            "connection-closed",
            503,
            "Service Unavailable",
            "database_unavailable",
            "The database does not answer.",
            {"Retry-After": "5"},
        ),
        ("http404", 404, "Not Found", "not_found", "Not found.", {}),
        (
            "forbidden",
            403,
            "Forbidden",
            "permission_denied",
            "You do not have permission to perform this action.",
            {},
        ),
        (
            "throttled",
            429,
            "Too Many Requests",
            "throttled",
            "Too many requests. Try again in 3 seconds.",
            {"Retry-After": "3"},
        ),
        ("token", 403, "Forbidden", "token_not_valid", "Token is expired", {}),
        ("teapot", 500, "Internal Server Error", "teapot", "A server error occurred.", {}),
        ("problem", 400, "Bad Request", "bad_request", "The request cannot be fulfilled.", {}),
        ("unprocessable", 422, "Unprocessable Entity", "unprocessable", "No.", {"X-Reason": "no"}),
        (
            "busy",
            503,
            "Service Unavailable",
            "unavailable",
            "The service is busy. Try again in a moment.",
            {"Retry-After": "7"},
        ),
    ],
)
def test_exceptions_of_views_become_problems(anonymous, name, status, title, code, detail, headers):
    path = f"/test/raise/{name}"
    response = anonymous.get(path, headers=ID)
    assert_problem(response, path, status, title, code, detail)
    assert {key: response[key] for key in headers} == headers


def test_a_problem_carries_its_members(anonymous):
    path = "/test/raise/conflict"
    response = anonymous.get(path, headers=ID)
    assert_problem(response, path, 409, "Conflict", "stale", "Somebody was faster.", version=3)


def test_a_database_that_is_away_is_a_line_in_the_log(anonymous, caplog):
    with caplog.at_level(logging.ERROR):
        response = anonymous.get("/test/raise/database-away")
    [record] = caplog.records
    assert record.getMessage() == "database unavailable: could not connect to db.internal"
    assert record.exc_info is None
    assert "db.internal" not in response.content.decode()


@pytest.mark.parametrize("name", ["crash", "database-refuses"])
def test_the_cause_is_logged_and_not_in_the_response(anonymous, name, caplog):
    with caplog.at_level(logging.ERROR):
        response = anonymous.get(f"/test/raise/{name}")
    [record] = caplog.records
    assert record.exc_info
    assert str(record.exc_info[1]) not in response.content.decode()


def test_errors_of_input_are_flat_rows(anonymous):
    poem = {
        "lines": [{"message": "fine", "code": 1}, {"message": "too long", "code": "x"}],
        "tags": ["ok", "long"],
    }
    response = anonymous.post("/test/echo", poem, headers=ID)
    too_long = "Ensure this field has no more than %d characters."
    assert_problem(
        response,
        "/test/echo",
        400,
        "Bad Request",
        "invalid",
        "Some of the input is not valid.",
        errors=[
            {"field": "title", "code": "required", "detail": "This field is required."},
            {"field": "lines.1.message", "code": "max_length", "detail": too_long % 5},
            {"field": "lines.1.code", "code": "invalid", "detail": "A valid integer is required."},
            {"field": "tags.1", "code": "max_length", "detail": too_long % 3},
        ],
    )


def test_fields_named_like_an_error_are_still_fields(anonymous):
    poem = {"title": "x", "lines": [{}, {"message": "too long", "code": 1}]}
    errors = anonymous.post("/test/echo", poem).json()["errors"]
    assert [error["field"] for error in errors] == [
        "lines.0.message",
        "lines.0.code",
        "lines.1.message",
    ]


def test_an_error_of_the_whole_body_has_no_field(anonymous):
    response = anonymous.post("/test/echo", {"title": "untitled", "lines": []})
    assert response.json()["errors"] == [
        {"field": "", "code": "untitled", "detail": "A poem has a title."}
    ]


def test_a_body_that_is_no_object(anonymous):
    [error] = anonymous.post("/test/echo", [1]).json()["errors"]
    assert error == {
        "field": "",
        "code": "invalid",
        "detail": "Invalid data. Expected a dictionary, but got list.",
    }


def test_method_not_allowed(anonymous):
    response = anonymous.delete("/test/echo", headers=ID)
    assert_problem(
        response,
        "/test/echo",
        405,
        "Method Not Allowed",
        "method_not_allowed",
        'Method "DELETE" not allowed.',
    )
    assert response["Allow"] == "POST, OPTIONS"


def test_not_acceptable(anonymous):
    response = anonymous.get("/health/live", headers={"Accept": "text/html", **ID})
    assert_problem(
        response,
        "/health/live",
        406,
        "Not Acceptable",
        "not_acceptable",
        "Could not satisfy the request Accept header.",
    )


def test_unsupported_media_type(anonymous):
    response = anonymous.post("/test/echo", "title=x", content_type="text/plain", headers=ID)
    assert_problem(
        response,
        "/test/echo",
        415,
        "Unsupported Media Type",
        "unsupported_media_type",
        'Unsupported media type "text/plain" in request.',
    )


@pytest.mark.parametrize(
    "path", ["/nowhere", "/chat/", "/accounts", "/test/raise", "/static/no.css", "/%00", "/대사"]
)
@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_unknown_path(settings, path, debug, method):
    settings.DEBUG = debug
    response = getattr(APIClient(enforce_csrf_checks=True), method)(path, headers=ID)
    assert_problem(
        response,
        quote(path, safe="/%"),
        404,
        "Not Found",
        "not_found",
        "There is nothing at this address.",
    )


@pytest.mark.parametrize(
    ("path", "status", "title", "code", "detail"),
    [
        ("/test/crash", 500, "Internal Server Error", "internal", FAILED),
        ("/test/bad", 400, "Bad Request", "bad_request", "The request is not valid."),
        ("/test/forbidden", 403, "Forbidden", "permission_denied", "You may not do this."),
    ],
)
def test_outside_of_the_api_views(path, status, title, code, detail):
    client = APIClient(raise_request_exception=False)
    assert_problem(client.get(path, headers=ID), path, status, title, code, detail)


def test_csrf_failure():
    client = APIClient(enforce_csrf_checks=True)
    assert_problem(
        client.post("/test/crash", headers=ID),
        "/test/crash",
        403,
        "Forbidden",
        "csrf_failed",
        "The CSRF token is missing or wrong.",
    )


def test_a_host_that_is_not_ours(anonymous):
    response = anonymous.get("/test/crash", headers={"Host": "evil.example", **ID})
    assert_problem(
        response,
        "/test/crash",
        400,
        "Bad Request",
        "bad_request",
        "The request is not valid.",
    )


@pytest.mark.parametrize(
    ("language", "wait", "detail"),
    [
        ("en", 1, "Too many requests. Try again in 1 second."),
        ("en", 90, "Too many requests. Try again in 90 seconds."),
        ("en", 240, "Too many requests. Try again in 4 minutes."),
        ("ko", 292, "요청이 너무 많습니다. 5분 뒤에 다시 시도해 주십시오."),
        ("ko", 45, "요청이 너무 많습니다. 45초 뒤에 다시 시도해 주십시오."),
    ],
)
def test_a_long_wait_is_told_in_minutes(rf, language, wait, detail):
    with override(language):
        response = exception_handler(Throttled(wait), {"request": rf.get("/")})
    assert response.data["detail"] == detail
