"""Handlers for `on_delete` of foreign keys."""

from collections.abc import Iterable

from django.db.models import ForeignKey, Model
from django.db.models.deletion import Collector


def set_null(
    collector: Collector,
    field: "ForeignKey[Model | None, Model | None]",
    rows: Iterable[Model],
    _using: str,
) -> None:
    """`SET_NULL` for any number of rows. Django's own merges the batches of a large deletion into
    one UPDATE with more parameters than SQLite allows; for loaded rows it updates in batches.
    """
    collector.add_field_update(field, None, list(rows))
