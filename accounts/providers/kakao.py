"""Kakao (https://developers.kakao.com/docs/latest/en/kakaologin/rest-api).

The address comes only with business approval and the person's consent.
"""

from typing import ClassVar

from allauth.socialaccount.providers.kakao.provider import KakaoProvider

from accounts.providers import wire
from accounts.providers.identity import Identity, identity, member, subject
from accounts.providers.oauth import Adapter, Provider, State, Tokens


class KakaoAdapter(Adapter):
    @property
    def authorize_url(self) -> str:
        return f"{self.base_url or 'https://kauth.kakao.com'}/oauth/authorize"

    @property
    def access_token_url(self) -> str:
        return f"{self.base_url or 'https://kauth.kakao.com'}/oauth/token"

    def identify(self, tokens: Tokens, state: State) -> Identity:  # noqa: ARG002
        url = f"{self.base_url or 'https://kapi.kakao.com'}/v2/user/me"
        person = wire.get(url, token=tokens["access_token"]).object()
        account = person.get("kakao_account")
        return identity(
            self.provider_id,
            subject(person.get("id"), base_url=self.base_url),
            email=member(account, "email"),
            # An address that another Kakao account has taken over is verified, but not valid.
            flags=(member(account, "is_email_valid"), member(account, "is_email_verified")),
            nickname=member(account, "profile", "nickname"),
        )


class Kakao(Provider, KakaoProvider):  # type: ignore[misc]
    adapter_class = KakaoAdapter
    confirming: ClassVar = {"prompt": "login"}
