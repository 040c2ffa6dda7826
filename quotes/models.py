"""The board: submitted quotes, the history of their review, their likes, the line of each day, and
the jobs of staff.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _

from quotes.columns import MAX_GLOSS, SEARCHED, names_of
from quotes.progress import Phase
from quotes.text.search_columns import (
    DERIVED,
    SearchText,
    SearchVersion,
    SkeletonHash,
    SourceHash,
    SpeakerHash,
    derive,
    name_hash,
)

if TYPE_CHECKING:
    from accounts.models import User


class State(models.TextChoices):
    PENDING = "pending", _("in review")
    APPLIED = "applied", _("applied")
    DECLINED = "declined", _("declined")


class Sort(models.TextChoices):
    NEW = "new", _("newest first")
    LIKED = "liked", _("most liked first")


class QuoteQuerySet(models.QuerySet["Quote"]):
    def applied(self) -> "QuoteQuerySet":
        return self.filter(is_apply=True)

    def owned_by(self, user: "User") -> "QuoteQuerySet":
        return self.filter(user=user)

    def visible_to(self, user: "User | None") -> "QuoteQuerySet":
        """What the board shows the user: applied quotes, and the user's own in any state. None is a
        reader without an account.
        """
        return self.filter(Q(is_apply=True) | Q(user=user)) if user else self.applied()

    def board_of(
        self, user: "User | None", *, state: str = "", mine: bool = False
    ) -> "QuoteQuerySet":
        """`visible_to`, filtered. Where other users' quotes can only be applied ones, the condition
        has no OR, so that each case can use an index of its own.
        """
        if user is None:
            return self.none() if mine else self.in_state(state or State.APPLIED).applied()
        quotes = self.in_state(state) if state else self
        if mine or state in {State.PENDING, State.DECLINED}:
            quotes = quotes.owned_by(user)
        elif not state:
            quotes = quotes.visible_to(user)
        return quotes

    def about(self, *, speaker: str = "", source: str = "", language: str = "") -> "QuoteQuerySet":
        """Filters by speaker, work and language. Case, width and spaces of names don't count."""
        values = {
            "speaker_hash": speaker and name_hash(speaker),
            "source_hash": source and name_hash(source),
            "language": language.lower(),
        }
        return self.filter(**{column: value for column, value in values.items() if value != ""})

    def sorted_by(self, sort: "Sort") -> "QuoteQuerySet":
        first = ("-likes",) if sort == Sort.LIKED else ()
        return self.order_by(*first, "-created_at", "-id")

    def in_order(self, ids: Sequence[int]) -> "QuoteQuerySet":
        """The quotes with these ids, in the order of the ids."""
        places = [When(pk=pk, then=Value(place)) for place, pk in enumerate(ids)]
        quotes = self.filter(pk__in=ids)
        return quotes.order_by(Case(*places, output_field=IntegerField())) if ids else quotes

    def with_submitter(self) -> "QuoteQuerySet":
        """Loads the columns that the board shows, and of the submitter only the nickname."""
        return self.select_related("user").only(*self._shown_columns(), "user__nickname")

    def _shown_columns(self) -> list[str]:
        columns = (field.name for field in self.model._meta.concrete_fields)  # noqa: SLF001
        return [name for name in columns if name not in DERIVED]

    def shown_to(self, user: "User | None") -> "QuoteQuerySet":
        """`with_submitter`, and whether this user likes each quote (`liked`). Without an account
        the submitter is not loaded.
        """
        if user is None:
            return self.only(*self._shown_columns())
        mine = QuoteLike.objects.filter(quote=OuterRef("pk"), user=user)
        return self.with_submitter().annotate(has_my_like=Exists(mine))

    def update(self, **columns: Any) -> int:
        """Refuses a new text without its derived columns: the old words would still find it."""
        if columns.keys() & set(SEARCHED) and not columns.keys() >= set(DERIVED):
            raise TypeError("an UPDATE of a quote's text needs quote.derived()")
        return super().update(**columns)

    def in_state(self, state: str) -> "QuoteQuerySet":
        return self.filter(
            {
                State.APPLIED: Q(is_apply=True),
                State.DECLINED: Q(is_apply=False, declined_at__isnull=False),
                State.PENDING: Q(is_apply=False, declined_at__isnull=True),
            }[State(state)]
        )


