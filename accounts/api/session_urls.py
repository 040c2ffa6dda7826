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
    return path(f"auth/{route}", handler, name=name)


ROUTES = [
    _route("session", SessionView, "GET", "DELETE", name="current_session"),
    _route("login", Login, "POST", name="login"),
    _route("signup", Signup, "POST", name="signup"),
    _route("email/verify", VerifyEmail, "POST", name="verify_email"),
    _route("password/request", RequestPasswordReset, "POST", name="request_password_reset"),
    _route("password/reset", ResetPassword, "POST", name="reset_password"),
]

_account = include((ROUTES, "headless"), namespace="account")
_browser = include(([path("v1/", _account)], "headless"), namespace="browser")
urlpatterns = [path("browser/", _browser)]
