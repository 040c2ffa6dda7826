"""The board in the admin: staff apply and decline quotes, one or several at once, and change no
text but the meaning that a model has written (`quotes.glosses`).

A page contains the version and state of each quote it shows (`seen`). Only that version is
reviewed, so that reviewers decide on what they have read; "select all" over several pages is
therefore refused (ADR 0023). The buttons of a quote's own page post to the actions of the list as
well, and continue with the next waiting quote.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from config import large_lists
from config.api.links import base_url
from config.api.problems import Problem
from config.api.users import request_user
from config.batches import paced
from config.large_lists import LargeList, with_small_print
from quotes.columns import names_of
from quotes.deleting.admin_delete import delete_page
from quotes.glosses.admin_gloss import ask_for_glosses, gloss_page, written_by
from quotes.importing.admin_import import import_page
from quotes.models import Quote, Review, State
from quotes.review.decline_form import DeclineForm
from quotes.review.line_page import context_of
from quotes.review.line_search import search_lines
from quotes.review.list_filters import GlossFilter, LanguageFilter, StateFilter
from quotes.review.notifications import notify_submitters
from quotes.review.queue import next_in_queue
from quotes.review.review import apply_quote, decline_quote

if TYPE_CHECKING:
    QuoteModelAdmin = admin.ModelAdmin[Quote]
    ReviewModelAdmin = admin.ModelAdmin[Review]
    ReviewTabularInline = admin.TabularInline[Review, Quote]
else:
    QuoteModelAdmin = ReviewModelAdmin = admin.ModelAdmin
    ReviewTabularInline = admin.TabularInline

LONGEST_SHOWN = 120  # characters of a line in the list
NAMED = 5  # quotes named in a message, which is kept in a cookie

Move = Callable[[int, int, State], Review]


class History(ReviewTabularInline):
    model = Review
    extra = 0
    can_delete = False
    verbose_name_plural = _("history")
    classes = ("collapse",)
    fields = readonly_fields = (
        "created_at",
        "reviewer",
        "from_state",
        "to_state",
        "version",
        "reason",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        return super().get_queryset(request).select_related("reviewer")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return True  # like the quote itself

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Quote)
class QuoteAdmin(LargeList, QuoteModelAdmin):
    change_list_template = "admin/quotes/quote/change_list.html"
    list_display = ("line", "standing", "submitted", "likes")
    list_filter = (StateFilter, LanguageFilter, GlossFilter, "created_at")
    list_select_related = ("user",)
    sortable_by = ("likes", "submitted")
    search_fields = ("content",)  # makes Django show the field; see get_search_results
    search_help_text = _(
        "Words of the line, speaker, work or context, or their beginnings; or a submitter's "
        "nickname, or the beginning of the email address"
    )
    actions = ("apply", "decline", "ask_meaning", "delete_selected")
    inlines = (History,)
    readonly_fields = (
        *("meaning_by", "gloss_reviewed_at", "state", "reviewer", "user", "version", "likes"),
        *("created_at", "updated_at"),
    )
    # The template shows the line, the decision and similar lines above them.
    fieldsets = ((_("Details"), {"classes": ("collapse",), "fields": readonly_fields}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Quote]:
        same = Quote.objects.filter(skeleton_hash=OuterRef("skeleton_hash"))
        others = same.exclude(pk=OuterRef("pk"))
        # A list computes it for the rows of its page only (config.large_lists).
        lines: QuerySet[Quote] = super().get_queryset(request)
        return lines.annotate(has_duplicate=Exists(others)).defer("search_text")

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: QuerySet[Quote],
        search_term: str,
    ) -> tuple[QuerySet[Quote], bool]:
        if not search_term.strip():
            return queryset, False
        return search_lines(queryset, search_term, limit=large_lists.REACHED + 1), False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("queue/", wrap(self.queue), name="quotes_quote_queue"),
            path("import/", wrap(self.import_file), name="quotes_quote_import"),
            path("<int:pk>/gloss/", wrap(self.review_gloss), name="quotes_quote_gloss"),
        ]
        return own + super().get_urls()

    @admin.display(description=_("line"), ordering="content")
    def line(self, quote: Quote) -> SafeString:
        shown = Truncator(quote.content).chars(LONGEST_SHOWN)
        return with_small_print(shown, ", ".join(names_of(quote)))

    @admin.display(description=_("state"))
    def standing(self, quote: Quote) -> SafeString:
        """Its state, and whether another quote has the same letters."""
        has_duplicate = getattr(quote, "has_duplicate", False)
        exists = gettext("exists already") if has_duplicate else ""
        return with_small_print(str(quote.state.label), exists)

    @admin.display(description=_("submitted"), ordering="created_at")
    def submitted(self, quote: Quote) -> SafeString:
        when = date_format(localtime(quote.created_at), "DATETIME_FORMAT")
        return with_small_print(when, str(quote.user or ""))

    @admin.display(description=_("state"))
    def state(self, quote: Quote) -> str:
        return str(quote.state.label)

    @admin.display(description=_("meaning by"))
    def meaning_by(self, quote: Quote) -> str:
        return written_by(quote)

    # The same constant as in Django's own method.
    @admin.display(description=mark_safe('<input type="checkbox" id="action-toggle">'))  # nosec B308
    def action_checkbox(self, obj: Quote) -> SafeString:
        return format_html("{}{}", super().action_checkbox(obj), _seen_field(obj))

    @admin.action(description=_("Apply: put on the board"), permissions=["change"])
    def apply(self, request: HttpRequest, queryset: QuerySet[Quote]) -> HttpResponse | None:
        if self._refuse_unseen(request):
            return None

        def move(pk: int, version: int, state: State) -> Review:
            return apply_quote(
                quote_id=pk, version=version, state=state, reviewer=request_user(request)
            )

        applied = self._review(request, queryset, move)
        text = ngettext("%d line is on the board now.", "%d lines are on the board now.", applied)
        self._confirm(request, applied, text)
        return self._continue_queue(request, moved=applied)

    @admin.action(description=_("Decline, or take down"), permissions=["change"])
    def decline(self, request: HttpRequest, queryset: QuerySet[Quote]) -> HttpResponse | None:
        if self._refuse_unseen(request):
            return None
        form = DeclineForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            return self._ask_reason(request, queryset, form)

        def move(pk: int, version: int, state: State) -> Review:
            return decline_quote(
                quote_id=pk,
                version=version,
                state=state,
                reviewer=request_user(request),
                reason=form.cleaned_data["reason"],
            )

        declined = self._review(request, queryset, move)
        text = ngettext("%d line is declined.", "%d lines are declined.", declined)
        self._confirm(request, declined, text)
        return self._continue_queue(request, moved=declined)

    @admin.action(description=_("Ask the model for the meaning"), permissions=["change"])
    def ask_meaning(self, request: HttpRequest, queryset: QuerySet[Quote]) -> HttpResponse | None:
        return ask_for_glosses(request, queryset)

    @admin.action(description=_("Delete"), permissions=["delete"])
    def delete_selected(
        self, request: HttpRequest, queryset: QuerySet[Quote]
    ) -> HttpResponse | None:
        return delete_page(request, self.admin_site, queryset)

    def _ask_reason(
        self, request: HttpRequest, queryset: QuerySet[Quote], form: DeclineForm
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Decline"),
            "opts": self.opts,
            "quotes": queryset,
            "seen": request.POST.getlist("seen"),
            "form": form,
            "queue": request.POST.get("queue", ""),
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/quotes/quote/decline.html", context)

    def _review(self, request: HttpRequest, queryset: QuerySet[Quote], move: Move) -> int:
        """Makes the move for each quote, reports refusals, and returns how many were moved."""
        seen = _parse_seen(request.POST.getlist("seen"))
        moved = list[Review]()
        refused: dict[str, list[Quote]] = defaultdict(list)
        for quote in paced(queryset):
            try:
                moved.append(move(quote.pk, *seen.get(quote.pk, (0, quote.state))))
            except Problem as problem:
                refused[str(problem.detail)].append(quote)
        for why, quotes in refused.items():
            self.message_user(request, f"{why} {_name(quotes)}", messages.ERROR)
        self._report_missing(request, queryset)
        notify_submitters(moved, base=base_url(request))
        return len(moved)

    def _refuse_unseen(self, request: HttpRequest) -> bool:
        """Whether more quotes were selected than the page has shown."""
        if request.POST.get("select_across", "0") == "0":
            return False
        text = gettext(
            "Nothing was reviewed. Only lines that you have seen can be reviewed: select those of "
            "one page at a time. A whole file can be put on the board with manage.py load_quotes "
            "--apply."
        )
        self.message_user(request, text, messages.ERROR)
        return True

    def _report_missing(self, request: HttpRequest, queryset: QuerySet[Quote]) -> None:
        selected = set(request.POST.getlist(ACTION_CHECKBOX_NAME))
        missing = selected - {str(quote.pk) for quote in queryset}
        if missing:
            text = ngettext(
                "%d line is no longer in this list: it was reviewed, edited or withdrawn.",
                "%d lines are no longer in this list: they were reviewed, edited or withdrawn.",
                len(missing),
            )
            self.message_user(request, text % len(missing), messages.ERROR)

    def _continue_queue(self, request: HttpRequest, *, moved: int) -> HttpResponse | None:
        """After a decision on a quote's own page: the next quote, or this one if it was refused."""
        pk = request.POST.get("queue", "")
        if not pk.isdecimal():
            return None
        target = "admin:quotes_quote_queue" if moved else "admin:quotes_quote_change"
        if moved:
            return HttpResponseRedirect(f"{reverse(target)}?after={pk}")
        return HttpResponseRedirect(reverse(target, args=[pk]))

    def queue(self, request: HttpRequest) -> HttpResponse:
        """Redirects to the quote that has waited longest, or to the next one after `after`."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        after = request.GET.get("after", "")
        seen = int(after) if re.fullmatch(r"[0-9]{1,18}", after) else None
        pk = next_in_queue(reviewer=request_user(request), after=seen)
        if pk is not None:
            return HttpResponseRedirect(reverse("admin:quotes_quote_change", args=[pk]))
        self.message_user(request, gettext("Nothing else waits for your review."), messages.INFO)
        return HttpResponseRedirect(reverse("admin:quotes_quote_changelist"))

    def import_file(self, request: HttpRequest) -> HttpResponse:
        if not request_user(request).has_perm("quotes.add_quote"):
            raise PermissionDenied
        return import_page(request, self.admin_site, self.opts)

    def review_gloss(self, request: HttpRequest, pk: int) -> HttpResponse:
        line = self.get_object(request, str(pk))
        if not self.has_change_permission(request, line):
            raise PermissionDenied
        if line is None:
            raise Http404
        return gloss_page(request, self, line)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_import = request_user(request).has_perm("quotes.add_quote")
        extra_context = {**(extra_context or {}), "may_import": may_import}
        return super().changelist_view(request, extra_context)

    def _confirm(self, request: HttpRequest, moved: int, text: str) -> None:
        if moved:
            self.message_user(request, text % moved, messages.SUCCESS)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        quote: Quote = kwargs["obj"]
        context |= {"seen_field": _seen_field(quote), **context_of(quote)}
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":  # only the submitter may change the text
            raise PermissionDenied
        return super().changeform_view(request, *args, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False  # staff submit lines as everybody does

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The history of a quote is deleted with it, which needs no permission of its own."""
        deleted, counts, needed, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, needed - {Review._meta.verbose_name}, protected  # noqa: SLF001


