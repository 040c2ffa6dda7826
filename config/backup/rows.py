"""The rows of a table as lines of JSON: an array of the columns' values, in the order of the key.

The same rows give the same bytes on both databases, so that a digest tells whether a restored table
equals the one of the backup. Values are those of Django's fields: times are ISO 8601 in UTC, bytes
are base64, and JSON is written in one of its equivalent forms.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.db.models.functions import Collate

from config.db.sql import execute, fetch_one, is_postgresql

PAGE = 500  # rows at a time in memory
_TEXT_KEYS = {"CharField", "TextField", "SlugField"}
_GIVEN_KEYS = {"AutoField", "BigAutoField", "SmallAutoField"}
Coder = Callable[[Any], Any]


def fields_of(model: Any) -> list[Any]:
    return list(model._meta.local_concrete_fields)  # noqa: SLF001


def columns_of(model: Any) -> list[str]:
    return [str(field.column) for field in fields_of(model)]


# --- Reading ------------------------------------------------------------------------------------


def lines_of(model: Any, *, page: int = PAGE) -> Iterator[bytes]:
    """The rows of the model's table, `page` of them in one query."""
    coders = [_encoder(field) for field in fields_of(model)]
    for row in _rows(model, page):
        values = [
            None if value is None else code(value) if code else value
            for value, code in zip(row, coders, strict=True)
        ]
        yield _dumps(values)


def _rows(model: Any, size: int) -> Iterator[tuple[Any, ...]]:
    """All rows in the order of the key. The order of texts must not depend on the locale of the
    database.
    """
    is_text = is_postgresql() and _kind(model._meta.pk) in _TEXT_KEYS  # noqa: SLF001
    key = Collate("pk", "C") if is_text else F("pk")
    names = [field.attname for field in fields_of(model)]
    place = names.index(model._meta.pk.attname)  # noqa: SLF001
    rows = model._base_manager.alias(backup_key=key).order_by("backup_key")  # noqa: SLF001
    page = list(rows.values_list(*names)[:size])
    while page:
        yield from page
        after = rows.filter(backup_key__gt=page[-1][place])
        page = list(after.values_list(*names)[:size])


def _dumps(values: list[Any]) -> bytes:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    # JSON in SQLite may have half of a surrogate pair, which plain UTF-8 cannot encode.
    return text.encode("utf-8", "surrogatepass") + b"\n"


def last_key(model: Any) -> int | None:
    """The greatest key that the database has given to a row of this table. None where it does not
    choose the keys.
    """
    key, table = model._meta.pk, model._meta.db_table  # noqa: SLF001
    if key.get_internal_type() not in _GIVEN_KEYS:
        return None
    if not is_postgresql():
        found = fetch_one("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        return int(found[0]) if found else 0
    sequence = _sequence(table, key.column)
    if sequence is None:
        return None
    last = fetch_one(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608
    return int(last[0]) if last else 0


# --- Writing ------------------------------------------------------------------------------------


def insert(model: Any, lines: Iterable[bytes]) -> Iterator[int]:
    """Inserts the rows as they are: no column is computed, no signal is sent. After each batch,
    yields how many were inserted so far.
    """
    fields = fields_of(model)
    coders = [_decoder(field) for field in fields]
    count = 0
    while batch := list(islice(lines, PAGE)):
        _insert(model._meta.db_table, fields, [_prepared(line, fields, coders) for line in batch])  # noqa: SLF001
        count += len(batch)
        yield count


def _prepared(line: bytes, fields: list[Any], coders: list[Coder | None]) -> list[Any]:
    return [
        None
        if value is None
        else field.get_db_prep_save(code(value) if code else value, connection)
        for value, field, code in zip(json.loads(line), fields, coders, strict=True)
    ]


def _insert(table: str, fields: list[Any], rows: list[list[Any]]) -> None:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    into = f"INSERT INTO {quote(table)} ({columns}) VALUES"
    with connection.cursor() as cursor:
        if is_postgresql():
            from psycopg2.extras import execute_values  # noqa: PLC0415

            execute_values(cursor.cursor, f"{into} %s", rows, page_size=PAGE)
        else:
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"{into} ({places})", rows)


def set_last_key(model: Any, key: int | None) -> None:
    """Makes the keys of new rows greater than this one, and than those of the present rows."""
    field, table = model._meta.pk, model._meta.db_table  # noqa: SLF001
    if key is None or field.get_internal_type() not in _GIVEN_KEYS:
        return
    quote = connection.ops.quote_name
    greatest = fetch_one(f"SELECT max({quote(field.column)}) FROM {quote(table)}")  # noqa: S608
    last = max(key, last_key(model) or 0, (greatest and greatest[0]) or 0)
    if not last:
        return
    if is_postgresql():
        execute("SELECT setval(%s, %s)", [_sequence(table, field.column), last])
    elif not execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last, table]):
        execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])


def _sequence(table: str, column: str) -> str | None:
    quoted = connection.ops.quote_name(table)
    found = fetch_one("SELECT pg_get_serial_sequence(%s, %s)", [quoted, column])
    return found[0] if found else None


# --- Values -------------------------------------------------------------------------------------


def _kind(field: Any) -> str:
    """The type of a field; of a foreign key, that of the field whose values it has."""
    while field.remote_field:
        field = field.target_field
    return str(field.get_internal_type())


def _encoder(field: Any) -> Coder | None:
    return _ENCODERS.get(_kind(field))


def _decoder(field: Any) -> Coder | None:
    return _DECODERS.get(_kind(field))


def _normal_form(value: Any) -> Any:
    """JSON with whole numbers as integers: PostgreSQL stores 1e3 as 1000, and 1.0 as 1.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_normal_form(one) for one in value]
    if isinstance(value, dict):
        return {key: _normal_form(one) for key, one in value.items()}
    return value


_ENCODERS: dict[str, Coder] = {
    "DateTimeField": lambda value: value.astimezone(UTC).isoformat(timespec="microseconds"),
    "DateField": date.isoformat,
    "TimeField": time.isoformat,
    "DurationField": lambda value: value // timedelta(microseconds=1),
    "DecimalField": str,
    "UUIDField": str,
    "BinaryField": lambda value: base64.b64encode(bytes(value)).decode(),
    "JSONField": _normal_form,
}
_DECODERS: dict[str, Coder] = {
    "DateTimeField": datetime.fromisoformat,
    "DateField": date.fromisoformat,
    "TimeField": time.fromisoformat,
    "DurationField": lambda value: timedelta(microseconds=value),
    "DecimalField": Decimal,
    "UUIDField": UUID,
    "BinaryField": base64.b64decode,
}
