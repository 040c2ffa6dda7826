"""Problems in the OpenAPI document.

A view names those with codes of its own by `problems(_401="invalid_credentials")` in its
`responses`. `add_problem_responses` adds those that every operation of a kind can answer with.
"""

from typing import Any

from drf_spectacular.utils import OpenApiResponse

MEDIA_TYPE = "application/problem+json"
REFERENCE = {"$ref": "#/components/schemas/Problem"}

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {
            "type": "string",
            "description": "The path; missing where the request could not be read.",
        },
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}

SCOPE = "403 scope"  # for a GET, to which no CSRF token belongs
EXAMPLES: dict[str, dict[str, Any]] = {
    "400": {"code": "invalid", "title": "Bad Request", "detail": "Some of the input is not valid."},
    "401": {
        "code": "not_authenticated",
        "title": "Unauthorized",
        "detail": "Authentication credentials were not provided.",
    },
    "403": {
        "code": "csrf_failed",
        "title": "Forbidden",
        "detail": "The CSRF token is missing or wrong.",
    },
    SCOPE: {
        "code": "insufficient_scope",
        "title": "Forbidden",
        "detail": "This needs a personal token with the scope chat:read.",
    },
    "404": {"code": "not_found", "title": "Not Found", "detail": "Not found."},
    "406": {
        "code": "not_acceptable",
        "title": "Not Acceptable",
        "detail": "Could not satisfy the request Accept header.",
    },
    "413": {
        "code": "too_large",
        "title": "Content Too Large",
        "detail": "The body is larger than this server takes.",
    },
    "414": {
        "code": "uri_too_long",
        "title": "URI Too Long",
        "detail": "The address is longer than this server reads.",
    },
    "415": {
        "code": "unsupported_media_type",
        "title": "Unsupported Media Type",
        "detail": 'Unsupported media type "text/plain" in request.',
    },
    "429": {
        "code": "too_many_writes",
        "title": "Too Many Requests",
        "detail": "Too many changes within a minute. Wait a moment, then go on.",
    },
    "503": {
        "code": "database_unavailable",
        "title": "Service Unavailable",
        "detail": "The database does not answer.",
    },
}


def problems(**codes: str) -> dict[tuple[int, str], OpenApiResponse]:
    """Responses by status and media type; the codes become the description:
    `problems(_401="invalid_credentials", _429="too_many_attempts, sign_in_stopped")`.
    """
    return {
        (int(status.removeprefix("_")), MEDIA_TYPE): OpenApiResponse(REFERENCE, description=code)
        for status, code in codes.items()
    }


def add_problem_responses(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """A post-processing hook of spectacular."""
    result["components"]["schemas"]["Problem"] = PROBLEM_SCHEMA
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for status in _statuses(path, method, operation):
                response = _response(path, status)
                operation["responses"].setdefault(status.partition(" ")[0], response)
    return result


def _response(path: str, status: str) -> dict[str, Any]:
    example = {
        "type": f"urn:daesa:problem:{EXAMPLES[status]['code']}",
        "status": int(status.partition(" ")[0]),
        "instance": path,
        "request_id": "5f2b0c1e9a7d4c38b1f0a2c4e6d8f001",
        **EXAMPLES[status],
    }
    return {
        "description": EXAMPLES[status]["title"],
        "content": {
            MEDIA_TYPE: {
                "schema": REFERENCE,
                "example": example,
            }
        },
    }


def _statuses(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    statuses = ["406", "503"]
    if operation.get("parameters") or "requestBody" in operation:
        statuses.append("400")
    if operation.get("parameters"):
        statuses.append("414")
    if "requestBody" in operation:
        statuses += ["413", "415"]
    security = operation.get("security", [{}])
    if security != [{}]:
        statuses.append("401")
        if {} in security:
            statuses.append("429")  # reads without a sign-in are limited by address
        if method != "get":
            statuses += ["403", "429"]  # a session without its CSRF token; `config.api.writes`
        elif any("personalToken" in needed for needed in security):
            statuses.append(SCOPE)
    if "{" in path or "page" in {p["name"] for p in operation.get("parameters", [])}:
        statuses.append("404")
    return statuses
