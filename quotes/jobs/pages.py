"""The admin pages of jobs: progress, report, and cancelling. While a job is running, its page has a
`Refresh` header, which reloads it without a script.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.api.users import request_user
from config.goes_with_user import ReadOnly
from quotes.jobs.runner import cancel_job
from quotes.models import StaffJob
from quotes.progress import Phase

if TYPE_CHECKING:
    JobModelAdmin = admin.ModelAdmin[StaffJob]
else:
    JobModelAdmin = admin.ModelAdmin

REFRESH_SECONDS = 2
# One of them is needed to start a job.
_NEEDED = ("quotes.add_quote", "quotes.change_quote", "quotes.delete_quote")


def job_url(job: StaffJob) -> str:
    return reverse("admin:quotes_staffjob_change", args=[job.pk])


@admin.register(StaffJob)
class StaffJobAdmin(ReadOnly, JobModelAdmin):
    """Staff see their own jobs, superusers all of them."""

    list_display = ("created_at", "kind", "state", "progress", "changed", "started_by")
    list_filter = ("kind", "state")
    list_select_related = ("started_by",)
    show_full_result_count = False
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[StaffJob]:
        user = request_user(request)
        jobs = super().get_queryset(request).defer("payload", "report")
        return jobs if user.is_superuser else jobs.filter(started_by=user)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:  # noqa: ARG002
        return lookup.partition("__")[0] in self.list_filter

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.cancel)
        own = path("<path:object_id>/cancel/", view, name="quotes_staffjob_cancel")
        return [own, *super().get_urls()]

    @admin.display(description=_("progress"))
    def progress(self, job: StaffJob) -> str:
        return progress_of(job)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        if request.method != "GET" or not self.has_view_permission(request):
            raise PermissionDenied
        job = self.get_object(request, object_id)
        if job is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": job.get_kind_display(),
            "opts": self.opts,
            "job": job,
            "progress": progress_of(job),
        }
        response = TemplateResponse(request, "admin/quotes/staffjob/job.html", context)
        if not job.is_finished:
            response["Refresh"] = str(REFRESH_SECONDS)
        return response

    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        job = self.get_object(request, object_id)
        if job is None or not self.has_view_permission(request):
            raise PermissionDenied
        cancel_job(job)
        return HttpResponseRedirect(job_url(job))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        user = request_user(request)
        return user.is_active and user.is_staff and any(map(user.has_perm, _NEEDED))


def progress_of(job: StaffJob) -> str:
    if job.is_finished or not job.phase:
        return str(job.get_state_display())
    phase = str(Phase(job.phase).label)
    if not job.total:
        return f"{phase}: {job.done}"
    values = {"phase": phase, "done": job.done, "total": job.total}
    return gettext("%(phase)s: %(done)d of %(total)d") % values
