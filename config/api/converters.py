"""Ids in paths, no larger than the database's integers: a longer one is 404, not a failure.
Language tags, as lines have them.
"""

from django.urls import register_converter


class IdConverter:
    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class LanguageConverter:
    regex = "[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,6})?"

    def to_python(self, value: str) -> str:
        return value.lower()

    def to_url(self, value: str) -> str:
        return value


register_converter(IdConverter, "id")
register_converter(LanguageConverter, "language")
