"""A system check for accounts that nobody can sign in to."""

from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.db import DatabaseError

from accounts.addresses.canonical_form import canonical
from accounts.models import User


def unreachable_accounts(database: str = "default") -> Iterator[int]:
    """The ids of users whose stored address is not canonical while another account has the
    canonical one: a sign-in always finds the other account.
    """
    users = User.objects.using(database)
    for pk, email in users.filter(email__regex=r"[^!-~]").values_list("pk", "email"):
        if users.filter(email=canonical(email or "")).exclude(pk=pk).exists():
            yield pk


def check_addresses(*, databases: Any = None, **_options: Any) -> list[checks.CheckMessage]:
    """Run by `migrate` and `check --database default`."""
    found: list[checks.CheckMessage] = []
    for database in databases or ():
        try:
            ids = list(unreachable_accounts(database))
        except DatabaseError:  # the table does not exist yet
            continue
        if ids:
            found.append(_warning(ids))
    return found


def _warning(ids: list[int]) -> checks.CheckMessage:
    return checks.Warning(
        "Accounts have an address that another account has in its usual spelling, so nobody can "
        f"sign in to them: {', '.join(map(str, ids))}.",
        hint="Change the address of one of the two in the administration, or delete it there.",
        id="accounts.W001",
    )
