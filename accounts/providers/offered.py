"""The providers that this site offers (config.providers), in their order."""

from typing import Any

from allauth.socialaccount.adapter import _build_apps_from_settings
from django.http import HttpRequest

from accounts.providers.github import GitHub
from accounts.providers.kakao import Kakao
from accounts.providers.naver import Naver
from accounts.providers.oauth import Provider
from accounts.providers.openid import Google, OpenID

CLASSES: dict[str, type[Provider]] = {one.id: one for one in (Kakao, Naver, Google, GitHub, OpenID)}


def apps(provider: str | None = None, client_id: str | None = None) -> list[Any]:
    """Those of the environment. allauth would also ask its table, once per response."""
    found = _build_apps_from_settings(provider=provider, client_id=client_id)
    return [app for apps in found.values() for app in apps]


def providers(request: HttpRequest) -> list[Provider]:
    return [CLASSES[app.provider](request, app=app) for app in apps()]


def provider(request: HttpRequest, name: str) -> Provider | None:
    """None if it is not offered."""
    return next((one for one in providers(request) if one.sub_id == name), None)


def names() -> dict[str, str]:
    """The names by ids, as `SocialAccount.provider` has them."""
    return {app.provider_id or app.provider: app.name for app in apps()}
