"""Between `prepare` and the end of a reload, workers of the release before write to the tables of
this one. All migrations go backwards, too.
"""

import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, migrations, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from accounts.models import PendingJoin, TokenFamily
from accounts.tokens import issue
from chat.models import Citation, DailyUsage, IdempotencyKey
from config.db.migration_state import difference
from config.db.operations import AddIndexBesideWrites
from config.db.postgresql import base
from tests.chat.asking import make_chat
from tests.environment import SETTINGS
from tests.factories import make_quote, make_user
from tests.faults.prepared import new_database

# The last migrations of the release before. Raise them when a release is made.
BEFORE = {"accounts": "0001_initial", "chat": "0001_initial", "quotes": "0001_initial"}


def citation() -> Citation:
    reply = make_chat(make_user()).chat_reply
    return Citation.objects.create(reply=reply, text="x", start=0, end=1, verdict="unknown")


def key() -> IdempotencyKey:
    chat = make_chat(make_user())
    return IdempotencyKey.objects.create(user=chat.user, chat=chat, key="a", fingerprint="b")


def family() -> TokenFamily:
    issue(make_user())
    return TokenFamily.objects.get()


ROWS: dict[str, Callable[[], models.Model]] = {
    "accounts.user": make_user,
    "accounts.pendingjoin": lambda: PendingJoin.objects.create(email="a@example.com"),
    "accounts.tokenfamily": family,
    "quotes.quote": lambda: make_quote(make_user(), is_apply=True),
    "chat.conversation": lambda: make_chat(make_user()).conversation,
    "chat.chat": lambda: make_chat(make_user()),
    "chat.reply": lambda: make_chat(make_user()).chat_reply,
    "chat.citation": citation,
    "chat.idempotencykey": key,
    "chat.dailyusage": lambda: DailyUsage.objects.create(
        user=make_user(), day="2030-01-01", used=1
    ),
}

# Where the database's default is not the code's, and why that is right.
OTHER_DEFAULTS = {
    "accounts.pendingjoin.code_secret",  # the mail has no code, so the row needs no secret
}


def fields_before() -> dict[str, set[frozenset[str]]]:
    """The sets of fields that each model has had since the release before, other than today's."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    state, had = ProjectState(), defaultdict(set)
    for key in loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True):
        state = loader.graph.nodes[key].mutate_state(state, preserve=False)
        app, name = key
        if name >= BEFORE.get(app, "9999"):
            for (label, model), one in state.models.items():
                if label == app:
                    had[f"{label}.{model}"].add(frozenset(one.fields))
    now = {f"{app}.{model}": frozenset(one.fields) for (app, model), one in state.models.items()}
    return {label: sets - {now[label]} for label, sets in had.items() if sets != {now[label]}}


def columns_of(model: type[models.Model], fields: frozenset[str]) -> list[str]:
    """Raises FieldDoesNotExist: the release before still names that column."""
    found: list[Any] = [model._meta.get_field(name) for name in sorted(fields)]
    return [one.column for one in found if not one.many_to_many]


def insert_again(row: models.Model, columns: list[str]) -> None:
    """Inserts the row anew, with these columns alone."""
    table, names = row._meta.db_table, ", ".join(f'"{name}"' for name in columns)
    where = f"{row._meta.pk.column} = %s"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {table} WHERE {where}", [row.pk])  # noqa: S608
        values = cursor.fetchone()
        cursor.execute(f"DELETE FROM {table} WHERE {where}", [row.pk])  # noqa: S608
        places = ", ".join(["%s"] * len(values))
        cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", values)  # noqa: S608


def filled_in(row: models.Model, fields: frozenset[str]) -> dict[str, Any]:
    """The columns that the database has filled in itself, and that the code would fill in."""
    stored = type(row)._base_manager.get(pk=row.pk)
    return {
        field.name: getattr(stored, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in fields and getattr(stored, field.attname) != field.get_default()
    }


@pytest.mark.django_db
def test_the_release_before_writes_to_these_tables():
    """A column that is new since then needs NULL or a `db_default`; none is dropped or renamed."""
    wrong, before = [], fields_before()
    assert before.keys() == ROWS.keys()
    for label, versions in before.items():
        for fields in sorted(versions, key=len):
            row = ROWS[label]()
            try:
                with transaction.atomic():
                    insert_again(row, columns_of(type(row), fields))
                filled = {f"{label}.{name}" for name in filled_in(row, fields)} - OTHER_DEFAULTS
                wrong += [f"{name} has another default" for name in sorted(filled)]
            except (DatabaseError, FieldDoesNotExist) as error:
                wrong.append(f"{label}: {str(error).splitlines()[0]}")
    assert wrong == []


# --- Backwards ----------------------------------------------------------------------------------


@pytest.fixture
def in_an_empty_database(monkeypatch, tmp_path):
    """Runs a function in a thread, where the default connection is to a database of its own."""
    with new_database(SETTINGS["DATABASE_URL"]) as url:
        name = url.rpartition("/")[2] or str(tmp_path / "empty.sqlite3")
        monkeypatch.setitem(
            connections.settings, "default", {**connection.settings_dict, "NAME": name}
        )

        def run(work):
            errors = []

            def catch():
                try:
                    work()
                except BaseException as error:  # noqa: BLE001 - raised again below
                    errors.append(error)
                finally:
                    connection.close()

            thread = threading.Thread(target=catch)
            thread.start()
            thread.join()
            if pool := base.pools.pop(name, None):
                pool.close()
            if errors:
                raise errors[0]

        yield run


def to_zero_and_back() -> None:
    call_command("migrate", verbosity=0, skip_checks=True)
    assert difference(connection) == ""
    before = shape()
    # With all that refers to it.
    call_command("migrate", "accounts", "zero", verbosity=0, skip_checks=True)
    left = {name for name in shape() if name.startswith(("accounts_", "chat_", "quotes_quote"))}
    assert left == set()
    call_command("migrate", verbosity=0, skip_checks=True)
    assert difference(connection) == ""
    assert shape() == before
    add_and_remove_an_index()


def shape() -> dict[str, set[str]]:
    """The columns and constraints of each table."""
    with connection.cursor() as cursor:
        looked = connection.introspection
        return {
            table: {column.name for column in looked.get_table_description(cursor, table)}
            | looked.get_constraints(cursor, table).keys()
            for table in looked.table_names(cursor)
        }


INVALIDATE = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'by_version'::regclass"


def add_and_remove_an_index() -> None:
    """Twice, as after a build that was interrupted."""
    add = AddIndexBesideWrites("quote", models.Index(fields=["version"], name="by_version"))
    kind = type("ByVersion", (migrations.Migration,), {"operations": [add], "atomic": False})
    migration = kind("by_version", "quotes")
    state = MigrationLoader(connection).project_state()
    for _ in range(2):
        with connection.schema_editor(atomic=False) as editor:
            migration.apply(state.clone(), editor)
        assert "by_version" in shape()["quotes_quote"]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(INVALIDATE)
        else:
            with connection.schema_editor(atomic=False) as editor:
                migration.unapply(state.clone(), editor)
    assert ("by_version" in shape()["quotes_quote"]) == (connection.vendor == "postgresql")


@pytest.mark.django_db(transaction=True)
def test_all_migrations_go_backwards_and_forwards_again(in_an_empty_database):
    in_an_empty_database(to_zero_and_back)
