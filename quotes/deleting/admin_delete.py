"""Deleting many lines in the admin: a page says how many they are, then a job deletes them.
Django's own page would list all of them with their dependent rows, and delete them in one
transaction.
"""

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext

from config.api.users import request_user
from quotes.deleting.job import payload_of
from quotes.jobs.pages import job_url
from quotes.jobs.runner import JobUnfinished, start_job
from quotes.models import Quote, StaffJob

SHOWN = 20


def delete_page(
    request: HttpRequest, site: AdminSite, lines: QuerySet[Quote]
) -> HttpResponse | None:
    """The user confirms the number of lines. If it has changed meanwhile, the page asks again."""
    count = lines.count()
    if request.POST.get("count") == str(count):
        return _start_job(request, lines)
    context = {
        **site.each_context(request),
        "title": gettext("Delete"),
        "opts": Quote._meta,  # noqa: SLF001
        "count": count,
        "shown": lines[:SHOWN],
        "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/quotes/quote/delete_lines.html", context)


def _start_job(request: HttpRequest, lines: QuerySet[Quote]) -> HttpResponse | None:
    keys = lines.order_by().values_list("pk", flat=True)
    try:
        job = start_job(
            kind=StaffJob.Kind.DELETE,
            started_by=request_user(request),
            payload=payload_of(keys),
        )
    except JobUnfinished as unfinished:
        messages.error(request, str(unfinished.detail))
        return None
    return HttpResponseRedirect(job_url(job))
