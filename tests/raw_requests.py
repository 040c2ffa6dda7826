"""Requests whose body is sent as it is."""

from typing import Any

from rest_framework.test import APIClient


def send_raw(
    client: APIClient,
    method: str,
    path: str,
    body: bytes,
    content_type: str = "application/json",
    **headers: str,
) -> Any:
    # The stubs take text only.
    return client.generic(method, path, body, content_type, headers=headers)  # type: ignore[arg-type]
