"""Which constraint of the database has refused a row.

An `IntegrityError` alone does not say why: a column without a value is one, too. Code that reads
one as "this is taken" or "that is gone" asks here, and raises any other again.
"""

from django.db import IntegrityError, models
from django.db.models import UniqueConstraint

_FOREIGN_KEY = ("23503", "SQLITE_CONSTRAINT_FOREIGNKEY")  # PostgreSQL's SQLSTATE, SQLite's name


def violates(error: IntegrityError, model: type[models.Model], *names: str) -> bool:
    """Whether the row was refused by one of the model's constraints with these names, or by the
    uniqueness of its fields with these names.
    """
    return any(_violated(error) in _reported_as(model, name) for name in names)


def is_reference_to_nothing(error: IntegrityError) -> bool:
    """Whether a row refers to one that is gone. SQLite does not say which foreign key it is."""
    cause = error.__cause__
    code = getattr(cause, "pgcode", None) or getattr(cause, "sqlite_errorname", None)
    return code in _FOREIGN_KEY


def _violated(error: IntegrityError) -> str:
    """PostgreSQL names the constraint; SQLite names a check or an index of expressions, and
    otherwise lists the columns.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis:
        return diagnosis.constraint_name or ""
    return str(error).partition(" constraint failed: ")[2]


def _reported_as(model: type[models.Model], name: str) -> set[str]:
    meta = model._meta  # noqa: SLF001
    found = next((one for one in meta.constraints if one.name == name), None)
    if found is None:
        column = meta.get_field(name).column  # type: ignore[union-attr]
        return {f"{meta.db_table}_{column}_key", f"{meta.db_table}.{column}"}
    fields = found.fields if isinstance(found, UniqueConstraint) else ()
    columns = [f"{meta.db_table}.{meta.get_field(one).column}" for one in fields]  # type: ignore[union-attr]
    return {name, f"index '{name}'", ", ".join(columns)} - {""}
