"""Hand-made statements for the hot path. The ORM takes longer to build such a statement than the
database to run it, and every question and every page of the history passes here.

What each piece is paid for, in CPU of a request beside the ORM's (bench/README.md, PostgreSQL):

- `insert` and `update`, with shared serializers, cached token signatures and no access log:
  a turn 0.69, a page of chats 0.77, one chat 0.54.
- `CteStatement` (a turn begins in one round trip instead of eight and ends in one instead of four)
  and `PreparedQuery` (the history's queries are built once): a turn 0.83, a page of chats 0.44, one
  chat 0.50.

What depends on the database asks `is_postgresql`. Elsewhere in the apps the ORM is used.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from typing import Any

from django.db import connection, models

_Row = tuple[Any, ...]


def is_postgresql() -> bool:
    """PostgreSQL or, else, SQLite."""
    return connection.vendor == "postgresql"


def execute(sql: str, values: Sequence[Any] = ()) -> int:
    """Run a statement; returns how many rows it changed."""
    with _run(sql, values) as cursor:
        return int(cursor.rowcount)


def fetch_one(sql: str, values: Sequence[Any] = ()) -> _Row | None:
    """The first row of a statement."""
    with _run(sql, values) as cursor:
        row: _Row | None = cursor.fetchone()
        return row


def fetch_all(sql: str, values: Sequence[Any] = ()) -> list[_Row]:
    """All rows of a statement."""
    with _run(sql, values) as cursor:
        rows: list[_Row] = cursor.fetchall()
        return rows


@contextmanager
def _run(sql: str, values: Sequence[Any]) -> Iterator[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        yield cursor


class PreparedQuery:
    """A query of the ORM that is compiled once, with its converters, and run with new values.

    `build` takes `parameters` values, such as keys, and returns a `values_list` queryset.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Any, Any]], *, parameters: int) -> None:
        self._build = build
        self._parameters = parameters

    def rows(self, *given: int | str, limit: int | None = None, offset: int = 0) -> list[_Row]:
        sql, order, compiler, converters = self._compiled
        values: list[Any] = [given[place] for place in order]
        if limit is not None:
            sql, values = f"{sql} LIMIT %s OFFSET %s", [*values, limit, offset]
        found = fetch_all(sql, values)
        return [tuple(row) for row in compiler.apply_converters(found, converters)]

    def count(self, *numbers: int) -> int:
        sql, order = self._counting
        [(count,)] = fetch_all(sql, [numbers[place] for place in order])
        return int(count)

    @cached_property
    def _compiled(self) -> tuple[str, list[int], Any, Any]:
        compiler, sql, order = self._compile(self._query())
        return sql, order, compiler, compiler.get_converters([one for one, *_ in compiler.select])

    @cached_property
    def _counting(self) -> tuple[str, list[int]]:
        query = self._query().clone()
        query.clear_ordering(force=True)
        query.clear_select_clause()
        query.add_annotation(models.Count("*"), alias="count", select=True)
        _, sql, order = self._compile(query)
        return sql, order

    def _query(self) -> Any:
        """Built with 0, 1, 2, …: the compiled parameters then show the order Django gave them."""
        return self._build(*range(self._parameters)).query

    @staticmethod
    def _compile(query: Any) -> tuple[Any, str, list[int]]:
        compiler = query.get_compiler(connection=connection)
        sql, places = compiler.as_sql()
        return compiler, sql, list(map(int, places))


class CteStatement:
    """Rows of several tables written by one PostgreSQL statement: all or none, in one round trip.
    A part may be recursive.

    The parts of its WITH all see the tables as they were before the statement, and all are run,
    whether or not another part reads from them. Foreign keys are checked after the last.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._values: list[Any] = []

    def add(self, name: str, sql: str, values: Sequence[Any] = ()) -> None:
        self._parts.append(f"{name} AS ({sql})")
        self._values += values

    def insert(self, name: str, row: models.Model, source: str, **columns: str) -> None:
        """INSERT `row` if `source`, the names of other parts, has a row. `columns` are SQL."""
        table, into, selected, values = _insert_parts(row, **columns)
        sql = f"INSERT INTO {table} ({into}) SELECT {selected} FROM {source} RETURNING *"  # noqa: S608
        self.add(name, sql, values)

    def run(self, select: str, *, before: str = "", values: Sequence[Any] = ()) -> _Row | None:
        """The first row of `rows`."""
        return next(iter(self.rows(select, before=before, values=values)), None)

    def rows(self, select: str, *, before: str = "", values: Sequence[Any] = ()) -> list[_Row]:
        """The rows of `select`. `before` is a statement that is run before this one, with `values`,
        in the same round trip.
        """
        statement = f"{before}; " if before else ""
        statement += f"WITH RECURSIVE {', '.join(self._parts)} {select}"
        return fetch_all(statement, [*values, *self._values])


def insert(row: models.Model) -> None:
    """INSERT a new row and give it its key. Sends no signals and checks no relations."""
    table, columns, places, values = _insert_parts(row)
    sql = f"INSERT INTO {table} ({columns}) VALUES ({places}) RETURNING id"  # noqa: S608
    [(pk,)] = fetch_all(sql, values)
    mark_stored(row, pk)


def mark_stored(row: models.Model, pk: int) -> None:
    """Leave a new row as `Model.save()` would."""
    row.pk = pk
    row._state.adding = False  # noqa: SLF001
    row._state.db = connection.alias  # noqa: SLF001


def update(row: models.Model, *, only_if: str = "", **changes: Any) -> bool:
    """UPDATE the named columns of a row, in the database and in the object, where `only_if` (SQL of
    ours, no user input) holds. False: it does not hold, or the row is gone.
    """
    statement, values = update_statement(row, changes)
    condition = f" AND {only_if}" if only_if else ""
    if not execute(statement + condition, values):
        return False
    apply_changes(row, changes)
    return True


def update_statement(row: models.Model, changes: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The UPDATE of a row's named columns, and its values."""
    fields = [_field(row, name) for name in changes]
    settings = ", ".join(f'"{field.column}" = %s' for field in fields)
    values = [
        field.get_db_prep_save(value, connection)
        for field, value in zip(fields, changes.values(), strict=True)
    ]
    table = row._meta.db_table  # noqa: SLF001
    return f"UPDATE {table} SET {settings} WHERE id = %s", [*values, row.pk]  # noqa: S608


def apply_changes(row: models.Model, changes: Mapping[str, Any]) -> None:
    """Set in the object what was changed in the database."""
    for name, value in changes.items():
        setattr(row, _field(row, name).attname, value)


def _field(row: models.Model, name: str) -> Any:
    return row._meta.get_field(name)  # noqa: SLF001


def _insert_parts(row: models.Model, **expressions: str) -> tuple[str, str, str, list[Any]]:
    """Table, columns, placeholders and values of a new row. `expressions` are SQL for columns whose
    values are not known yet.
    """
    table, columns, places, fields = _shape(type(row), tuple(expressions.items()))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    return table, columns, places, values


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
