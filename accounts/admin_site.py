"""How staff sign in to the administration: on the page, which offers all ways to sign in and asks
for the second factor; where the page is not built, by a form here. They need a second factor if
`REQUIRE_STAFF_MFA` says so, and sign in again when the administration was idle
(`accounts.admin_session`).
"""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from accounts import admin_session
from config import admin_home, page


class AdminSite(admin.AdminSite):
    site_header = site_title = "Daesa"
    login_template = "accounts/admin/sign_in.html"

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "fonts": page.fonts()}

    def has_permission(self, request: HttpRequest) -> bool:
        return (
            super().has_permission(request)
            and admin_session.is_open(request)
            and not self._lacks_factor(request)
        )

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        user: Any = request.user
        if request.method == "POST" and "again" in request.POST:
            logout(request)
            return HttpResponseRedirect(self._path_of_login(request))
        if super().has_permission(request):
            return self._login_of_staff(request)
        if not page.is_built():
            return super().login(request, extra_context)
        if not user.is_authenticated:
            return HttpResponseRedirect(self._path_of_login(request))
        return self._show(request, "not_staff", title=gettext("For staff"), status=403)

    @method_decorator(never_cache)
    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        return super().index(request, {**admin_home.home_of(request), **(extra_context or {})})

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        # Imported here because Django imports this module before there are models.
        from accounts.admin_forms import OwnPasswordForm  # noqa: PLC0415

        view = PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
            template_name="registration/password_change_form.html",
        )
        return view(request)

    def _login_of_staff(self, request: HttpRequest) -> HttpResponse:
        if self._lacks_factor(request):
            title = gettext("Second factor needed")
            return self._show(request, "factor_needed", title=title, status=403)
        if request.method != "POST" and self.has_permission(request):
            return HttpResponseRedirect(self._next(request))
        return self._confirm(request)

    def _confirm(self, request: HttpRequest) -> HttpResponse:
        from accounts.admin_forms import ConfirmForm  # noqa: PLC0415

        user: Any = request.user
        form = ConfirmForm(request, user, request.POST if request.method == "POST" else None)
        if form.fields and form.is_valid():
            form.save()
            admin_session.reopen(request)
            return HttpResponseRedirect(self._next(request))
        return self._show(request, "confirm", title=gettext("Is it still you?"), form=form)

    def _lacks_factor(self, request: HttpRequest) -> bool:
        from accounts.mfa.factors import lacks_required_factor  # noqa: PLC0415

        user: Any = request.user
        return lacks_required_factor(user)

    def _show(
        self, request: HttpRequest, template: str, *, status: int = 200, **more: Any
    ) -> HttpResponse:
        given = {
            **self.each_context(request),
            "app_path": request.get_full_path(),
            "next": self._next(request),
            "security_path": "/settings/security" if page.is_built() else "",
            **more,
        }
        return TemplateResponse(request, f"accounts/admin/{template}.html", given, status=status)

    def _path_of_login(self, request: HttpRequest) -> str:
        path = "/login" if page.is_built() else reverse("admin:login", current_app=self.name)
        return f"{path}?{urlencode({REDIRECT_FIELD_NAME: self._next(request)})}"

    def _next(self, request: HttpRequest) -> str:
        index = reverse("admin:index", current_app=self.name)
        given = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
        is_here = url_has_allowed_host_and_scheme(given, None) and given.startswith(index)
        return given if is_here else index
