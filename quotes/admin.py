"""The board in the administration: staff apply and decline, several at once, and change no text.

A page carries what it showed of each quote (`seen`, its version and state), and only that is
reviewed: who reviews has read it. Buttons of a quote's own page post to the list's actions, too.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from config.api.problems import Problem
from quotes.models import Quote, QuoteQuerySet, Review, State
from quotes.review import apply_quote, decline_quote

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


class Decline(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=_("Whoever submitted the lines can read it."),
    )


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
    list_display = ("line", "speaker", "source", "state", "user", "version", "created_at")
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
        "created_at",
        "updated_at",
    )

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
    def apply(self, request: HttpRequest, queryset: QuerySet[Quote]) -> None:
        def move(pk: int, version: int, state: State) -> Review:
            return apply_quote(quote_id=pk, version=version, state=state, reviewer=_staff(request))

        applied = self._review(request, queryset, move)
        text = ngettext("%d line is on the board now.", "%d lines are on the board now.", applied)
        self._confirm(request, applied, text)

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
        return None

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
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/quotes/quote/decline.html", context)

    def _review(self, request: HttpRequest, queryset: QuerySet[Quote], move: Move) -> int:
        """Makes the move for each, tells about those that were refused, and counts the others."""
        seen = _parse_seen(request.POST.getlist("seen"))
        refused: dict[str, list[Quote]] = defaultdict(list)
        for quote in queryset:
            try:
                move(quote.pk, *seen.get(quote.pk, (0, quote.state)))
            except Problem as problem:
                refused[str(problem.detail)].append(quote)
        for why, quotes in refused.items():
            self.message_user(request, f"{why} {_name(quotes)}", messages.ERROR)
        self._tell_about_gone(request, queryset)
        return len(queryset) - sum(map(len, refused.values()))

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

    def _confirm(self, request: HttpRequest, moved: int, text: str) -> None:
        if moved:
            self.message_user(request, text % moved, messages.SUCCESS)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["seen_field"] = _seen_field(kwargs["obj"])
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
