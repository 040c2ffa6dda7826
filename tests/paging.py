"""Reading a list to its end, as a client does: by the links in the `Link` header."""

import re
from typing import Any

from rest_framework.test import APIClient


def rows_of_all_pages(client: APIClient, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    following: str | None = path
    while following:
        response: Any = client.get(following)
        rows += response.json()["results"]
        found = re.search(r'<([^>]+)>; rel="next"', response["Link"])
        following = found[1] if found else None
    return rows
