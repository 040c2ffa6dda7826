"""All routes. A view requires authentication unless it says otherwise."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView

from accounts.api.oauth import OAuthMetadata
from config.api.docs import OpenAPI, Redoc, SwaggerUI
from config.metrics import metrics
from config.page import ROUTES
from config.views import Live, Ready, Root, page_not_found, page_route

handler400 = "config.views.bad_request"
handler403 = "config.views.permission_denied"
handler404 = "config.views.page_not_found"
handler500 = "config.views.server_error"

urlpatterns = [
    path("", Root.as_view(), name="root"),
    path("health", Ready.as_view(), name="health"),
    path("health/live", Live.as_view(), name="health-live"),
    path("health/ready", Ready.as_view(), name="health-ready"),
    path("metrics", metrics, name="metrics"),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("accounts.api.callback_urls")),
    path(".well-known/oauth-authorization-server", OAuthMetadata.as_view(), name="oauth-metadata"),
    path("", include("chat.urls")),
    path("", include("quotes.urls")),
    path("_allauth/", include("accounts.api.session_urls")),
    path(
        "openapi.json",
        cache_control(no_cache=True)(OpenAPI.as_view()),
        name="schema",
    ),
    path("docs", SwaggerUI.as_view(url_name="schema"), name="docs"),
    path("redoc", Redoc.as_view(url_name="schema"), name="redoc"),
    path("admin/", admin.site.urls),
    path("admin", RedirectView.as_view(url="/admin/")),
    re_path(ROUTES, csrf_exempt(page_route), name="page"),
    # With DEBUG, Django would show its own page for an unknown path.
    re_path("", csrf_exempt(page_not_found), name="not-found"),
]