class Quote(models.Model):
    """A line. `version` counts the edits of its text: a review is of the version that was seen.

    `gloss` says what the line means, so that it is found by its meaning (`quotes.glosses`).
    `gloss_by` is the model whose words it is; "" for a member of staff. `gloss_reviewed_at` is when
    a member of staff has confirmed, written or removed it: from then on no model is asked.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_index=False,  # quote_by_owner begins with it
        related_name="quotes",
        verbose_name=_("submitted by"),
    )
    content = models.CharField(_("line"), max_length=1000)
    speaker = models.CharField(_("speaker"), max_length=200, blank=True)
    source = models.CharField(_("work"), max_length=200, blank=True)
    context = models.CharField(_("context"), max_length=1000, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    gloss = models.CharField(
        _("meaning"), max_length=MAX_GLOSS, blank=True, default="", db_default="", editable=False
    )
    gloss_by = models.CharField(
        _("meaning by"), max_length=200, blank=True, default="", db_default="", editable=False
    )
    gloss_reviewed_at = models.DateTimeField(_("meaning reviewed at"), null=True, editable=False)
    is_apply = models.BooleanField(_("applied"), default=False, editable=False)
    applied_at = models.DateTimeField(_("applied at"), null=True, editable=False)
    declined_at = models.DateTimeField(_("declined at"), null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=500, blank=True, editable=False)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("reviewed by"),
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    likes = models.PositiveIntegerField(_("likes"), default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(_("submitted at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    # Written with the text by every way of saving; see quotes.text.search_columns.
    search_text = SearchText(default="", db_default="", editable=False)
    search_version = SearchVersion(default=0, db_default=0, editable=False)
    skeleton_hash = SkeletonHash(default=0, db_default=0, editable=False)
    speaker_hash = SpeakerHash(default=0, db_default=0, editable=False)
    source_hash = SourceHash(default=0, db_default=0, editable=False)

    objects = QuoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        ordering = ("-created_at", "-id")
        indexes = [
            models.Index("user", F("created_at").desc(), F("id").desc(), name="quote_by_owner"),
            models.Index(  # for users who have submitted most of a large board
                "user",
                F("created_at").desc(),
                F("id").desc(),
                condition=Q(is_apply=False),
                name="quote_off_board",
            ),
            models.Index(
                F("created_at").desc(),
                F("id").desc(),
                condition=Q(is_apply=True),
                name="quote_applied",
            ),
            models.Index(F("created_at").desc(), F("id").desc(), name="quote_newest"),
            *(
                models.Index(column, F("created_at").desc(), F("id").desc(), name=name)
                for name, column in (
                    ("quote_by_likes", F("likes").desc()),
                    ("quote_by_speaker", "speaker_hash"),
                    ("quote_by_source", "source_hash"),
                    ("quote_by_language", "language"),
                )
            ),
            models.Index("id", condition=Q(is_apply=True), name="quote_applied_id"),
            *(  # the feeds: of all languages, and of one
                models.Index(
                    *first,
                    F("applied_at").desc(),
                    F("id").desc(),
                    condition=Q(is_apply=True),
                    name=name,
                )
                for name, first in (
                    ("quote_last_applied", ()),
                    ("quote_last_applied_in", ("language",)),
                )
            ),
            # Counts what is applied in a language, without reading the lines.
            models.Index("language", condition=Q(is_apply=True), name="quote_applied_language"),
            models.Index(
                "created_at",
                "id",
                condition=Q(is_apply=False, declined_at__isnull=True),
                name="quote_waiting",
            ),
            models.Index(  # what staff have still to look at
                F("created_at").desc(),
                F("id").desc(),
                condition=Q(gloss_reviewed_at__isnull=True, gloss_by__gt=""),
                name="quote_gloss_unseen",
            ),
            models.Index("skeleton_hash", name="quote_skeleton"),
            models.Index("search_version", "id", name="quote_search_version"),
        ]
        constraints = [
            models.CheckConstraint(
                name="quote_applied_has_time",
                condition=Q(is_apply=True, applied_at__isnull=False, declined_at__isnull=True)
                | Q(is_apply=False, applied_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.content[:60]

    def save(self, *args: Any, **options: Any) -> None:
        """Adds the derived columns where Django would save only the named or the loaded fields."""
        named = options.get("update_fields")
        if self.get_deferred_fields() & set(DERIVED):
            vars(self).update(self.derived())
        if named and set(SEARCHED) & set(named):
            options["update_fields"] = {*named, *DERIVED}
        super().save(*args, **options)

    def derived(self) -> dict[str, Any]:
        """The columns for an UPDATE that changes the text."""
        return derive(self)

    @property
    def names(self) -> list[str]:
        """What the line is credited to, as far as it is known."""
        return names_of(self)

    @property
    def liked(self) -> bool:
        """Whether the user of `shown_to` likes it."""
        return bool(getattr(self, "has_my_like", False))

    @property
    def state(self) -> State:
        if self.is_apply:
            return State.APPLIED
        return State.PENDING if self.declined_at is None else State.DECLINED


class Review(models.Model):
    """One change of a quote's state. `reviewer` is None where the submitter's edit sent it back to
    review, or where the reviewer's account was deleted.
    """

    quote = models.ForeignKey(
        Quote, on_delete=models.CASCADE, related_name="reviews", verbose_name=_("quote")
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="reviews",
        verbose_name=_("reviewed by"),
    )
    from_state = models.CharField(_("from"), max_length=10, choices=State)
    to_state = models.CharField(_("to"), max_length=10, choices=State)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    version = models.PositiveIntegerField(_("version"))
    created_at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ("-created_at", "-id")
        indexes = [models.Index(F("created_at").desc(), F("id").desc(), name="review_newest")]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class QuoteLike(models.Model):
    """A user's like of a quote. Only `quotes.board.likes` writes these rows, as it keeps the count
    in `Quote.likes`.
    """

    quote = models.ForeignKey(
        Quote, on_delete=models.CASCADE, db_index=False, related_name="given_likes"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="quote_likes"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint("quote", "user", name="quote_liked_once")]

    def __str__(self) -> str:
        return f"{self.user_id} ♥ {self.quote_id}"


class LineOfDay(models.Model):
    """The line of a day for readers of one language, chosen at the first request of that day."""

    day = models.DateField()
    language = models.CharField(max_length=20)  # of the site's (`LANGUAGES`), not the line's own
    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="days")

    class Meta:
        constraints = [models.UniqueConstraint("day", "language", name="one_line_of_day")]

    def __str__(self) -> str:
        return f"{self.day} ({self.language}): {self.quote_id}"


class DailyLine(models.Model):
    """What the release before writes during an upgrade, in place of `LineOfDay`. Nothing reads it;
    the next release drops it.
    """

    day = models.DateField(primary_key=True)
    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.day}: {self.quote_id}"


class Meaning(models.Model):
    """The embedding of a line: the vector of `model` for its text in `version`, scaled to length 1,
    as little-endian 32-bit floats. Written by `quotes.search.embeddings`.
    """

    quote = models.OneToOneField(Quote, on_delete=models.CASCADE, related_name="meaning")
    model = models.CharField(max_length=200)
    version = models.PositiveIntegerField()
    vector = models.BinaryField()

    class Meta:
        indexes = [models.Index("model", "id", name="meaning_of_model")]

    def __str__(self) -> str:
        return str(self.pk)


class StaffJob(models.Model):
    """Long work that staff have started; `quotes.jobs` runs it. `runner` is the token of the
    process that runs it and updates `heartbeat_at`. `done` of `total` is the progress of the
    `phase`. `changed` counts the lines that were added or deleted, in the same transactions.
    """

    class Kind(models.TextChoices):
        IMPORT = "import", _("load a file")
        DELETE = "delete", _("delete lines")
        GLOSS = "gloss", _("ask for meanings")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    UNFINISHED = (State.WAITING, State.RUNNING)

    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="staff_jobs",
        verbose_name=_("started by"),
    )
    language = models.CharField(max_length=10)
    options = models.JSONField(default=dict)
    payload = models.BinaryField(default=b"")  # the handler's input; emptied at the end
    phase = models.CharField(_("phase"), max_length=10, choices=Phase, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(_("lines changed"), default=0)
    report = models.JSONField(default=dict)  # a `quotes.jobs.runner.Report`
    cancel_requested = models.BooleanField(default=False)
    runner = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    heartbeat_at = models.DateTimeField(auto_now_add=True)
    created_at = models.DateTimeField(_("started at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("long work")
        verbose_name_plural = _("long work")
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["started_by"],
                condition=Q(state__in=("waiting", "running")),
                name="staffjob_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_finished(self) -> bool:
        return self.state not in self.UNFINISHED
