"""The routes of allauth that the page calls, each with the methods that it uses. allauth's URL
configuration is not included as a whole, so its other and future routes do not exist here.

The names are allauth's own.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from allauth.headless.account.views import SessionView
from allauth.headless.base.views import APIView
from allauth.headless.constants import Client
from allauth.headless.mfa.views import AuthenticatorsView
from django.urls import URLPattern, include, path
from django.views.decorators.http import require_http_methods

from accounts.api import factors
from accounts.api.providers import ManageProviders, RedirectToProvider
from accounts.api.session import (
    Login,
    RequestPasswordReset,
    ResendVerification,
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
    _route("auth/email/verify", VerifyEmail, "GET", "POST", name="verify_email"),
    _route(
        "auth/email/verify/resend",
        ResendVerification,
        "POST",
        name="resend_email_verification_code",
    ),
    _route("auth/reauthenticate", factors.Reauthenticate, "POST", name="reauthenticate"),
    _route("auth/password/request", RequestPasswordReset, "POST", name="request_password_reset"),
    _route("auth/password/reset", ResetPassword, "GET", "POST", name="reset_password"),
]

PROVIDER_ROUTES = [
    _route("auth/provider/redirect", RedirectToProvider, "POST", name="redirect_to_provider"),
    _route("account/providers", ManageProviders, "GET", "POST", "DELETE", name="manage_providers"),
]

FACTOR_ROUTES = [
    _route("auth/2fa/authenticate", factors.Authenticate, "POST", name="authenticate"),
    _route("auth/2fa/reauthenticate", factors.ReauthenticateByCode, "POST", name="reauthenticate"),
    _route(
        "auth/webauthn/authenticate",
        factors.AuthenticateByPasskey,
        "GET",
        "POST",
        name="authenticate_webauthn",
    ),
    _route(
        "auth/webauthn/reauthenticate",
        factors.ReauthenticateByPasskey,
        "GET",
        "POST",
        name="reauthenticate_webauthn",
    ),
    _route("auth/webauthn/login", factors.LoginByPasskey, "GET", "POST", name="login_webauthn"),
    _route("account/authenticators", AuthenticatorsView, "GET", name="authenticators"),
    _route(
        "account/authenticators/totp",
        factors.ManageTOTP,
        "GET",
        "POST",
        "DELETE",
        name="manage_totp",
    ),
    _route(
        "account/authenticators/recovery-codes",
        factors.ManageRecoveryCodes,
        "GET",
        "POST",
        name="manage_recovery_codes",
    ),
    _route(
        "account/authenticators/webauthn",
        factors.ManagePasskeys,
        "GET",
        "POST",
        "PUT",
        "DELETE",
        name="manage_webauthn",
    ),
]

_account = include((ROUTES, "headless"), namespace="account")
_mfa = include((FACTOR_ROUTES, "headless"), namespace="mfa")
_providers = include((PROVIDER_ROUTES, "headless"), namespace="socialaccount")
_v1 = [path("v1/", one) for one in (_account, _mfa, _providers)]
_browser = include((_v1, "headless"), namespace="browser")
urlpatterns = [path("browser/", _browser)]
