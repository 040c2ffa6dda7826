"""Writing single rows without the ORM's queries: every question passes here several times, and
putting a query together takes longer than having the database run it (figures in bench/).
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection, models


def insert(row: models.Model) -> None:
    """INSERT a new row and give it its key. No signals, no relations: what it says is stored."""
    fields, statement = _insert_of(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row.pk = cursor.fetchone()[0]
    row._state.adding = False  # noqa: SLF001 - as Model.save() leaves it
    row._state.db = connection.alias  # noqa: SLF001


def change(row: models.Model, *, only_if: str = "", **changes: Any) -> bool:
    """UPDATE the named columns of a row, in the database and in the object, where `only_if` (an SQL
    condition of ours) holds there. False: it does not hold, or the row is gone.
    """
    columns = [(_field(row, name), value) for name, value in changes.items()]
    settings = ", ".join(f"{field.column} = %s" for field, _ in columns)
    condition = f" AND {only_if}" if only_if else ""
    table = row._meta.db_table  # noqa: SLF001
    values = [field.get_db_prep_save(value, connection) for field, value in columns]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {settings} WHERE id = %s{condition}", [*values, row.pk])  # noqa: S608
        if not cursor.rowcount:
            return False
    for field, value in columns:
        setattr(row, field.attname, value)
    return True


def _field(row: models.Model, name: str) -> Any:
    return row._meta.get_field(name)  # noqa: SLF001


@cache
def _insert_of(model: type[models.Model]) -> tuple[Sequence[Any], str]:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]  # noqa: SLF001
    columns = ", ".join(str(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = model._meta.db_table  # noqa: SLF001
    return fields, f"INSERT INTO {table} ({columns}) VALUES ({places}) RETURNING id"  # noqa: S608
