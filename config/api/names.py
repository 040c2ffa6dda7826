"""Names of fields and parameters that an endpoint does not know. One that resembles a known one,
such as `systemprompt`, is a mistake and is refused with a hint. Others are ignored, so that a
client may send an object back as it got it.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

# Comparing takes time for each pair of names; a mistake is not among so many.
_MOST_COMPARED = 20
_LONGEST_COMPARED = 64
_LEAST_LIKENESS = 0.73  # `refresh_token` resembles `refresh`, `system` not `system_prompt`


def refuse_misspelled(given: Iterable[Any], known: Iterable[str]) -> None:
    """Raises `ValidationError` with the code `unknown_field` for names that resemble known ones."""
    known = list(known)
    spellings = {_plain(name): name for name in reversed(known)}
    unknown = (name for name in given if isinstance(name, str) and name not in known)
    hints = {}
    for name in islice(unknown, _MOST_COMPARED):
        if len(name) <= _LONGEST_COMPARED:
            close = get_close_matches(_plain(name), spellings, n=1, cutoff=_LEAST_LIKENESS)
            if close:
                text = _('There is no such name here. Did you mean "%(name)s"?')
                hints[name] = serializers.ErrorDetail(
                    text % {"name": spellings[close[0]]}, "unknown_field"
                )
    if hints:
        raise serializers.ValidationError(hints)


def _plain(name: str) -> str:
    """Without what distinguishes `perPage`, `per-page` and `per_page`."""
    return name.replace("_", "").replace("-", "").lower()


class KnownNames:
    """Of a serializer of requests: refuses misspelled names of fields."""

    def to_internal_value(self, data: Any) -> Any:
        fields = self.fields  # type: ignore[attr-defined]
        if isinstance(data, dict) and data.keys() - fields.keys():
            refuse_misspelled(data, fields)
        return super().to_internal_value(data)  # type: ignore[misc]


class InputSerializer(KnownNames, serializers.Serializer[Any]):
    """The base of serializers of bodies and queries."""
