"""Where people come back from providers: the redirect URIs that sites register (docs/providers.md).
The names are allauth's.
"""

from django.urls import URLPattern, path

from accounts.api.providers import ProviderCallback
from config.providers import OIDC


def _callback(provider: str, *, name: str) -> URLPattern:
    view = ProviderCallback.as_view(provider_id=provider)
    return path(f"{provider}/callback", view, name=name)


urlpatterns = [
    _callback("kakao", name="kakao_callback"),
    _callback("naver", name="naver_callback"),
    _callback("google", name="google_callback"),
    _callback("github", name="github_callback"),
    _callback(OIDC, name="openid_connect_callback"),
]
