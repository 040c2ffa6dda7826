"""Every route of the server. A new one is closed to strangers unless its view says otherwise."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularJSONAPIView

from config.api.docs import Redoc, SwaggerUI
from config.metrics import metrics
from config.views import Live, Ready, Root, page_not_found

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
    path("", include("chat.urls")),
    path("", include("quotes.urls")),
    # Nobody has a telephone here, and to a stranger's PUT allauth's door for it would crash.
    re_path(
        "^_allauth/browser/v1/(account|auth)/phone", csrf_exempt(page_not_found), name="no-phone"
    ),
    path("_allauth/", include("allauth.headless.urls")),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="schema"),
    path("docs", SwaggerUI.as_view(url_name="schema"), name="docs"),
    path("redoc", Redoc.as_view(url_name="schema"), name="redoc"),
    path("admin/", admin.site.urls),
    path("admin", RedirectView.as_view(url="/admin/")),
    # With DEBUG, Django would answer an unknown path with a page of its own.
    re_path("", csrf_exempt(page_not_found), name="not-found"),
]
