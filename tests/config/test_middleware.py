"""The content security policies, built once, and Django's messages in the administration only."""

import pytest
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.http import HttpResponse
from django.test import RequestFactory

from config import csp
from config.middleware import AdminMessageMiddleware, PolicyMiddleware

HEADER = "Content-Security-Policy"


@pytest.mark.parametrize(
    ("path", "replace"), [("/health/live", {}), ("/c/1", {}), ("/admin/login/", csp.ADMIN)]
)
@pytest.mark.parametrize("status", [200, 404, 500])
def test_the_policy_is_the_one_that_django_csp_builds(path, replace, status):
    middleware = PolicyMiddleware(lambda _request: HttpResponse(status=status))
    response = middleware(RequestFactory().get(path))
    assert response[HEADER] == build_policy(replace=replace)  # type: ignore[index]


def test_a_policy_of_a_view_is_kept():
    def view(_request):
        response = HttpResponse()
        response._csp_replace = csp.DOCUMENTATION  # type: ignore[attr-defined]
        return response

    response = PolicyMiddleware(view)(RequestFactory().get("/docs"))
    expected = CSPMiddleware(view)(RequestFactory().get("/docs"))
    assert response[HEADER] == expected[HEADER] == build_policy(replace=csp.DOCUMENTATION)  # type: ignore[index]


@pytest.mark.parametrize(("path", "has_messages"), [("/admin/", True), ("/chat", False)])
def test_messages_are_for_the_administration(path, has_messages):
    request = RequestFactory().get(path)
    request.session = {}  # type: ignore[assignment]
    AdminMessageMiddleware(lambda _request: HttpResponse())(request)
    assert hasattr(request, "_messages") is has_messages
