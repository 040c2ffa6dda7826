"""/metrics, for Prometheus: open to requests with the token or from an allowed address, and 404 to
all others.
"""

import ipaddress
import os
from hmac import compare_digest

from allauth.core.internal.httpkit import clean_client_ip
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from rest_framework.exceptions import MethodNotAllowed

from chat.turns import heartbeat
from config import watch
from config.api.problems import problem_response
from config.views import page_not_found

# Headers that proxies add.
_PROXY_HEADERS = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-IP",
)


@csrf_exempt
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics of all workers, in the text format of Prometheus."""
    if not (_has_token(request) or _is_from_allowed(request)):
        return page_not_found(request)
    if request.method not in {"GET", "HEAD"}:
        refusal = str(MethodNotAllowed(str(request.method)).detail)
        response = problem_response(request, status=405, detail=refusal)
        response["Allow"] = "GET, HEAD"
        return response
    heartbeat.measure()
    watch.note_request()
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _registry() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:  # set by config/gunicorn.conf.py
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not settings.METRICS_TOKEN or scheme.lower() != "bearer":
        return False
    return compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())


def _is_from_allowed(request: HttpRequest) -> bool:
    found = clean_client_ip(_address(request))
    if found is None:
        return False
    address = ipaddress.ip_address(found)
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in ipaddress.ip_network(network) for network in settings.METRICS_ALLOWED)


def _address(request: HttpRequest) -> str:
    """The caller's address; "" if a proxy hides it. Unlike rate limits, this must not fall back to
    the proxy's address: behind a proxy on this machine every caller would be loopback.
    """
    if not any(header in request.headers for header in _PROXY_HEADERS):
        return str(request.META.get("REMOTE_ADDR", ""))
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    trusted: int = settings.TRUSTED_PROXY_COUNT
    return hops[-trusted] if 0 < trusted <= len(hops) else ""
