"""The public columns of a quote, in the order in which they are shown. This is the one list from
which the search's statements and results, the export, the admin, the API's bodies and examples, and
the prompt of the chat are built.

A new column that is shown everywhere is added in five places:

1. `quotes.models.Quote`: the column itself, then `manage.py makemigrations`
2. `BoardLine` below; also `NAMES`, if the line is credited to it
3. `EXAMPLE` below
4. `quotes.text.input.QuoteInput`: what may be written into it
5. the page's form and card (`frontend/src/features/quotes`)

The columns of `BoardLine` are also searched, so a new one changes the tokens of every line that has
it: raise `quotes.text.tokenizer.VERSION`. A column that is shown and not searched, as `language`,
goes into `SUBMITTED` instead. `tests/quotes/test_columns.py` checks that all places agree.
"""

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any


@dataclass(slots=True)
class BoardLine:
    """An applied quote, word for word as it is on the board. Not frozen: then making one, which
    each search does up to 200 times, would take ten times as long (4 instead of 0.4 µs).
    """

    id: int
    content: str
    speaker: str
    source: str
    context: str = ""

    @property
    def names(self) -> list[str]:
        """What the line is credited to, as far as it is known."""
        return names_of(self)


TEXT = tuple(field.name for field in fields(BoardLine))[1:]  # what is searched
NAMES = ("speaker", "source")
SUBMITTED = (*TEXT, "language")
EXPORTED = ("id", *SUBMITTED, "likes", "applied_at")

EXAMPLE = {
    "content": "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를",
    "speaker": "윤동주",
    "source": "서시",
    "context": "시집 『하늘과 바람과 별과 시』를 여는 다짐",
    "language": "ko",
}

line_values = attrgetter("id", *TEXT)
submitted_values = attrgetter(*SUBMITTED)
_name_values = attrgetter(*NAMES)


def names_of(line: Any) -> list[str]:
    """The non-empty `NAMES` of a `BoardLine` or a `Quote`."""
    return list(filter(None, _name_values(line)))
