"""Kakao's login, after https://developers.kakao.com/docs/latest/en/kakaologin/rest-api."""

from typing import Any

from tests.providers.server import Asked, Granted, Provider, Reply


class Kakao(Provider):
    AUTHORIZE, TOKEN, ME = "/oauth/authorize", "/oauth/token", "/v2/user/me"

    def __init__(self) -> None:
        super().__init__()
        self.person = {
            "id": 2_963_851_047,
            "nickname": "홍길동",
            "email": "hong@example.com",
            "is_email_valid": True,
            "is_email_verified": True,
        }

    def token_body(self, granted: Granted) -> dict[str, Any]:
        return {**super().token_body(granted), "refresh_token_expires_in": 5183999}

    def refusal(self, error: str) -> Reply:
        code = {"invalid_grant": "KOE320", "invalid_client": "KOE010"}.get(error, "KOE303")
        body = {"error": error, "error_description": "said by Kakao", "error_code": code}
        return Reply(401 if error == "invalid_client" else 400, body)

    def resource(self, asked: Asked) -> Reply:
        person = self.person_of(asked)
        if asked.path != self.ME:
            return Reply(404, {"msg": "NotFoundException", "code": -301})
        if person is None:
            return Reply(401, {"msg": "this access token does not exist", "code": -401})
        return Reply(200, self.account(person))

    def account(self, person: dict[str, Any]) -> dict[str, Any]:
        """Without business approval or consent there is no address at all."""
        addressed = {
            name: person[name]
            for name in ("email", "is_email_valid", "is_email_verified")
            if name in person
        }
        return {
            "id": person.get("id"),
            "connected_at": "2026-01-05T03:00:00Z",
            "properties": {"nickname": person.get("nickname")},
            "kakao_account": {
                "profile_nickname_needs_agreement": False,
                "profile": {"nickname": person.get("nickname"), "is_default_nickname": False},
                "has_email": "email" in person,
                "email_needs_agreement": "email" not in person,
                **addressed,
            },
        }
