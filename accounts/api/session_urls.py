"""The routes of allauth that the page calls, each with the methods that it uses. allauth's URL
configuration is not included as a whole, so its other and future routes do not exist here.

The names are allauth's own.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from allauth.headless.account.views import SessionView
from allauth.headless.base.views import APIView
from allauth.headless.constants import Client
from django.urls import URLPattern, include, path
from django.views.decorators.http import require_http_methods

from accounts.api.providers import ManageProviders, RedirectToProvider
from accounts.api.session import (
    Login,
    RequestPasswordReset,
    ResetPassword,
    Signup,
    VerifyEmail,
)

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

app_name = "headless"


def _route(route: str, view: type[APIView], *methods: str, name: str) -> URLPattern:
    handler: Callable[..., HttpResponseBase] = require_http_methods(methods)(
        view.as_api_view(client=Client.BROWSER)
    )
    return path(route, handler, name=name)


ROUTES = [
    _route("auth/session", SessionView, "GET", "DELETE", name="current_session"),
    _route("auth/login", Login, "POST", name="login"),
    _route("auth/signup", Signup, "POST", name="signup"),
    _route("auth/email/verify", VerifyEmail, "POST", name="verify_email"),
    _route("auth/password/request", RequestPasswordReset, "POST", name="request_password_reset"),
    _route("auth/password/reset", ResetPassword, "POST", name="reset_password"),
]

PROVIDER_ROUTES = [
    _route("auth/provider/redirect", RedirectToProvider, "POST", name="redirect_to_provider"),
    _route("account/providers", ManageProviders, "GET", "POST", "DELETE", name="manage_providers"),
]

_account = include((ROUTES, "headless"), namespace="account")
_providers = include((PROVIDER_ROUTES, "headless"), namespace="socialaccount")
_v1 = [path("v1/", _account), path("v1/", _providers)]
_browser = include((_v1, "headless"), namespace="browser")
urlpatterns = [path("browser/", _browser)]
