"""What all providers have in common: the authorization-code flow with PKCE and state (OAuth 2.0,
RFC 6749, 7636, 9700), on allauth's providers. allauth builds the address of the provider and keeps
the state in the session; the requests to the provider are ours (`accounts.providers.wire`).

A provider's module has a provider class with `adapter_class`, and the adapter says where its
endpoints are and whom an access token belongs to (`identify`).
"""

import re
import secrets
from typing import Any, ClassVar
from urllib.parse import quote_plus

from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.providers import wire
from accounts.providers.errors import ProviderFailed
from accounts.providers.identity import Identity

State = dict[str, Any]
Tokens = dict[str, Any]

_SUCCESSFUL = {200, 201}
# The code was used before, or is too old; the second is GitHub's word for it.
_SPENT = {"invalid_grant", "bad_verification_code"}
_WORD = re.compile(r"[a-z_]{1,40}")


class Adapter(OAuth2Adapter):  # type: ignore[misc]
    """Talks to one provider for one request."""

    def __init__(self, request: HttpRequest, provider: "Provider") -> None:
        super().__init__(request)
        self.provider = provider
        self.provider_id = provider.sub_id
        self.base_url: str = provider.app.settings.get("base_url", "")

    def get_provider(self) -> "Provider":
        return self.provider

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:  # noqa: ARG002 - allauth's
        return request.build_absolute_uri(reverse(self.provider.callback_name))

    def identify(self, tokens: Tokens, state: State) -> Identity:
        """Raises `ProviderFailed`."""
        raise NotImplementedError

    def exchange(self, code: str, state: State) -> Tokens:
        """The tokens for a code. Raises `ProviderFailed`."""
        answer = wire.post_form(
            self.access_token_url,
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self.get_callback_url(self.request, self.provider.app),
                "code_verifier": state.get("pkce_code_verifier") or "",
                **self._credentials(),
            },
            headers=self._authentication(),
        )
        tokens = answer.value if isinstance(answer.value, dict) else {}
        # GitHub and Naver answer 200 with an error.
        if answer.status not in _SUCCESSFUL or "error" in tokens:
            error = tokens.get("error")
            word = error if isinstance(error, str) and _WORD.fullmatch(error) else "no code"
            raise ProviderFailed(
                f"token: status {answer.status}, {word}",
                code="expired" if word in _SPENT else "unknown",
            )
        access = tokens.get("access_token")
        if not isinstance(access, str) or not access.isascii() or not access.isprintable():
            raise ProviderFailed("token: no access token")
        return tokens

    def _credentials(self) -> dict[str, str]:
        app = self.provider.app
        if self.basic_auth:
            return {}
        return {"client_id": app.client_id, "client_secret": app.secret}

    def _authentication(self) -> dict[str, str]:
        app = self.provider.app
        if not self.basic_auth:
            return {}
        pair = f"{quote_plus(app.client_id)}:{quote_plus(app.secret)}"  # RFC 6749, 2.3.1
        return wire.basic(pair)


class Provider(OAuth2Provider):  # type: ignore[misc]
    """Before allauth's own class of a provider, whose id and name it keeps."""

    adapter_class: ClassVar[type[Adapter]]
    supports_token_authentication = False  # no route takes tokens of providers
    has_nonce = False  # whether the provider repeats a nonce in its id_token
    # Parameters that make the provider ask the person again, who confirms that it is them.
    confirming: ClassVar[dict[str, str]] = {}

    @property
    def callback_name(self) -> str:
        return f"{self.id}_callback"

    def get_oauth2_adapter(self, request: HttpRequest) -> Adapter:
        return self.adapter_class(request, self)

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, **stashed: Any
    ) -> HttpResponseBase:
        """A redirect to the provider. `stashed` is found in the state when the person comes back.

        Raises `ProviderFailed`.
        """
        parameters = self.get_auth_params()
        if self.has_nonce:
            stashed["nonce"] = parameters["nonce"] = secrets.token_urlsafe(32)
        if process == "login" and request.user.is_authenticated:
            parameters.update(self.confirming)
        response: HttpResponseBase = super().redirect(
            request, process, next_url=next_url, auth_params=parameters, **stashed
        )
        return response

    def identity_of(self, request: HttpRequest, *, code: str, state: State) -> Identity:
        """Who came back with this code. Raises `ProviderFailed`."""
        adapter = self.get_oauth2_adapter(request)
        return adapter.identify(adapter.exchange(code, state), state)
