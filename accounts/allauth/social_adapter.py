"""How allauth's sign-in by providers works here: its `SOCIALACCOUNT_ADAPTER`. What allauth itself
would do with a person who comes back from a provider is replaced by `accounts.social`.
"""

from typing import Any, NoReturn

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.http import HttpRequest

from accounts.providers import offered
from accounts.providers.oauth import Provider


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def list_apps(
        self,
        request: HttpRequest,  # noqa: ARG002
        provider: str | None = None,
        client_id: str | None = None,
    ) -> list[Any]:
        return offered.apps(provider, client_id)

    def list_providers(self, request: HttpRequest) -> list[Provider]:
        return offered.providers(request)

    def get_provider(
        self,
        request: HttpRequest,
        provider: str,
        client_id: str | None = None,  # noqa: ARG002
    ) -> Provider:
        found = offered.provider(request, provider)
        if found is None:
            raise SocialApp.DoesNotExist
        return found

    def get_requests_session(self) -> NoReturn:
        """Requests to providers go through `accounts.providers.wire`, which bounds them."""
        raise NotImplementedError