@admin.register(Review)
class ReviewAdmin(LargeList, ReviewModelAdmin):
    """The history is read-only. It is deleted only together with a quote or a user."""

    list_display = ("created_at", "quote", "from_state", "to_state", "version", "reviewer")
    list_filter = ("to_state", "created_at")
    list_select_related = ("quote", "reviewer")
    sortable_by = ("created_at",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        return super().get_queryset(request).defer("quote__search_text", "quote__context")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        extra_context = {**(extra_context or {}), "show_delete": False}
        return super().change_view(request, object_id, form_url, extra_context)

    def delete_view(self, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        raise PermissionDenied


def _seen_field(quote: Quote) -> SafeString:
    return format_html(
        '<input type="hidden" name="seen" value="{}:{}:{}">',
        quote.pk,
        quote.version,
        quote.state.value,
    )


def _parse_seen(values: Iterable[str]) -> dict[int, tuple[int, State]]:
    seen = {}
    for value in values:
        try:
            pk, version, state = value.split(":")
            seen[int(pk)] = int(version), State(state)
        except ValueError:
            continue  # such a quote was not shown, so it counts as not seen
    return seen


def _name(quotes: list[Quote]) -> str:
    names = ", ".join(f"“{quote}”" for quote in quotes[:NAMED])
    more = len(quotes) - NAMED
    return f"{names} (+{more})" if more > 0 else names
