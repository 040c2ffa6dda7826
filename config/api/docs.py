"""The documentation pages, /docs and /redoc: assets from this server only, and scripts in files,
so that their content security policy needs no inline script.
"""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView

# Unlike the page, both programs write <style> elements and HTML strings of their own.
POLICY = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF, UNSAFE_INLINE],
    "font-src": [SELF],
    "img-src": [SELF, "data:"],
    "connect-src": [SELF],
    "worker-src": [SELF, "blob:"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
    "require-trusted-types-for": None,
    "trusted-types": None,
    "manifest-src": None,
}


@method_decorator(csp_replace(POLICY), name="dispatch")
class SwaggerUI(SpectacularSwaggerSplitView):
    http_method_names = ("get", "head")  # DRF's OPTIONS has no page to be told on


@method_decorator(csp_replace(POLICY), name="dispatch")
class Redoc(SpectacularRedocView):
    http_method_names = ("get", "head")
