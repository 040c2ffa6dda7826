"""Examples and parameters of this app in the OpenAPI document."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from config.api.schema import AutoSchema

RETRY_AFTER = OpenApiParameter(
    "Retry-After",
    OpenApiTypes.INT,
    OpenApiParameter.HEADER,
    response=[429],
    description="Seconds until another attempt makes sense.",
)

CREDENTIALS = {"email": "alice@example.com", "password": "correct horse battery"}
PROFILE = {
    "id": 1,
    "email": "alice@example.com",
    "has_password": True,
    "nickname": "alice",
    "is_staff": False,
    "second_factor_required": False,
    "created_at": "2026-11-20T09:00:00+09:00",
    "review_emails": True,
    "daily_limit": 5,
    "chat_retention_days": None,
    "quota": {"limit": 5, "used": 2, "remaining": 3, "resets_at": "2026-11-21T00:00:00+09:00"},
    "links": [{"rel": "self", "href": "https://daesa.example/accounts/profile", "method": "GET"}],
}
PAIR = {"access": "eyJhbGciOiJIUzI1NiIs…", "refresh": "eyJhbGciOiJIUzI1NiIs…"}

PERSONAL_TOKEN = {
    "id": 3,
    "name": "Discord bot",
    "start": "daesa_pat_Ab12",
    "scopes": ["chat:write"],
    "state": "active",
    "created_at": "2026-11-20T09:00:00+09:00",
    "expires_at": "2027-02-18T09:00:00+09:00",
    "last_used_at": None,
    "usage": {"today": 2, "total": 41},
    "links": [{"rel": "self", "href": "https://daesa.example/accounts/tokens/3", "method": "GET"}],
}


class BodyOnDelete(AutoSchema):
    """Documents the body of a DELETE, which spectacular leaves out: leaving asks for the password
    there.
    """

    def _get_request_body(self, direction: Any = "request") -> Any:
        if self.method != "DELETE":
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        self.method = "POST"
        try:
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        finally:
            self.method = "DELETE"


def example(name: str, value: Any, *, status: int | None = None) -> OpenApiExample:
    """An example of the request, or of the response with this status."""
    if status is None:
        return OpenApiExample(name, value=value, request_only=True)
    return OpenApiExample(name, value=value, response_only=True, status_codes=[str(status)])
