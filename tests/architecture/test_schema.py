"""The committed OpenAPI document is the one that the code makes."""

import re
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command

from tests.architecture.routes import ROUTES

SCHEMA: Path = settings.BASE_DIR / "schema.yaml"


def test_the_committed_schema_is_up_to_date():
    made = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=made)
    assert SCHEMA.read_text(encoding="utf-8") == made.getvalue(), "run `make schema`"


@pytest.fixture(scope="module")
def operations():
    document = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_it_has_every_route_of_ours(operations):
    undocumented = {"schema", "docs", "redoc", "not-found", "no-phone", "metrics", "page"}
    # Documents, feeds and sitemaps of the public board: no answers of the API.
    undocumented |= {r.name for r in ROUTES if r.callback.__module__.startswith("quotes.public.")}
    undocumented |= {route.name for route in ROUTES if route.name.endswith("_callback")}
    names = {
        "/" + re.sub(r"<(?:uuid|id):(\w+)>", r"{\1}", route.pattern.replace("<id:pk>", "{id}"))
        for route in ROUTES
        if route.kind == "api" and route.name not in undocumented
    }
    assert {path for path, _, _ in operations} == names


def test_every_operation_says_what_it_does_and_how_it_fails(operations):
    for path, method, operation in operations:
        where = f"{method} {path}"
        assert operation["summary"], where
        problems = [
            status
            for status, response in operation["responses"].items()
            if "application/problem+json" in response.get("content", {})
        ]
        assert problems, where
