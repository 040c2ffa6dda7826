"""Who may join this site."""

from django.http import HttpRequest
from rest_framework.request import Request


def may_join(
    request: Request | HttpRequest,  # noqa: ARG001
    *,
    email: str | None = None,  # noqa: ARG001
    provider: str = "",  # noqa: ARG001
) -> str:
    """Empty if they may, else the reason: `signup_closed`, `signup_invite` or `signup_approval`.
    `email`: an address that is theirs, or None; of a person who comes by a provider only a verified
    one. `provider`: its id, or empty.
    """
    return ""
