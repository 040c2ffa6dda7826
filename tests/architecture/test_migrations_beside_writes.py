"""While `prepare` runs and until the end of a reload, the release before reads and writes the
tables. A migration that would break it, or keep it waiting for as long as a large table takes, is
refused, unless its class says why it may: `safe_because = "…"` in a sentence.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState

APPS = ("accounts", "chat", "quotes")
LEAST = 20  # characters of a reason
REMOVING = (
    migrations.RemoveField,
    migrations.RenameField,
    migrations.DeleteModel,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
_STATEMENTS = ("drop ", "rename ", "alter table", "lock ", "truncate ", "cluster", "vacuum full")

# Committed before there was this test. The columns have defaults in the database since a later
# migration (ADR 0028); the constraints are of tables with a row per user, or user and day.
FORMER = {
    "accounts.0002_review_emails",
    "accounts.0013_who_may_join",
    "chat.0002_citation_verdicts",
    "chat.0006_what_the_day_has_used",
    "quotes.0002_searchable",
    "quotes.0003_likes_filters_and_daily_lines",
}


def risks(operations: Sequence[Any], app: str, state: ProjectState) -> Iterator[str]:
    """What is wrong with each operation; `state` is the one before, and then the one after."""
    new: set[str] = set()
    for one in operations:
        if isinstance(one, migrations.SeparateDatabaseAndState):
            yield from risks(one.database_operations, app, state.clone())
        elif isinstance(one, migrations.CreateModel):
            new.add(one.name_lower)
        elif getattr(one, "model_name_lower", "") not in new and (wrong := _risk(one, app, state)):
            yield wrong
        one.state_forwards(app, state)


def _risk(one: Any, app: str, state: ProjectState) -> str:
    if isinstance(one, REMOVING):
        return f"{type(one).__name__}: the release before names what is gone"
    if isinstance(one, migrations.AddField):
        return _risk_of_new(one.field) and f"{one.name}: {_risk_of_new(one.field)}"
    if isinstance(one, migrations.AlterField):
        old = state.models[app, one.model_name_lower].get_field(one.name)
        return _risk_of_change(old, one.field) and f"{one.name}: {_risk_of_change(old, one.field)}"
    if isinstance(one, migrations.AddConstraint) and isinstance(
        one.constraint, models.CheckConstraint
    ):
        return f"{one.constraint.name}: every row is read while nobody writes"
    if isinstance(one, migrations.RunSQL):
        text = str(one.sql).lower()
        return next((f"RunSQL: {word}" for word in _STATEMENTS if word in text), "")
    return ""


def _risk_of_new(field: Any) -> str:
    is_filled = field.null or field.has_db_default() or field.many_to_many
    return "" if is_filled else "the release before inserts rows without it"


def _risk_of_change(old: Any, new: Any) -> str:
    if old.null and not new.null:
        return "NULL is not allowed any more"
    if old.get_internal_type() != new.get_internal_type():
        return "another type: the table is written anew"
    longest = (old.max_length or float("inf"), new.max_length or float("inf"))
    return "shorter than before" if longest[1] < longest[0] else ""


def found() -> dict[str, list[str]]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    state, wrong = ProjectState(), {}
    for app, name in loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True):
        migration: Any = loader.graph.nodes[app, name]
        if app not in APPS:
            state = migration.mutate_state(state, preserve=False)
            continue
        own = list(risks(migration.operations, app, state))
        if own and len(getattr(migration, "safe_because", "")) < LEAST:
            wrong[f"{app}.{name}"] = own
    return wrong


def test_no_migration_breaks_the_release_before_or_keeps_it_waiting():
    wrong = found()
    assert {name: said for name, said in wrong.items() if name not in FORMER} == {}
    assert wrong.keys() >= FORMER


STATE = ProjectState()
STATE.add_model(
    ModelState(
        "chat",
        "Old",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("name", models.CharField(max_length=50, null=True)),
        ],
    )
)
NAME = models.CharField


@pytest.mark.parametrize(
    ("operation", "is_refused"),
    [
        (migrations.RemoveField("Old", "name"), True),
        (migrations.RenameField("Old", "name", "other"), True),
        (migrations.DeleteModel("Old"), True),
        (migrations.RenameModel("Old", "New"), True),
        (migrations.AlterModelTable("Old", "other"), True),
        (migrations.AddField("Old", "b", NAME(max_length=5, default="")), True),
        (migrations.AddField("Old", "b", NAME(max_length=5, default="", db_default="")), False),
        (migrations.AddField("Old", "b", NAME(max_length=5, null=True)), False),
        (migrations.AlterField("Old", "name", NAME(max_length=50)), True),
        (migrations.AlterField("Old", "name", NAME(max_length=49, null=True)), True),
        (migrations.AlterField("Old", "name", NAME(max_length=51, null=True)), False),
        (migrations.AlterField("Old", "name", models.TextField(null=True)), True),
        (
            migrations.AddConstraint(
                "Old", models.CheckConstraint(condition=models.Q(id__gt=0), name="some")
            ),
            True,
        ),
        (migrations.RunSQL("ALTER TABLE chat_old DROP COLUMN name", elidable=False), True),
        (migrations.RunSQL("UPDATE chat_old SET name = ''"), False),
        (migrations.RunPython(migrations.RunPython.noop), False),
    ],
)
def test_what_is_refused(operation, is_refused):
    assert bool(list(risks([operation], "chat", STATE.clone()))) == is_refused


def test_a_table_of_the_same_migration_has_no_rows():
    made = migrations.CreateModel("New", [("id", models.BigAutoField(primary_key=True))])
    add = migrations.AddField("New", "b", NAME(max_length=5, default=""))
    assert list(risks([made, add], "chat", STATE.clone())) == []


def test_the_reason_stands_where_the_guard_says():
    """In CONTRIBUTING.md, too."""
    text = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text("utf-8")
    assert "`safe_because`" in text
