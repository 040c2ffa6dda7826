"""The page on which staff confirm, edit or remove the gloss of a line, and starting a job that asks
for those of chosen lines.
"""

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.api.users import request_user
from config.forms import TextField
from config.text import one_line
from quotes.columns import MAX_GLOSS
from quotes.glosses import asking
from quotes.glosses.job import no_model, payload_of
from quotes.glosses.write import forget_gloss, review_gloss
from quotes.jobs.pages import job_url
from quotes.jobs.runner import JobUnfinished, start_job
from quotes.models import Quote, StaffJob

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    QuoteModelAdmin = ModelAdmin[Quote]


class GlossForm(forms.Form):
    """`seen_version` and `seen_gloss` are what the page has shown: only that is reviewed."""

    gloss = TextField(
        label=_("Meaning"),
        max_length=MAX_GLOSS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=_(
            "One sentence in the language of the line. The line is found by it; it is never "
            "quoted. Unchanged, it is confirmed. Empty, it is removed, and no model is asked."
        ),
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    seen_gloss = TextField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, line: Quote) -> "GlossForm":
        return cls(
            initial={
                "gloss": line.gloss,
                "seen_version": line.version,
                "seen_gloss": line.gloss,
            }
        )

    def clean_gloss(self) -> str:
        return one_line(self.cleaned_data["gloss"])

    def has_seen(self, line: Quote) -> bool:
        seen = self.cleaned_data["seen_version"], self.cleaned_data["seen_gloss"]
        return seen == (line.version, line.gloss)


def gloss_page(request: HttpRequest, page: "QuoteModelAdmin", line: Quote) -> HttpResponse:
    form = GlossForm(request.POST) if request.method == "POST" else GlossForm.of(line)
    if form.is_bound and form.is_valid():
        if form.has_seen(line) and _save(form, line, again="again" in request.POST):
            page.log_change(request, line, [{"changed": {"fields": ["meaning"]}}])
            messages.success(request, gettext("The meaning is stored."))
            return HttpResponseRedirect(reverse("admin:quotes_quote_change", args=[line.pk]))
        messages.error(request, gettext("The line has changed since you saw it. Look at it again."))
        return HttpResponseRedirect(request.path)
    context = {
        **page.admin_site.each_context(request),
        "title": gettext("Meaning"),
        "opts": Quote._meta,  # noqa: SLF001
        "line": line,
        "form": form,
    }
    return TemplateResponse(request, "admin/quotes/quote/gloss.html", context)


def _save(form: GlossForm, line: Quote, *, again: bool) -> bool:
    return forget_gloss(line) if again else review_gloss(line, form.cleaned_data["gloss"])


def ask_for_glosses(request: HttpRequest, lines: QuerySet[Quote]) -> HttpResponse | None:
    """Starts a job for those of the lines that are on the board and have no gloss."""
    if not asking.model():
        messages.error(request, no_model())
        return None
    keys = lines.order_by().filter(is_apply=True, gloss="", gloss_reviewed_at=None)
    payload = payload_of(keys.values_list("pk", flat=True))
    try:
        job = start_job(kind=StaffJob.Kind.GLOSS, started_by=request_user(request), payload=payload)
    except JobUnfinished as unfinished:
        messages.error(request, str(unfinished.detail))
        return None
    return HttpResponseRedirect(job_url(job))


def written_by(line: Quote) -> str:
    """Whose words the gloss is, for the page of the line."""
    if not line.gloss:
        return "–"
    return line.gloss_by or gettext("staff")
