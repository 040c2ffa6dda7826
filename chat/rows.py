"""Reading and writing rows without having the ORM put its queries together each time, which takes
longer than having the database run them: every question and every look at the history passes here
(figures in bench/).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from typing import Any

from django.db import connection, models


class Prepared:
    """A query of the ORM's that is put together once, with its converters, and run with ever new
    values. `build` gives a `values_list` for so many whole numbers, such as keys.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Any, Any]], numbers: int) -> None:
        self._build = build
        self._numbers = numbers

    def rows(
        self, *numbers: int, limit: int | None = None, offset: int = 0
    ) -> list[tuple[Any, ...]]:
        sql, order, compiler, converters = self._compiled
        values = [numbers[place] for place in order]
        if limit is not None:
            sql, values = f"{sql} LIMIT %s OFFSET %s", [*values, limit, offset]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            found = cursor.fetchall()
        return [tuple(row) for row in compiler.apply_converters(found, converters)]

    def count(self, *numbers: int) -> int:
        sql, order = self._counting
        with connection.cursor() as cursor:
            cursor.execute(sql, [numbers[place] for place in order])
            return int(cursor.fetchone()[0])

    @cached_property
    def _compiled(self) -> tuple[str, list[int], Any, Any]:
        compiler, sql, order = self._put_together(self._query())
        return sql, order, compiler, compiler.get_converters([one for one, *_ in compiler.select])

    @cached_property
    def _counting(self) -> tuple[str, list[int]]:
        query = self._query().clone()
        query.clear_ordering(force=True)
        query.clear_select_clause()
        query.add_annotation(models.Count("*"), alias="count", select=True)
        _, sql, order = self._put_together(query)
        return sql, order

    def _query(self) -> Any:
        """With numbers that tell where each one's place is, which is Django's to choose."""
        return self._build(*range(self._numbers)).query

    @staticmethod
    def _put_together(query: Any) -> tuple[Any, str, list[int]]:
        compiler = query.get_compiler(connection=connection)
        sql, places = compiler.as_sql()
        return compiler, sql, list(places)


def insert(row: models.Model) -> None:
    """INSERT a new row and give it its key. No signals, no relations: what it says is stored."""
    table, columns, places, values = values_of(row)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({places}) RETURNING id", values)  # noqa: S608
        stored(row, cursor.fetchone()[0])


def stored(row: models.Model, pk: int) -> None:
    """Leaves a new row as `Model.save()` would."""
    row.pk = pk
    row._state.adding = False  # noqa: SLF001
    row._state.db = connection.alias  # noqa: SLF001


def values_of(row: models.Model, **expressions: str) -> tuple[str, str, str, list[Any]]:
    """Table, columns, their places and the values of a new row; `expressions` are SQL of ours for
    columns whose values are not known yet.
    """
    table, columns, places, fields = _shape(type(row), tuple(expressions.items()))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    return table, columns, places, values


class Together:
    """Rows of several tables written by one statement of PostgreSQL, and so all of them or none, in
    one round trip. The parts of its WITH all see the tables as they were before, and all are run,
    whether or not another reads from them. Foreign keys are looked at after the last.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._values: list[Any] = []

    def add(self, name: str, sql: str, values: Sequence[Any] = ()) -> None:
        self._parts.append(f"{name} AS ({sql})")
        self._values += values

    def insert(self, name: str, row: models.Model, source: str, **columns: str) -> None:
        """INSERT a row where `source`, the names of other parts, has one; `columns` are SQL."""
        table, into, selected, values = values_of(row, **columns)
        sql = f"INSERT INTO {table} ({into}) SELECT {selected} FROM {source} RETURNING *"  # noqa: S608
        self.add(name, sql, values)

    def run(
        self, select: str, *, after: str = "", values: Sequence[Any] = ()
    ) -> tuple[Any, ...] | None:
        """The first row of `select`; `after` is a statement that comes before, in the same trip."""
        statement = f"{after}; " if after else ""
        statement += f"WITH {', '.join(self._parts)} {select}"
        with connection.cursor() as cursor:
            cursor.execute(statement, [*values, *self._values])
            row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def change(row: models.Model, *, only_if: str = "", **changes: Any) -> bool:
    """UPDATE the named columns of a row, in the database and in the object, where `only_if` (an SQL
    condition of ours) holds there. False: it does not hold, or the row is gone.
    """
    statement, values = update_of(row, changes)
    condition = f" AND {only_if}" if only_if else ""
    with connection.cursor() as cursor:
        cursor.execute(statement + condition, values)
        if not cursor.rowcount:
            return False
    changed(row, changes)
    return True


def changed(row: models.Model, changes: Mapping[str, Any]) -> None:
    """Says in the object what was changed in the database."""
    for name, value in changes.items():
        setattr(row, _field(row, name).attname, value)


def update_of(row: models.Model, changes: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The UPDATE of a row's named columns, and its values."""
    fields = [_field(row, name) for name in changes]
    settings = ", ".join(f'"{field.column}" = %s' for field in fields)
    values = [
        field.get_db_prep_save(value, connection)
        for field, value in zip(fields, changes.values(), strict=True)
    ]
    table = row._meta.db_table  # noqa: SLF001
    return f"UPDATE {table} SET {settings} WHERE id = %s", [*values, row.pk]  # noqa: S608


def _field(row: models.Model, name: str) -> Any:
    return row._meta.get_field(name)  # noqa: SLF001


@cache
def _shape(
    model: type[models.Model], expressions: tuple[tuple[str, str], ...]
) -> tuple[str, str, str, Sequence[Any]]:
    given = dict(expressions)
    fields = [
        field
        for field in model._meta.concrete_fields  # noqa: SLF001
        if not field.primary_key and field.column not in given
    ]
    columns = ", ".join(f'"{name}"' for name in [*given, *(field.column for field in fields)])
    places = ", ".join([*given.values(), *["%s"] * len(fields)])
    return model._meta.db_table, columns, places, fields  # noqa: SLF001
