"""Naver's login, after https://developers.naver.com/docs/login/api/api.md."""

from typing import Any

from tests.providers.server import Asked, Granted, Provider, Reply


class Naver(Provider):
    AUTHORIZE, TOKEN, ME = "/oauth2.0/authorize", "/oauth2.0/token", "/v1/nid/me"

    def __init__(self) -> None:
        super().__init__()
        self.person = {
            "id": "gEp0mX2VbJ4cQb9Gl5Vn2D7N0Xh4kV9s",
            "nickname": "나비",
            "email": "navi@example.com",
        }

    def token(self, asked: Asked) -> Reply:
        if not asked.fields.get("state"):
            return self.refusal("invalid_request")
        return super().token(asked)

    def token_body(self, granted: Granted) -> dict[str, Any]:
        return {**super().token_body(granted), "expires_in": "3600"}

    def refusal(self, error: str) -> Reply:
        """Naver says every error with 200."""
        return Reply(200, {"error": error, "error_description": "no valid data in session"})

    def resource(self, asked: Asked) -> Reply:
        person = self.person_of(asked)
        if asked.path != self.ME or person is None:
            return Reply(401, {"resultcode": "024", "message": "Authentication failed"})
        return Reply(200, {"resultcode": "00", "message": "success", "response": person})
