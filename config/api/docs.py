"""The documentation pages /docs and /redoc, and the OpenAPI document that they show, /openapi.json.
Their assets come from this server and their scripts from files, so no inline script is allowed.
"""

from typing import Any, ClassVar

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.utils.encoding import force_bytes
from django.utils.translation import get_language, override
from django.views.decorators.cache import cache_control
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import (
    SpectacularJSONAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)
from rest_framework.request import Request

from config import csp


@method_decorator([cache_control(no_cache=True), csp_replace(csp.DOCUMENTATION)], name="dispatch")
class SwaggerUI(SpectacularSwaggerSplitView):
    http_method_names = ("get", "head")  # DRF's OPTIONS cannot be rendered as a page


@method_decorator([cache_control(no_cache=True), csp_replace(csp.DOCUMENTATION)], name="dispatch")
class Redoc(SpectacularRedocView):
    http_method_names = ("get", "head")


class OpenAPI(SpectacularJSONAPIView):
    """Generated once per process and language: generating takes 50 ms or more, and anyone can
    request it.
    """

    _documents: ClassVar[dict[tuple[str, str], bytes]] = {}

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        language = request.GET.get("lang") or get_language() or ""
        if language not in dict(settings.LANGUAGES):
            language = settings.LANGUAGE_CODE
        renderer = request.accepted_renderer
        key = (language, renderer.media_type)
        if key not in self._documents:
            with override(language):
                schema = self.generator_class().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
                self._documents[key] = force_bytes(renderer.render(schema))
        name = f"Daesa.{renderer.format}"
        headers = {"Content-Disposition": f'inline; filename="{name}"'}
        return HttpResponse(self._documents[key], content_type=renderer.media_type, headers=headers)
