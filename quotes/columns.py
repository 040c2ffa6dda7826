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
goes into `SUBMITTED` instead. The gloss is searched, but it is none of the line's own texts: it is
not in `TEXT`, so that no model is told it as a part of a line and no quotation is compared with it.
`tests/quotes/test_columns.py` checks that all places agree.
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
    gloss: str = ""

    @property
    def names(self) -> list[str]:
        """What the line is credited to, as far as it is known."""
        return names_of(self)


SEARCHED = tuple(field.name for field in fields(BoardLine))[1:]
TEXT = tuple(name for name in SEARCHED if name != "gloss")  # what the submitter has written
NAMES = ("speaker", "source")
SUBMITTED = (*TEXT, "language")
GLOSS = ("gloss", "gloss_by", "gloss_reviewed_at")  # the meaning, and whose words it is
LOADED = (*SUBMITTED, *GLOSS)  # what a file of lines may have
MAX_GLOSS = 300  # characters: one sentence
EXPORTED = ("id", *LOADED, "likes", "applied_at")

EXAMPLE = {
    "content": "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를",
    "speaker": "윤동주",
    "source": "서시",
    "context": "시집 『하늘과 바람과 별과 시』를 여는 다짐",
    "language": "ko",
}

line_values = attrgetter("id", *SEARCHED)
searched_values = attrgetter(*SEARCHED)
submitted_values = attrgetter(*SUBMITTED)
_name_values = attrgetter(*NAMES)


def names_of(line: Any) -> list[str]:
    """The non-empty `NAMES` of a `BoardLine` or a `Quote`."""
    return list(filter(None, _name_values(line)))
