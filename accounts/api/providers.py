"""Signing in by a provider, for the page: the form that begins it, the way back, and the list of
what is connected. Both ways are navigations of the browser, so every end is a redirect to a path of
the page, with `error` and `provider` in its query unless it is a good one (docs/providers.md).
"""

import logging
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from allauth.headless.adapter import get_adapter
from allauth.headless.base.response import APIResponse
from allauth.headless.internal.restkit import inputs
from allauth.headless.socialaccount import views
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialAccount
from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import MethodNotAllowed

from accounts.api.session import KnownInputNames
from accounts.fresh_sign_in import demand_fresh_sign_in
from accounts.limits import rate_limits
from accounts.providers import offered
from accounts.providers.errors import Ended, ProviderFailed
from accounts.providers.oauth import Provider, State
from accounts.social import connect, demand_fresh_session, disconnect, sign_in
from config.api.problems import problem_response
from config.api.users import request_user

logger = logging.getLogger(__name__)

PAGE = "/login/callback"  # where a sign-in ends whose own end is not known
LONGEST_URL = 2000
_LONGEST_CODE = 4096
_CANCELLED = "access_denied"
_OF_THE_PROVIDER = {"server_error", "temporarily_unavailable"}


class RedirectForm(forms.Form):
    provider = forms.CharField(max_length=40)
    process = forms.ChoiceField(choices=[("login", "login"), ("connect", "connect")])
    callback_url = forms.CharField(max_length=LONGEST_URL)

    def clean_callback_url(self) -> str:
        """A path of this site. Its own `next`, to which the page goes on, must be one, too."""
        url: str = self.cleaned_data["callback_url"]
        parts = urlsplit(url)
        nexts = [value for name, value in parse_qsl(parts.query) if name == "next"]
        if not all(map(is_own_path, [url, *nexts])):
            raise forms.ValidationError("", code="invalid_url")
        return url


def is_own_path(url: str) -> bool:
    return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)


class RedirectToProvider(views.RedirectToProviderView):  # type: ignore[misc]
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        form = RedirectForm(request.POST)
        is_valid, given = form.is_valid(), form.cleaned_data
        page, name = given.get("callback_url", PAGE), given.get("provider", "")
        provider = offered.provider(request, name)
        if not is_valid or provider is None:
            return ended(page, "unknown", name if provider else "")
        try:
            return _begin(request, provider, process=given["process"], page=page)
        except Ended as end:
            return _ended_by(end, page, provider.sub_id)


def _begin(request: HttpRequest, provider: Provider, *, process: str, page: str) -> HttpResponse:
    stashed: State = {}
    if process == "connect":
        stashed["user"] = demand_fresh_session(request).pk
    if not rate_limits.try_spend(request, action="provider_redirect"):
        raise Ended("too_many_attempts")
    redirect = provider.redirect(request, process, next_url=page, **stashed)
    return _go_on_to(redirect["Location"], provider.name)


def _go_on_to(url: str, name: str) -> HttpResponse:
    """A document that goes on by itself. After a form, browsers follow a redirect only to where
    the page's policy lets forms go (`form-action`), and providers redirect to hosts that are not
    known here.
    """
    words = gettext("Go on to %(provider)s") % {"provider": name}
    html = format_html(
        '<!doctype html><html lang="{}"><meta charset="utf-8"><title>{}</title>'
        '<p><a href="{}">{}</a></p></html>',
        *(get_language() or "en", words, url, words),
    )
    return HttpResponse(html, headers={"Refresh": f"0; url={url}"})


