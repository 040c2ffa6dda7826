"""What becomes of rows whose row goes."""

from collections.abc import Iterable

from django.db.models import ForeignKey, Model
from django.db.models.deletion import Collector


def set_null(
    collector: Collector,
    field: "ForeignKey[Model | None, Model | None]",
    rows: Iterable[Model],
    _using: str,
) -> None:
    """Django's `SET_NULL`, whatever the number of rows that go. Its own joins the lots of a large
    deletion into one UPDATE that has more values than SQLite takes; of rows that are loaded, the
    UPDATE is made in lots, too.
    """
    collector.add_field_update(field, None, list(rows))
