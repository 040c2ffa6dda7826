"""What the OpenAPI document says of this app's answers beyond the serializers."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from config.api.schema import AutoSchema

PROBLEM_TYPE = "application/problem+json"
PROBLEM_SCHEMA = {"$ref": "#/components/schemas/Problem"}

RETRY_AFTER = OpenApiParameter(
    "Retry-After",
    OpenApiTypes.INT,
    OpenApiParameter.HEADER,
    response=[429],
    description="Seconds until another attempt makes sense.",
)

LINK = {"rel": "self", "href": "https://daesa.example/accounts/profile", "method": "GET"}
PROFILE = {
    "id": 1,
    "email": "alice@example.com",
    "nickname": "alice",
    "is_staff": False,
    "created_at": "2026-11-20T09:00:00+09:00",
    "review_emails": True,
    "daily_limit": 5,
    "quota": {"limit": 5, "used": 2, "remaining": 3, "resets_at": "2026-11-21T00:00:00+09:00"},
    "links": [LINK],
}
PAIR = {"access": "eyJhbGciOiJIUzI1NiIs…", "refresh": "eyJhbGciOiJIUzI1NiIs…"}


class BodyOnDelete(AutoSchema):
    """spectacular leaves the body of a DELETE out; leaving asks for the password in it."""

    def _get_request_body(self, direction: Any = "request") -> Any:
        if self.method != "DELETE":
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        self.method = "POST"
        try:
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        finally:
            self.method = "DELETE"


def problems(**codes: str) -> dict[tuple[int, str], OpenApiResponse]:
    """Documents problems: `problems(_401="invalid_credentials")`."""
    return {
        (int(status.removeprefix("_")), PROBLEM_TYPE): OpenApiResponse(
            PROBLEM_SCHEMA, description=code
        )
        for status, code in codes.items()
    }


def example(name: str, value: Any, *, status: int | None = None) -> OpenApiExample:
    """An example of the request, or of the response with this status."""
    if status is None:
        return OpenApiExample(name, value=value, request_only=True)
    return OpenApiExample(name, value=value, response_only=True, status_codes=[str(status)])