@method_decorator(csrf_exempt, name="dispatch")  # a POST is 405; there is nothing to forge
class ProviderCallback(View):
    """Where the browser comes back with a code, or an error (RFC 6749, 4.1.2)."""

    http_method_names = ("get", "head")
    provider_id = ""

    def http_method_not_allowed(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Any:
        refusal = str(MethodNotAllowed(str(request.method)).detail)
        allowed = {"Allow": "GET, HEAD"}
        return problem_response(request, status=405, detail=refusal, headers=allowed)

    def get(self, request: HttpRequest) -> HttpResponse:
        provider = offered.provider(request, self.provider_id)
        state = _take_state(request, provider)
        if provider is None or state is None:
            return ended(PAGE, "expired", self.provider_id)
        page = state.get("next") or PAGE
        try:
            _finish(request, provider, state)
        except Ended as end:
            return _ended_by(end, page, self.provider_id)
        return HttpResponseRedirect(page)


def _take_state(request: HttpRequest, provider: Provider | None) -> State | None:
    """What this session has kept for the state of the query; each state is found once."""
    state_id = request.GET.get("state")
    if provider is None or not state_id:
        return None
    found: State | None = statekit.unstash_state(
        request, state_id=state_id, provider_id=provider.sub_id
    )
    return found


def _finish(request: HttpRequest, provider: Provider, state: State) -> None:
    error, code = request.GET.get("error"), request.GET.get("code", "")
    if error == _CANCELLED:
        raise Ended("cancelled")
    if error and error not in _OF_THE_PROVIDER:
        raise Ended("denied")
    if error or not 0 < len(code) <= _LONGEST_CODE:
        raise ProviderFailed("no code")
    if not rate_limits.try_spend(request, action="provider_callback"):
        raise Ended("too_many_attempts")
    is_connecting = state["process"] == "connect"
    if is_connecting:
        demand_fresh_session(request)
    identity = provider.identity_of(request, code=code, state=state)
    if is_connecting:
        connect(request, identity, user_id=state["user"])
    else:
        sign_in(request, identity, next_url=state.get("next") or PAGE)


def _ended_by(end: Ended, page: str, provider: str) -> HttpResponse:
    reason = end.reason if isinstance(end, ProviderFailed) else ""
    logger.warning("sign-in by %s: %s %s", provider, end.code, reason)
    return ended(page, end.code, provider)


def ended(page: str, error: str, provider: str) -> HttpResponse:
    """A redirect to the page with what went wrong."""
    parts = urlsplit(page)
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in {"error", "provider"}
    ]
    said = [("error", error), *([("provider", provider)] if provider else [])]
    return HttpResponseRedirect(f"{parts.path}?{urlencode([*kept, *said])}")


class _OfUser(inputs.Input):  # type: ignore[misc]
    provider = inputs.CharField()

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)


class ConnectInput(_OfUser):
    def clean_provider(self) -> str:
        name: str = self.cleaned_data["provider"]
        if name not in offered.names():
            raise get_adapter().validation_error("unknown_provider")
        return name


class DisconnectInput(_OfUser):
    account = inputs.CharField()

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean()
        if {"provider", "account"} <= given.keys():
            own = SocialAccount.objects.filter(user=self.user)
            found = own.filter(provider=given["provider"], uid=given["account"]).first()
            if found is None:
                raise get_adapter().validation_error("account_not_found")
            given["found"] = found
        return given


class ManageProviders(KnownInputNames, views.ManageProvidersView):  # type: ignore[misc]
    input_class = {"POST": ConnectInput, "DELETE": DisconnectInput}

    def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method in {"DELETE", "POST"}:
            demand_fresh_sign_in(request)
        return super().handle(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        return self._connected(request)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Whether a way to sign in may be connected now. The page asks before it begins, because
        the form that begins it leaves the page, on which the user confirms that it is them.
        """
        response: HttpResponse = APIResponse(request)
        return response

    def delete(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        disconnect(request, request_user(request), self.input.cleaned_data["found"])
        return self._connected(request)

    def _connected(self, request: HttpRequest) -> HttpResponse:
        """Also those of providers that the site does not offer any more."""
        names = offered.names()
        rows = SocialAccount.objects.filter(user=request_user(request)).order_by("pk")
        data = [
            {
                "uid": row.uid,
                "provider": {"id": row.provider, "name": names.get(row.provider, row.provider)},
                "display": names.get(row.provider, row.provider),
                "connected_at": row.date_joined.isoformat(),
                "last_used_at": row.last_login.isoformat(),
            }
            for row in rows
        ]
        response: HttpResponse = APIResponse(request, data=data)
        return response
