"""Naver (https://developers.naver.com/docs/login/api/api.md).

It does not say whether it has verified the address.
"""

from typing import ClassVar

from allauth.socialaccount.providers.naver.provider import NaverProvider

from accounts.providers import wire
from accounts.providers.errors import ProviderFailed
from accounts.providers.identity import Identity, identity, member, subject
from accounts.providers.oauth import Adapter, Provider, State, Tokens


class NaverAdapter(Adapter):
    @property
    def authorize_url(self) -> str:
        return f"{self.base_url or 'https://nid.naver.com'}/oauth2.0/authorize"

    @property
    def access_token_url(self) -> str:
        return f"{self.base_url or 'https://nid.naver.com'}/oauth2.0/token"

    def _credentials(self) -> dict[str, str]:
        """Naver wants the state, too."""
        return {**super()._credentials(), "state": self.request.GET.get("state", "")}

    def identify(self, tokens: Tokens, state: State) -> Identity:  # noqa: ARG002
        url = f"{self.base_url or 'https://openapi.naver.com'}/v1/nid/me"
        answer = wire.get(url, token=tokens["access_token"]).object()
        if answer.get("resultcode") != "00":
            raise ProviderFailed("profile: refused")
        person = answer.get("response")
        return identity(
            self.provider_id,
            subject(member(person, "id"), base_url=self.base_url),
            email=member(person, "email"),
            nickname=member(person, "nickname"),
        )


class Naver(Provider, NaverProvider):  # type: ignore[misc]
    adapter_class = NaverAdapter
    confirming: ClassVar = {"auth_type": "reauthenticate"}
