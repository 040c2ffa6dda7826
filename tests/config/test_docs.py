"""/docs, /redoc and /openapi.json answer, with assets of this server and within their policy."""

import re
from typing import Any, ClassVar

import pytest
from django.urls import path
from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator

from config import urls
from config.api.docs import OpenAPI

PAGES = ["/docs", "/redoc"]


def directives(response) -> dict[str, list[str]]:
    policy = response["Content-Security-Policy"].strip("; ")
    return {name: values for name, *values in map(str.split, policy.split(";"))}


@pytest.mark.parametrize("path", PAGES)
def test_a_page(anonymous, path):
    response = anonymous.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", PAGES)
def test_what_the_policy_allows(anonymous, path):
    policy = directives(anonymous.get(path))
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert "require-trusted-types-for" not in policy


@pytest.mark.parametrize("path", PAGES)
def test_the_page_keeps_to_its_policy(anonymous, path):
    page = anonymous.get(path).content.decode()
    for attributes, content in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL):
        assert "src=" in attributes
        assert not content.strip()
    assert not re.search(r"\son\w+=", page)
    sources = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"', page)
    assert sources
    assert all(source.startswith(("/", "data:")) for source in sources)


@pytest.mark.parametrize("path", PAGES)
def test_its_files_are_there(anonymous, path):
    page = anonymous.get(path).content.decode()
    scripts = re.findall(r'<script[^>]+src="([^"]+)"', page)
    assert scripts
    for source in scripts:
        response = anonymous.get(source.replace("&amp;", "&"))
        assert response.status_code == 200, source
        body = b"".join(response.streaming_content) if response.streaming else response.content
        assert len(body) > 100


def test_the_script_of_the_page_is_a_file(anonymous):
    response = anonymous.get("/docs?script=")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/javascript")
    assert b"/openapi.json" in response.content


def test_the_schema(anonymous):
    response = anonymous.get("/openapi.json")
    assert response.status_code == 200
    document = response.json()
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "Daesa"
    assert "/chat" in document["paths"]


@pytest.mark.parametrize("path", PAGES)
def test_another_method_is_a_problem_and_no_page(anonymous, path):
    for method in ("POST", "OPTIONS"):
        response = anonymous.generic(method, path, headers={"X-Request-ID": "abc"})
        assert response.status_code == 405
        assert response["Content-Type"] == "application/problem+json"
        assert response.json() == {
            "type": "urn:daesa:problem:method_not_allowed",
            "title": "Method Not Allowed",
            "status": 405,
            "detail": f'Method "{method}" not allowed.',
            "instance": path,
            "code": "method_not_allowed",
            "request_id": "abc",
        }


def test_the_rest_has_the_strict_policy(anonymous):
    policy = directives(anonymous.get("/"))
    assert policy["script-src"] == policy["style-src"] == ["'self'"]
    assert policy["require-trusted-types-for"] == ["'script'"]


class Noting(SchemaGenerator):
    made: ClassVar[list[str]] = []

    def get_schema(self, *args, **kwargs):
        self.made.append(get_language())
        return super().get_schema(*args, **kwargs)


class Noted(OpenAPI):
    _documents: ClassVar[dict[tuple[str, str], bytes]] = {}
    generator_class = Noting


urlpatterns = [path("openapi.json", Noted.as_view()), *urls.urlpatterns]


@pytest.mark.urls(__name__)
def test_the_schema_is_made_once_for_each_language(anonymous):
    ways = [
        ("", {}, "en"),
        ("?lang=ko", {}, "ko"),
        ("", {"Accept-Language": "ko"}, "ko"),
        ("?lang=ko", {"Accept-Language": "en"}, "ko"),
        *((f"?lang=x{number}&version={number}", {}, "en") for number in range(5)),
    ]
    bodies: dict[Any, Any] = {}
    for query, headers, language in ways:
        answer = anonymous.get(f"/openapi.json{query}", headers=headers)
        assert answer.status_code == 200
        assert bodies.setdefault(language, answer.content) == answer.content
    assert Noting.made == ["en", "ko"]
