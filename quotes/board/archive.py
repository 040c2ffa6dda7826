"""A user's lines and likes as files of an export."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from accounts.export.own import json_rows
from accounts.export.sections import File
from quotes.columns import LOADED
from quotes.models import Quote, QuoteLike

if TYPE_CHECKING:
    from accounts.models import User

_STATE = ("applied_at", "declined_at", "reason", "likes", "created_at", "updated_at")


def board_files(user: "User") -> Iterator[File]:
    lines = Quote.objects.owned_by(user).order_by("pk")
    yield "lines.json", json_rows(lines, "id", *LOADED, *_STATE)
    likes = QuoteLike.objects.filter(user=user).order_by("pk")
    liked = ("quote_id", *(f"quote__{name}" for name in ("content", "speaker", "source")))
    yield "likes.json", json_rows(likes, *liked)
