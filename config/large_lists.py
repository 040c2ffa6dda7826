"""Lists of the administration over tables of any size.

A list reads the keys of its first rows once, by an index, and loads what it shows for one page of
them only. The keys give the count as well: exact up to `REACHED` rows. Beyond, PostgreSQL's planner
estimates it, and SQLite's list says that there are more. The pages end there. To reach
another row, search, filter, or sort the other way.
"""

import json
import re
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db import connection
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from django.db.models import QuerySet

    RowPaginator = Paginator[Any]
    AnyModelAdmin = admin.ModelAdmin[Any]
else:
    RowPaginator, AnyModelAdmin = Paginator, admin.ModelAdmin

REACHED = 2000  # rows of a list that its pages show
_USER_ID = re.compile(r"#[0-9]{1,18}")


class RoughCount(int):
    """A number of rows that is not exact; all templates show it with the sign that says so."""

    sign = "{}+"

    def __str__(self) -> str:
        return self.sign.format(int(self))


class EstimatedCount(RoughCount):
    sign = "≈ {}"


def bounded_count(rows: "QuerySet[Any]") -> int:
    """The number of rows, counted up to `REACHED`; of more, a `RoughCount`."""
    count = rows[: REACHED + 1].count()
    return RoughCount(REACHED) if count > REACHED else count


class LargePaginator(RowPaginator):
    """The pages of the first `REACHED` rows. `count` is the number of those, `total` of all."""

    @cached_property
    def _keys(self) -> list[Any]:
        rows = cast("QuerySet[Any]", self.object_list)
        return list(rows.values_list("pk", flat=True)[: REACHED + 1])

    @property
    def is_cut(self) -> bool:
        """Whether there are rows that no page shows."""
        return len(self._keys) > REACHED

    @cached_property
    def count(self) -> int:
        return min(len(self._keys), REACHED)

    @cached_property
    def total(self) -> int:
        if not self.is_cut:
            return self.count
        estimate = _estimate(cast("QuerySet[Any]", self.object_list))
        return EstimatedCount(estimate) if estimate > REACHED else RoughCount(REACHED)

    def keys_of(self, number: int) -> list[Any]:
        start = (number - 1) * self.per_page
        return self._keys[:REACHED][start : start + self.per_page]


def _estimate(rows: "QuerySet[Any]") -> int:
    """How many rows PostgreSQL's planner expects, to two digits. SQLite's expects nothing: 0."""
    if connection.vendor != "postgresql":
        return 0
    [plan] = json.loads(rows.order_by().values("pk").explain(format="json"))
    expected = int(plan["Plan"]["Plan Rows"])
    return round(expected, 2 - len(str(expected)))


class LargeChangeList(ChangeList):
    is_cut = False

    def get_results(self, request: HttpRequest) -> None:
        """As Django does, but loads the rows by their keys alone: no filter runs twice."""
        super().get_results(request)
        paginator = cast("LargePaginator", self.paginator)
        self.is_cut, self.result_count = paginator.is_cut, paginator.total
        if self.multi_page and self.show_all and self.can_show_all:
            return
        keys = paginator.keys_of(self.page_num if self.multi_page else 1)
        rows = self.apply_select_related(self.root_queryset).filter(pk__in=keys)
        self.result_list = rows.order_by(*self.queryset.query.order_by)

    def get_ordering_field(self, field_name: Any) -> Any:
        """Columns that must not be sorted by are not sorted by because a URL says so, either."""
        sortable = self.sortable_by is None or field_name in self.sortable_by
        return super().get_ordering_field(field_name) if sortable else None


class LargeList(AnyModelAdmin):
    """For tables that grow with use. `sortable_by` should have no column without an index."""

    paginator = LargePaginator
    show_full_result_count = False
    list_per_page = 50
    change_list_template = "admin/large_list.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        return LargeChangeList


class ListByAddress(LargeList):
    """A large list of users' rows, in which staff search for the beginning of an address, or for
    `#` and the id of a user, who may have no address. An index finds both; it cannot find a part
    from the middle.
    """

    search_fields = ("user__email",)

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: "QuerySet[Any]",
        search_term: str,
    ) -> tuple["QuerySet[Any]", bool]:
        term = search_term.strip().lower()  # stored addresses are in lower case
        if _USER_ID.fullmatch(term):
            return queryset.filter(user=int(term[1:])), False
        return queryset.filter(user__email__startswith=term) if term else queryset, False


def with_small_print(text: str, small: str) -> SafeString:
    """Two fields in one column of a list, so that all columns are wide enough for their words."""
    if not small:
        return format_html("{}", text)
    return format_html('{}<span class="small-print">{}</span>', text, small)
