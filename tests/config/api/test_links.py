from uuid import uuid4

import pytest
from django.test import RequestFactory
from django.urls import reverse

from config.api.links import absolute, base_url, link


def test_link():
    assert link("self", "http://x/1") == {"rel": "self", "href": "http://x/1", "method": "GET"}
    assert link("delete", "http://x/1", "DELETE")["method"] == "DELETE"


def test_absolute_follows_the_host_and_scheme_of_the_request():
    request = RequestFactory().get("/anything?q=1", secure=True, headers={"Host": "localhost:81"})
    assert base_url(request) == "https://localhost:81"
    assert absolute(request, "health-live") == "https://localhost:81/health/live"


@pytest.mark.parametrize(
    ("name", "key"), [("chat:chat", 7), ("chat:replies", 10**17), ("chat:stream", uuid4())]
)
def test_absolute_equals_reverse_for_every_route(name, key):
    request = RequestFactory().get("/", headers={"Host": "localhost"})
    assert absolute(request, name, key) == f"http://localhost{reverse(name, args=[key])}"
