"""The migration that normalizes stored names and addresses."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import connection

from accounts.addresses.checks import unreachable_accounts
from accounts.models import User

MIGRATION = import_module("accounts.migrations.0007_one_form_of_names_and_addresses")

pytestmark = pytest.mark.django_db


def migrate() -> None:
    MIGRATION.bring_into_form(apps, SimpleNamespace(connection=connection))


def add(email: str, nickname: str = "", **fields) -> User:
    [user] = User.objects.bulk_create([User(email=email, nickname=nickname, **fields)])
    return user


@pytest.mark.parametrize(
    ("nickname", "fields", "then"),
    [
        ("\u202enim\u200bda\n", {}, "nimda"),
        ("Alice", {}, "Alice"),
        ("👩\u200d🚀", {}, "👩\u200d🚀"),
        ("Ad\u200bmin", {}, ""),
        ("Ad\u200bmin", {"is_staff": True}, "Admin"),
        ("\u0958" * 50, {}, "\u0915\u093c" * 25),
    ],
)
def test_nicknames(nickname, fields, then):
    person = add("a@example.com", nickname, **fields)
    migrate()
    person.refresh_from_db()
    assert person.nickname == then


def test_the_boards_own_name_stays():
    board = add("board@daesa.invalid", "Daesa", is_active=False)
    migrate()
    board.refresh_from_db()
    assert board.nickname == "Daesa"


def test_addresses_with_their_rows():
    person = add("Dora@exämple.com")
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=person, email="Dora@exämple.com", primary=True, verified=True)]
    )
    migrate()
    person.refresh_from_db()
    assert person.email == "dora@xn--exmple-cua.com"
    assert EmailAddress.objects.get().email == person.email


def test_a_second_account_of_one_mailbox_stays_and_is_reported():
    first = add("dora@xn--exmple-cua.com")
    second = add("dora@exämple.com", "D\u200bora")
    add("no address ä")
    migrate()
    second.refresh_from_db()
    assert (second.email, second.nickname) == ("dora@exämple.com", "Dora")
    assert list(unreachable_accounts()) == [second.pk]
    first.delete()
    migrate()
    assert list(unreachable_accounts()) == []


def test_an_address_that_another_has_verified_stays():
    other = add("bob@example.com")
    EmailAddress.objects.create(user=other, email="dora@xn--exmple-cua.com", verified=True)
    person = add("dora@exämple.com")
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=person, email="dora@exämple.com", primary=True, verified=True)]
    )
    migrate()
    person.refresh_from_db()
    assert person.email == "dora@exämple.com"


def test_in_batches(django_assert_max_num_queries):
    count = 2 * MIGRATION.AT_ONCE
    User.objects.bulk_create(
        User(email=f"{number}@example.com", nickname=f"N{number}") for number in range(count - 4)
    )
    people = [add(f"last{number}@example.com", f"L\u200b{number}") for number in range(5)]
    with django_assert_max_num_queries(4 + len(people)):
        migrate()
    assert User.objects.filter(nickname__in=[f"L{number}" for number in range(5)]).count() == 5
    with django_assert_max_num_queries(4):  # nothing is left to write
        migrate()
