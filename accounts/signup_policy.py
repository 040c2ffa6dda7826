"""Who may join. `judge` is the only place that decides; all that makes accounts calls it, by
`may_join` or by `accounts.joining.admission`. Staff who add people in the administration, and
`create_admin`, are exempt.

`SIGNUP` is the mode:

    open       everybody
    approval   everybody, but staff decide first; people with an invitation at once
    invite     people with an invitation
    closed     nobody, not even with an invitation

`SIGNUP_DOMAINS` holds in every mode, also for people with an invitation.
"""

from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.addresses.canonical_form import canonical
from accounts.joining import invitations
from accounts.joining.models import Invitation

Answer = Literal["", "signup_closed", "signup_invite", "signup_approval", "signup_domain"]


@dataclass(frozen=True)
class Judgement:
    """`answer` is that of `may_join`; `invitation` the one to be used."""

    answer: Answer
    invitation: Invitation | None = None


def may_join(
    request: Request | HttpRequest,
    *,
    email: str | None,
    provider: str = "",
    invitation: str | None = None,
) -> Answer:
    """Whether somebody may join now:

    - `""`: yes, at once;
    - `signup_approval`: yes, but the account waits until staff approve it;
    - `signup_closed`, `signup_invite` (a valid invitation is needed), `signup_domain`: no.

    `email` of a provider must be one that the provider has verified, or else None: an unverified
    one is in no domain and fits no invitation. `invitation` is the digest of the token; None: the
    one that the session keeps. The answer never depends on whether an account has the address.
    """
    return judge(request, email=email, provider=provider, invitation=invitation).answer


def judge(
    request: Request | HttpRequest,
    *,
    email: str | None,
    provider: str = "",  # noqa: ARG001 - all providers are alike; part of the contract
    invitation: str | None = None,
) -> Judgement:
    """Like `may_join`, with the invitation. One that is not valid counts as none."""
    mode = settings.SIGNUP
    if mode == "closed":
        return Judgement("signup_closed")
    if not domain_is_allowed(email):
        return Judgement("signup_domain")
    digest = invitations.kept_in_session(request) if invitation is None else invitation
    found = invitations.find(digest, email=email)
    if found or mode == "open":
        return Judgement("", found)
    return Judgement("signup_invite" if mode == "invite" else "signup_approval")


def domain_is_allowed(email: str | None) -> bool:
    """Whether the domain of an address is one of `SIGNUP_DOMAINS`. `.example.com` there stands for
    example.com and all its subdomains, as in `ALLOWED_HOSTS`.
    """
    allowed: list[str] = settings.SIGNUP_DOMAINS
    if not allowed:
        return True
    local, at, domain = canonical(email or "").rpartition("@")
    if not (local and at and domain):
        return False
    return any(
        domain == name.removeprefix(".") or (name.startswith(".") and domain.endswith(name))
        for name in allowed
    )
