"""Reports on marks in the administration: the quoted words with a few words around them, the
verdict, the line, and the user's note. The user and the rest of the conversation are not shown, and
no search or filter finds them.
"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat.history.export import note_text
from chat.models import LONGEST_NOTE, Citation, MarkReport, Verdict, shown_verdict
from chat.reports.settle import AlreadySettled, settle, url_of_next
from config.api.users import request_user
from config.forms import TextField
from config.goes_with_user import GoesWithUser
from config.large_lists import LargeList

if TYPE_CHECKING:
    ReportModelAdmin = admin.ModelAdmin[MarkReport]
else:
    ReportModelAdmin = admin.ModelAdmin

SHOWN = 1000  # characters of the quoted words
_LISTED = 60


class AnswerForm(forms.Form):
    answer = TextField(
        label=_("Answer"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The user who has reported the mark can read it."),
    )


@admin.register(MarkReport)
class MarkReportAdmin(GoesWithUser, LargeList, ReportModelAdmin):
    list_display = ("words", "verdict", "reason", "state", "created_at")
    list_filter = ("state", "reason", "created_at")
    sortable_by = ("created_at",)
    actions = None
    change_form_template = "admin/chat/markreport/change_form.html"
    readonly_fields = ("state", "settled_by", "settled_at", "created_at")
    fieldsets = ((_("Details"), {"classes": ("collapse",), "fields": readonly_fields}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[MarkReport]:
        rows: QuerySet[MarkReport] = super().get_queryset(request)
        return rows.select_related("citation__quote").defer("citation__quote__search_text")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:  # noqa: ARG002
        """No filter on texts or users: the rows that it finds would show who has written what."""
        return lookup.partition("__")[0] in self.list_filter

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = path("<int:pk>/settle/", wrap(self.settle), name="chat_markreport_settle")
        return [own, *super().get_urls()]

    @admin.display(description=_("quoted words"))
    def words(self, report: MarkReport) -> str:
        return report.citation.text[:_LISTED]

    @admin.display(description=_("mark"))
    def verdict(self, report: MarkReport) -> str:
        return str(_verdict(report.citation).label)

    def settle(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = AnswerForm(request.POST)
        if not form.is_valid() or request.POST.get("found") not in {"wrong", "right"}:
            self.message_user(
                request, " ".join(map(str, form.errors.get("answer", ()))), messages.ERROR
            )
            return HttpResponseRedirect(reverse("admin:chat_markreport_change", args=[pk]))
        is_wrong, answer = request.POST["found"] == "wrong", form.cleaned_data["answer"]
        reviewer = request_user(request)
        try:
            settle(report_id=pk, reviewer=reviewer, is_wrong=is_wrong, answer=answer)
        except AlreadySettled as problem:
            self.message_user(request, str(problem.detail), messages.ERROR)
        else:
            self.message_user(request, gettext("The report is settled."), messages.SUCCESS)
        return HttpResponseRedirect(url_of_next(after=pk))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context |= _shown(kwargs["obj"])
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":  # a report can only be settled
            raise PermissionDenied
        return super().changeform_view(request, *args, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False


def _shown(report: MarkReport) -> dict[str, Any]:
    """For the template: what reviewers see of the answer, the mark, and the line."""
    citation = report.citation
    return {
        "citation": citation,
        "words": citation.text[:SHOWN] + ("…" if len(citation.text) > SHOWN else ""),
        "verdict": _verdict(citation),
        "notes": list(filter(None, map(note_text, citation.notes))),
        "difference": [{"kind": kind, "text": text} for kind, text in citation.difference],
        "answer_form": AnswerForm(),
    }


def _verdict(citation: Citation) -> Verdict:
    return Verdict(shown_verdict(citation.verdict, citation.match))
