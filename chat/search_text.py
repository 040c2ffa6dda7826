"""The searchable form of questions and answers, for searching the history.

Both databases must find the same, and neither folds Unicode as `config.text.searchable` does:
SQLite folds the case of ASCII only, PostgreSQL depends on its locale. So the searchable form is
stored beside each text, but only where it differs by more than ASCII capitals; NULL means that it
does not. Most questions and answers, in Korean or English, need no copy.
"""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F
from django.db.models.functions import Coalesce, Collate, Lower

from config.db.sql import is_postgresql
from config.text import searchable

if TYPE_CHECKING:
    TextField = models.TextField[str | None, str | None]
else:
    TextField = models.TextField


def search_text(content: str) -> str | None:
    """The searchable form of a text; None where that is the text in ASCII lower case."""
    if content.isascii():
        return None
    form = searchable(content)
    # `bytes.lower` changes ASCII letters only.
    is_itself = form.encode(errors="replace") == content.encode(errors="replace").lower()
    return None if is_itself else form


class SearchText(TextField):
    """The `search_text` of a row's `content`, set for a new row and by every `save`. An UPDATE of
    the content must also set it.
    """

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:  # noqa: ARG002, FBT001
        value = search_text(getattr(model_instance, "content"))  # noqa: B009 - of several models
        setattr(model_instance, self.attname, value)
        return value


def searched(prefix: str = "") -> Any:
    """The expression for the searchable form of a row, or of a related one (`chat_reply__`). Use it
    with `contains`, which ignores ASCII case on SQLite anyway.
    """
    content: Any = F(f"{prefix}content")
    if is_postgresql():
        content = Lower(Collate(content, "C"))
    return Coalesce(F(f"{prefix}search_text"), content)
