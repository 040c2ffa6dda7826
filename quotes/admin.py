"""The board in the administration: staff apply and decline, several at once, and change no text.

A page carries what it showed of each quote (`seen`, its version and state), and only that is
reviewed: who reviews has read it. Buttons of a quote's own page post to the list's actions, too,
and go on to the next one that waits.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from config.api.links import base_url
from config.api.problems import Problem
from quotes.decisions import tell_submitters
from quotes.imports import import_page
from quotes.models import Quote, QuoteQuerySet, Review, State
from quotes.queue import next_in_queue, record_of
from quotes.reasons import Decline
from quotes.review import apply_quote, decline_quote
from quotes.similar import find_candidates

if TYPE_CHECKING:
    from accounts.models import User

    QuoteModelAdmin = admin.ModelAdmin[Quote]
    ReviewModelAdmin = admin.ModelAdmin[Review]
    ReviewTabularInline = admin.TabularInline[Review, Quote]
else:
    QuoteModelAdmin = ReviewModelAdmin = admin.ModelAdmin
    ReviewTabularInline = admin.TabularInline

NAMED = 5  # lines named in a message; it is kept in a cookie

Move = Callable[[int, int, State], Review]


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(value, str(label)) for value, label in State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Quote]) -> QuerySet[Quote]:  # noqa: ARG002
        if self.value() not in State.values:
            return queryset
        return cast("QuoteQuerySet", queryset).in_state(cast("str", self.value()))


class History(ReviewTabularInline):
    model = Review
    extra = 0
    can_delete = False
    verbose_name_plural = _("history")
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
        return True  # who may see the quote may see its history

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Quote)
class QuoteAdmin(QuoteModelAdmin):
    list_display = ("line", "double", "speaker", "source", "state", "user", "likes", "created_at")
    list_filter = (StateFilter, "language", "created_at")
    list_select_related = ("user",)
    search_fields = ("content", "speaker", "source", "user__email", "user__nickname")
    actions = ("apply", "decline")
    inlines = (History,)
    fields = readonly_fields = (
        "content",
        "speaker",
        "source",
        "context",
        "language",
        "state",
        "reason",
        "reviewer",
        "user",
        "version",
        "likes",
        "created_at",
        "updated_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Quote]:
        same = Quote.objects.filter(skeleton_hash=OuterRef("skeleton_hash"))
        others = same.exclude(pk=OuterRef("pk"))
        return super().get_queryset(request).annotate(has_double=Exists(others))

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("queue/", wrap(self.queue), name="quotes_quote_queue"),
            path("import/", wrap(self.import_file), name="quotes_quote_import"),
        ]
        return own + super().get_urls()

    @admin.display(description=_("double"))
    def double(self, quote: Quote) -> str:
        """Whether another line has the same letters."""
        return gettext("the same is there") if getattr(quote, "has_double", False) else ""

    @admin.display(description=_("line"), ordering="content")
    def line(self, quote: Quote) -> str:
        return str(quote)

    @admin.display(description=_("state"))
    def state(self, quote: Quote) -> str:
        return str(quote.state.label)

    @admin.display(description=mark_safe('<input type="checkbox" id="action-toggle">'))
    def action_checkbox(self, obj: Quote) -> SafeString:
        return format_html("{}{}", super().action_checkbox(obj), _seen_field(obj))

    @admin.action(description=_("Apply: put on the board"), permissions=["change"])
    def apply(self, request: HttpRequest, queryset: QuerySet[Quote]) -> HttpResponse | None:
        def move(pk: int, version: int, state: State) -> Review:
            return apply_quote(quote_id=pk, version=version, state=state, reviewer=_staff(request))

        applied = self._review(request, queryset, move)
        text = ngettext("%d line is on the board now.", "%d lines are on the board now.", applied)
        self._confirm(request, applied, text)
        return self._go_on(request, moved=applied)

    @admin.action(description=_("Decline, or take down"), permissions=["change"])
    def decline(self, request: HttpRequest, queryset: QuerySet[Quote]) -> HttpResponse | None:
        form = Decline(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            return self._ask_reason(request, queryset, form)

        def move(pk: int, version: int, state: State) -> Review:
            return decline_quote(
                quote_id=pk,
                version=version,
                state=state,
                reviewer=_staff(request),
                reason=form.cleaned_data["reason"],
            )

        declined = self._review(request, queryset, move)
        text = ngettext("%d line is declined.", "%d lines are declined.", declined)
        self._confirm(request, declined, text)
        return self._go_on(request, moved=declined)

    def _ask_reason(
        self, request: HttpRequest, queryset: QuerySet[Quote], form: Decline
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
        """Makes the move for each, tells about those that were refused, and counts the others."""
        seen = _parse_seen(request.POST.getlist("seen"))
        moved = list[Review]()
        refused: dict[str, list[Quote]] = defaultdict(list)
        for quote in queryset:
            try:
                moved.append(move(quote.pk, *seen.get(quote.pk, (0, quote.state))))
            except Problem as problem:
                refused[str(problem.detail)].append(quote)
        for why, quotes in refused.items():
            self.message_user(request, f"{why} {_name(quotes)}", messages.ERROR)
        self._tell_about_gone(request, queryset)
        tell_submitters(moved, base=base_url(request))
        return len(moved)

    def _tell_about_gone(self, request: HttpRequest, queryset: QuerySet[Quote]) -> None:
        selected = set(request.POST.getlist(ACTION_CHECKBOX_NAME))
        gone = selected - {str(quote.pk) for quote in queryset}
        if gone:
            text = ngettext(
                "%d line is no longer in this list: it was reviewed, edited or withdrawn.",
                "%d lines are no longer in this list: they were reviewed, edited or withdrawn.",
                len(gone),
            )
            self.message_user(request, text % len(gone), messages.ERROR)

    def _go_on(self, request: HttpRequest, *, moved: int) -> HttpResponse | None:
        """After a decision on a quote's own page: to the next one, or back to what was refused."""
        pk = request.POST.get("queue", "")
        if not pk.isdecimal():
            return None
        there = "admin:quotes_quote_queue" if moved else "admin:quotes_quote_change"
        if moved:
            return HttpResponseRedirect(f"{reverse(there)}?after={pk}")
        return HttpResponseRedirect(reverse(there, args=[pk]))

    def queue(self, request: HttpRequest) -> HttpResponse:
        """Leads to the line that has waited longest, or to the one after `after`."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        after = request.GET.get("after", "")
        seen = int(after) if re.fullmatch(r"[0-9]{1,18}", after) else None
        pk = next_in_queue(reviewer=_staff(request), after=seen)
        if pk is not None:
            return HttpResponseRedirect(reverse("admin:quotes_quote_change", args=[pk]))
        self.message_user(request, gettext("Nothing else waits for your review."), messages.INFO)
        return HttpResponseRedirect(reverse("admin:quotes_quote_changelist"))

    def import_file(self, request: HttpRequest) -> HttpResponse:
        if not _staff(request).has_perm("quotes.add_quote"):
            raise PermissionDenied
        return import_page(request, self.admin_site, self.opts)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_import = _staff(request).has_perm("quotes.add_quote")
        extra_context = {**(extra_context or {}), "may_import": may_import}
        return super().changelist_view(request, extra_context)

    def _confirm(self, request: HttpRequest, moved: int, text: str) -> None:
        if moved:
            self.message_user(request, text % moved, messages.SUCCESS)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        quote: Quote = kwargs["obj"]
        context["seen_field"] = _seen_field(quote)
        context["record"] = [(s.label, count) for s, count in record_of(quote.user).items()]
        context["candidates"] = find_candidates(quote)
        context["decline"] = Decline(language=quote.language)
        context["action_checkbox_name"] = ACTION_CHECKBOX_NAME
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":  # a change of the text must come from its author
            raise PermissionDenied
        return super().changeform_view(request, *args, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False  # staff submit as everybody does, and somebody else reviews it

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The history of a quote goes with it; that takes no permission of its own."""
        gone, counts, needed, protected = super().get_deleted_objects(objs, request)
        return gone, counts, needed - {Review._meta.verbose_name}, protected  # noqa: SLF001


@admin.register(Review)
class ReviewAdmin(ReviewModelAdmin):
    """History is read. It can be deleted along with a quote or a person, not by itself."""

    list_display = ("created_at", "quote", "from_state", "to_state", "version", "reviewer")
    list_filter = ("to_state", "created_at")
    list_select_related = ("quote", "reviewer")
    actions = None

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


def _staff(request: HttpRequest) -> "User":
    return cast("User", request.user)


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
            continue  # no such quote was shown, so it will count as not seen
    return seen


def _name(quotes: list[Quote]) -> str:
    names = ", ".join(f"“{quote}”" for quote in quotes[:NAMED])
    more = len(quotes) - NAMED
    return f"{names} (+{more})" if more > 0 else names
