"""Pages of lists: `page` from 1, `per_page` 5 to 100 (`per-page` is accepted too).

The body is `{count, page, per_page, results, links}`; the `Link` header (RFC 8288) has `first`,
`prev`, `next` and `last` if they exist. A page past the end is 404, an invalid number 400.
"""

from typing import Any, Protocol
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.api.links import Link, base_url, link
from config.api.names import refuse_misspelled

NAMES = ("page", "per_page", "per-page")
DEFAULT_SIZE, SMALLEST, LARGEST = 10, 5, 100
LAST_PAGE = 10**6  # larger OFFSETs would only load the database
DEEP = 500  # rows before a page from which on its keys are looked up first


class Rows(Protocol):
    """What can be paged besides a queryset: a list, or a lazy sequence of rows."""

    def __len__(self) -> int: ...
    def __getitem__(self, wanted: slice, /) -> Any: ...


class LinkedPagination(BasePagination):
    def paginate_queryset(
        self,
        queryset: QuerySet[Any] | Rows,
        request: Request,
        view: APIView | None = None,  # noqa: ARG002
    ) -> list[Any]:
        self.request = request
        query = request.query_params
        refuse_misspelled(query, NAMES)
        self.page = _number(query.get("page", "1"), "page", 1, LAST_PAGE)
        size = query.get("per_page", query.get("per-page", str(DEFAULT_SIZE)))
        self.per_page = _number(size, "per_page", SMALLEST, LARGEST)
        self.count = queryset.count() if isinstance(queryset, QuerySet) else len(queryset)
        self.last = max(1, -(-self.count // self.per_page))
        if self.page > self.last:
            raise NotFound(_("There is no such page."), code="page_not_found")
        start = (self.page - 1) * self.per_page
        wanted = slice(start, start + self.per_page)
        if isinstance(queryset, QuerySet):
            return list(page_of(queryset, wanted))
        return list(queryset[wanted])

    def get_paginated_response(self, data: Any) -> Response:
        links = self._links()
        header = ", ".join(f'<{entry["href"]}>; rel="{entry["rel"]}"' for entry in links)
        return Response(
            {
                "count": self.count,
                "page": self.page,
                "per_page": self.per_page,
                "results": data,
                "links": links,
            },
            headers={"Link": header},
        )

    def _links(self) -> list[Link]:
        numbers = {"first": 1, "prev": self.page - 1, "next": self.page + 1, "last": self.last}
        others = [pair for pair in self.request.query_params.items() if pair[0] not in NAMES]
        base = base_url(self.request) + self.request.path
        return [
            link(rel, f"{base}?{urlencode([*others, ('page', n), ('per_page', self.per_page)])}")
            for rel, n in numbers.items()
            if 1 <= n <= self.last
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["count", "page", "per_page", "results", "links"],
            "properties": {
                "count": {"type": "integer", "minimum": 0, "example": 12},
                "page": {"type": "integer", "minimum": 1, "example": 1},
                "per_page": {
                    "type": "integer",
                    "minimum": SMALLEST,
                    "maximum": LARGEST,
                    "example": DEFAULT_SIZE,
                },
                "results": schema,
                "links": {
                    "type": "array",
                    "items": {"$ref": "#/components/schemas/Link"},
                    "example": [link("first", "https://daesa.example/list?page=1&per_page=10")],
                },
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:  # noqa: ARG002
        return [
            _query_parameter("page", "Number of the page, from 1.", 1, LAST_PAGE, 1),
            _query_parameter("per_page", "Results on a page.", SMALLEST, LARGEST, DEFAULT_SIZE),
        ]


def page_of(rows: QuerySet[Any], wanted: slice) -> QuerySet[Any]:
    """These rows of an ordered query. The database would compute and join all columns also for the
    rows before them; far from the beginning it therefore finds the keys first.
    """
    if wanted.start < DEEP:
        return rows[wanted]
    return rows.filter(pk__in=rows.values("pk")[wanted])


def _query_parameter(
    name: str, description: str, smallest: int, largest: int, default: int
) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": smallest, "maximum": largest, "default": default}
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _number(text: str, name: str, smallest: int, largest: int) -> int:
    if text.isascii() and text.isdigit() and smallest <= int(text[:9]) <= largest:
        return int(text[:9])
    raise ValidationError(
        {
            name: _("Must be a whole number from %(smallest)d to %(largest)d.")
            % {"smallest": smallest, "largest": largest}
        }
    )
