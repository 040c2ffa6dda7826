"""A file of lines loaded in the administration: first looked at, then loaded. What it brings are
the submissions of whoever loads it, so somebody else reviews them.
"""

from pathlib import PurePath
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from quotes.stock import Loaded, NoStock, Stock, load_stock, read_lines

if TYPE_CHECKING:
    from accounts.models import User

MOST_BYTES = 1_000_000  # what the proxy lets through
MOST_LINES = 2000  # for which a caller can wait; `load_quotes` has no such bound
SHOWN = 200  # of each kind of finding


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("File"), help_text=_("CSV with a header, or JSON lines, in UTF-8; 1 MB at most.")
    )
    check_only = forms.BooleanField(
        label=_("Only look at it, load nothing"), required=False, initial=True
    )
    skip_bad = forms.BooleanField(
        label=_("Load the good rows although some are bad"), required=False
    )

    def clean_file(self) -> Stock:
        """What stands in the file."""
        file = self.cleaned_data["file"]
        kind = PurePath(file.name).suffix.lower()
        if kind not in {".csv", ".jsonl", ".json", ".ndjson"}:
            raise ValidationError(gettext("The name must end in .csv, .jsonl, .ndjson or .json."))
        if file.size > MOST_BYTES:
            text = gettext("The file is larger than 1 MB. Use manage.py load_quotes.")
            raise ValidationError(text)
        try:
            stock = read_lines(file.file, is_csv=kind == ".csv")
        except NoStock as error:
            raise ValidationError(str(error)) from error
        if len(stock.lines) > MOST_LINES:
            text = gettext("The file has more than %d lines. Use manage.py load_quotes.")
            raise ValidationError(text % MOST_LINES)
        return stock


def import_page(request: HttpRequest, site: AdminSite, opts: Any) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    context = {**site.each_context(request), "title": gettext("Load a file"), "opts": opts}
    if form.is_valid():
        stock: Stock = form.cleaned_data["file"]
        refused = stock.bad_lines > 0 and not form.cleaned_data["skip_bad"]
        only_looked = form.cleaned_data["check_only"]
        owner = cast("User", request.user)
        loaded = load_stock(stock=stock, owner=owner, apply=False, dry_run=only_looked or refused)
        context |= _report(stock, loaded)
        messages.add_message(request, *_told(loaded, only_looked=only_looked, refused=refused))
    return TemplateResponse(request, "admin/quotes/quote/import.html", {**context, "form": form})


def _told(loaded: Loaded, *, only_looked: bool, refused: bool) -> tuple[int, str]:
    if only_looked:
        text = ngettext(
            "%d line would be added; nothing has changed.",
            "%d lines would be added; nothing has changed.",
            loaded.added,
        )
        return messages.INFO, text % loaded.added
    if refused:
        return messages.ERROR, gettext("Nothing was loaded, for some rows are bad.")
    text = ngettext(
        "%d line was added and waits for review.",
        "%d lines were added and wait for review.",
        loaded.added,
    )
    return messages.SUCCESS, text % loaded.added


def _report(stock: Stock, loaded: Loaded) -> dict[str, Any]:
    kinds = (
        (gettext("Bad rows"), stock.bad),
        (gettext("Repeated in the file"), stock.repeated),
        (gettext("There already"), loaded.known),
        (gettext("Nearly the same as others"), loaded.near),
    )
    return {
        "report": [
            {"title": title, "count": len(found), "findings": found[:SHOWN]}
            for title, found in kinds
            if found
        ]
    }
