"""The admin page for uploading a file of lines. A job checks and imports it
(`quotes.importing.job`).
"""

from pathlib import PurePath
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.api.users import request_user
from quotes.columns import LOADED
from quotes.importing.importer import CSV_SUFFIXES, is_csv
from quotes.jobs.pages import job_url
from quotes.jobs.runner import JobUnfinished, start_job
from quotes.models import StaffJob

MAX_BYTES = 1_000_000  # of a request, in the proxy
_JSON_SUFFIXES = {".jsonl", ".ndjson", ".json"}


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV with a header (with commas, semicolons or tabs), JSON lines or a JSON array; in "
            "UTF-8, UTF-16 or cp949; 1 MB at most."
        ),
    )
    check_only = forms.BooleanField(
        label=_("Check the file without loading it"), required=False, initial=True
    )
    skip_bad = forms.BooleanField(
        label=_("Load the good rows even if others are bad"), required=False
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if PurePath(file.name).suffix.lower() not in CSV_SUFFIXES | _JSON_SUFFIXES:
            text = gettext("The name must end in .csv, .tsv, .txt, .jsonl, .ndjson or .json.")
            raise ValidationError(text)
        if file.size > MAX_BYTES:
            text = gettext("The file is larger than 1 MB. Use manage.py load_quotes.")
            raise ValidationError(text)
        return file

    def options(self) -> dict[str, bool]:
        name = self.cleaned_data["file"].name
        return {
            "is_csv": is_csv(name),
            "check_only": self.cleaned_data["check_only"],
            "skip_bad": self.cleaned_data["skip_bad"],
        }


def import_page(request: HttpRequest, site: AdminSite, opts: Any) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            job = start_job(
                kind=StaffJob.Kind.IMPORT,
                started_by=request_user(request),
                payload=form.cleaned_data["file"].read(),
                options=form.options(),
            )
        except JobUnfinished as unfinished:
            form.add_error(None, str(unfinished.detail))
        else:
            return HttpResponseRedirect(job_url(job))
    context = {
        **site.each_context(request),
        "title": gettext("Load a file"),
        "opts": opts,
        "form": form,
        "columns": ", ".join(LOADED),
    }
    return TemplateResponse(request, "admin/quotes/quote/import.html", context)
