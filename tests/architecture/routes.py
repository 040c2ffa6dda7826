"""Every route of the URL configuration, with what it takes to call it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    name: str
    pattern: str
    callback: Any

    @property
    def view(self) -> type | None:
        """The class of the view; Django's and DRF's keep it under different names."""
        return getattr(self.callback, "cls", getattr(self.callback, "view_class", None))

    @property
    def kind(self) -> str:
        """`admin`, `headless`, or `api` for everything of our own."""
        first = self.name.split(":")[0]
        return first if first in {"admin", "headless"} else "api"


def _walk(patterns: list[Any], prefix: str = "", namespace: str = "") -> Iterator[Route]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry.url_patterns, f"{prefix}{entry.pattern}", inner)
        elif isinstance(entry, URLPattern):
            pattern = f"{prefix}{entry.pattern}"
            yield Route(f"{namespace}{entry.name or pattern}", pattern, entry.callback)


ROUTES = list(_walk(get_resolver("config.urls").url_patterns))
