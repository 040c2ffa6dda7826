"""Conversations, the chats (questions) in them, their replies, and the ledger of daily use."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.search_text import SearchText, searched
from config.db.on_delete import set_null

if TYPE_CHECKING:
    from accounts.models import User

AROUND = 80  # characters of an answer before and after quoted words, for a report on their mark
LONGEST_NOTE = 500


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def owned_by(self, user: "User") -> "ConversationQuerySet":
        return self.filter(user=user)

    def in_order(self) -> "ConversationQuerySet":
        """The pinned ones first; of both, those with the latest question or answer."""
        return self.order_by("-pinned", "-updated_at", "-id")

    def lasting(self) -> "ConversationQuerySet":
        """Without the temporary ones, which lists and searches leave out."""
        return self.filter(temporary=False)


class TitleBy(models.TextChoices):
    """Whose a title is. A new one, of the words of the first question, is nobody's yet where a
    model may be asked for a better one; `words` where it was, or may not be any more.
    """

    WORDS = "words"
    MODEL = "model"
    USER = "user"


class Conversation(models.Model):
    """`updated_at` is the time of its last question or answer; a new title leaves it as it is.
    `model` is the one that was last chosen in it, "" if none was; it may be no longer offered.
    A `temporary` one is in no list and no search, and is deleted a day after that time (ADR 0050).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="conversations",
        db_index=False,  # conversation_in_order begins with it
        verbose_name=_("user"),
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    title_by = models.CharField(
        max_length=5, choices=TitleBy, blank=True, default="", db_default=""
    )
    system_prompt = models.TextField(_("system prompt"), blank=True)
    model = models.CharField(max_length=100, blank=True, default="", db_default="")
    pinned = models.BooleanField(default=False, db_default=False)
    temporary = models.BooleanField(_("temporary"), default=False, db_default=False)
    created_at = models.DateTimeField(_("begun at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ("-created_at", "-id")
        indexes = [
            models.Index(
                "user",
                F("pinned").desc(),
                F("updated_at").desc(),
                F("id").desc(),
                name="conversation_in_order",
            ),
            models.Index(F("created_at").desc(), F("id").desc(), name="conversation_newest"),
            models.Index(
                fields=["user", "updated_at"],
                condition=Q(temporary=True),
                name="conversation_temporary",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)  # never the title: staff see this, and the title is the user's own text


class ChatQuerySet(models.QuerySet["Chat"]):
    def owned_by(self, user: "User") -> "ChatQuerySet":
        return self.filter(user=user)

    def lasting(self) -> "ChatQuerySet":
        """Without those in temporary conversations."""
        return self.filter(conversation__temporary=False)

    def with_replies(self) -> "ChatQuerySet":
        """With the shown reply and its citations, in two queries however many chats there are."""
        chats = self.select_related("chat_reply").prefetch_related("chat_reply__citations")
        return chats.defer("search_text", "chat_reply__search_text")

    def matching(self, words: Iterable[str]) -> "ChatQuerySet":
        """Those whose question or shown reply has every one of the words, which are in the form of
        `config.text.searchable`.
        """
        found = self.alias(asked=searched(), answered=searched("chat_reply__"))
        for word in words:
            found = found.filter(Q(asked__contains=word) | Q(answered__contains=word))
        return found


class Chat(models.Model):
    """A question. `parent` is the chat that it follows; questions that share a parent are branches.
    `chat_reply` is the reply that is shown and that the next question follows: the newest, or one
    that the user has chosen since. `attachment_count` is how many files go with it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="chats",
        db_index=False,  # chat_by_owner begins with it
    )
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="chats")
    parent = models.ForeignKey("self", on_delete=set_null, null=True, related_name="children")
    content = models.TextField(_("question"))
    search_text = SearchText(null=True, editable=False)
    attachment_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    chat_reply = models.ForeignKey("Reply", on_delete=set_null, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ChatQuerySet.as_manager()

    class Meta:
        verbose_name = _("chat")
        verbose_name_plural = _("chats")
        ordering = ("-created_at", "-id")
        indexes = [
            models.Index("user", F("created_at").desc(), F("id").desc(), name="chat_by_owner"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Status(models.TextChoices):
    STREAMING = "streaming", _("being written")
    DONE = "done", _("done")
    STOPPED = "stopped", _("stopped")
    FAILED = "failed", _("failed")
    INTERRUPTED = "interrupted", _("interrupted")
    IMPORTED = "imported", _("imported")


# Characters `start` to `end` of the answer as it was written were `from`; stored is `to`.
Correction = TypedDict("Correction", {"start": int, "end": int, "from": str, "to": str})


class Judged(models.TextChoices):
    """How many of an answer's quotations were compared with the board."""

    ALL = "all"
    PART = "part"
    NONE = "none"


def judged(status: str, unjudged: str | None) -> Judged:
    """The `judged` of a reply. One that failed or is being written is not judged."""
    if status not in {Status.DONE, Status.STOPPED}:
        return Judged.NONE
    return Judged(unjudged) if unjudged else Judged.ALL


class CutOff(models.TextChoices):
    """Why an answer ends before it is complete, though nobody stopped it."""

    LENGTH = "length", _("cut off at the limit of its length")
    CONTENT_FILTER = "content_filter", _("cut off by the model's content filter")


def cut_off(status: str, finish_reason: str, error_code: str, content: str) -> str:
    """The `CutOff` of a reply, "" if it is whole, or ended otherwise."""
    if finish_reason == CutOff.LENGTH and status in {Status.DONE, Status.IMPORTED}:
        return CutOff.LENGTH
    if error_code == "upstream_content_filter" and content:
        return CutOff.CONTENT_FILTER
    return ""


MOST_CONTINUATIONS = 3  # attempts to go on with an answer, with those that failed


def may_continue(
    status: str, finish_reason: str, continued_from: int | None, continuations: int
) -> bool:
    """`Reply.may_continue`, of its columns."""
    is_cut = status == Status.DONE and finish_reason == CutOff.LENGTH
    return is_cut and continued_from is None and continuations < MOST_CONTINUATIONS


class Reply(models.Model):
    """An answer, or the attempt at one.

    `charged_day` is the local day whose unit it holds, NULL when the unit was given back.
    `personal_token_id` is the token with which it was asked for. It is no foreign key: the token
    may be revoked since, and revoking one touches no replies. Token counts are the upstream's own.
    The process that writes the answer updates `heartbeat_at` and then reads `stop_requested`.
    `server` of `UPSTREAMS` answered, or was asked last, and calls the model `served_as`; both are
    "" where the settings name one upstream, and for the board.
    `corrections` are the differences between `content` and the text that was written and streamed
    (ADR 0013). `unjudged` is set only where some quotations were not judged.

    An answer that was cut off may be continued once (ADR 0041). `continued_from` is how many
    characters were written before, NULL where it was not continued; `continuations` counts the
    attempts, `continuation_day` is the day whose unit the continuation holds, taken with the token
    `continuation_token_id`, and `continuation_error` tells how the last attempt failed.

    `answered_from` is set where no model was asked: when the stored answer was written that this
    one repeats (ADR 0049). `answered_alike`: that was the answer to a similar question.
    `follow_ups` are questions that a model suggests to ask next (ADR 0051), NULL while it has not.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,  # reply_by_owner begins with it
    )
    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="replies")
    stream_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    status = models.CharField(max_length=12, choices=Status, default=Status.STREAMING)
    content = models.TextField(blank=True)
    search_text = SearchText(null=True, editable=False)
    model = models.CharField(max_length=100)
    server = models.CharField(max_length=50, blank=True, default="", db_default="")
    served_as = models.CharField(max_length=200, blank=True, default="", db_default="")
    finish_reason = models.CharField(max_length=30, blank=True)
    prompt_tokens = models.PositiveIntegerField(null=True)
    completion_tokens = models.PositiveIntegerField(null=True)
    error_code = models.CharField(max_length=50, blank=True)
    charged_day = models.DateField(null=True)
    personal_token_id = models.BigIntegerField(null=True, editable=False)
    heartbeat_at = models.DateTimeField(auto_now_add=True)
    stop_requested = models.BooleanField(default=False)
    corrections = models.JSONField(null=True)  # a list of `Correction`
    unjudged = models.CharField(max_length=4, choices=Judged, null=True)
    continued_from = models.PositiveIntegerField(null=True)
    continuations = models.PositiveSmallIntegerField(default=0, db_default=0)
    continuation_day = models.DateField(null=True)
    continuation_token_id = models.BigIntegerField(null=True, editable=False)
    continuation_error = models.CharField(max_length=50, blank=True, default="", db_default="")
    answered_from = models.DateTimeField(null=True)
    answered_alike = models.BooleanField(default=False, db_default=False)
    follow_ups = models.JSONField(null=True)  # a list of strings
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        ordering = ("-created_at", "-id")
        indexes = [
            models.Index(
                fields=["heartbeat_at"], condition=Q(status="streaming"), name="reply_streaming"
            ),
            models.Index(fields=["user", "status"], name="reply_by_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.status}"

    @property
    def judged(self) -> Judged:
        return judged(self.status, self.unjudged)

    @property
    def may_continue(self) -> bool:
        """Whether it was cut off and may be continued: once, or again where an attempt failed."""
        return may_continue(
            self.status, self.finish_reason, self.continued_from, self.continuations
        )

    @property
    def written(self) -> str:
        """The answer as it was streamed, without corrections. Event ids are offsets in it. While it
        is being written, the corrections are those of the text that a continuation goes on with.
        """
        if self.status == Status.STREAMING:
            return self.content
        parts, at, shorter = list[str](), 0, 0  # `content` is shorter than `written` up to here
        for one in self.corrections or ():
            start = one["start"] - shorter
            parts += [self.content[at:start], one["from"]]
            at = start + len(one["to"])
            shorter += len(one["from"]) - len(one["to"])
        return "".join([*parts, self.content[at:]])

    def corrected(self, written: str) -> str:
        """The content for the text that was `written`, by the stored corrections."""
        parts, at = list[str](), 0
        for one in self.corrections or ():
            parts += [written[at : one["start"]], one["to"]]
            at = one["end"]
        return "".join([*parts, written[at:]])


class StoredAnswer(models.Model):
    """The reply that is given again to those who ask the same (ADR 0049). `key` is of the question
    and all else that its answer depends on, `context` of all else. `answered_at` is NULL while the
    reply is being written. `lines` are those that it was shown or quotes: digests of their texts by
    their ids. `vector` is the question's, where similar ones count. Written by `chat.stored`; goes
    with its reply.
    """

    key = models.CharField(max_length=64, unique=True)
    context = models.CharField(max_length=64)
    reply = models.OneToOneField(Reply, on_delete=models.CASCADE, related_name="stored")
    answered_at = models.DateTimeField(_("answered at"), null=True)
    lines = models.JSONField(default=dict)
    vector = models.BinaryField(null=True)
    created_at = models.DateTimeField(_("asked at"), default=timezone.now)

    class Meta:
        verbose_name = _("stored answer")
        verbose_name_plural = _("stored answers")
        ordering = ("-created_at", "-id")
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="storedanswer_newest"),
            models.Index(
                "context",
                F("answered_at").desc(),
                condition=Q(vector__isnull=False),
                name="storedanswer_similar",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Import(models.Model):
    """A conversation that its user has imported from a file (`chat.importing`).
    `source_id` is a digest of what tells it from others in the file.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    source_id = models.CharField(max_length=80)
    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, related_name="imported"
    )
    characters = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "source_id"], name="import_once_per_user")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class DailyUsage(models.Model):
    """The ledger: the units that a user has taken on a local day, and how many of them were given
    back. Written by `chat.turns.quota`, and by `chat.turns.carryover` for a new account.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="daily_usage",
        verbose_name=_("user"),
    )
    day = models.DateField(_("day"))
    used = models.IntegerField(_("used"), default=0)
    refunded = models.IntegerField(_("refunded"), default=0, db_default=0)

    class Meta:
        verbose_name = _("daily use")
        verbose_name_plural = _("daily use")
        ordering = ("-day", "-id")
        indexes = [models.Index(F("day").desc(), F("id").desc(), name="dailyusage_by_day")]
        constraints = [
            models.UniqueConstraint(fields=["user", "day"], name="dailyusage_one_row_a_day"),
            models.CheckConstraint(name="dailyusage_not_negative", condition=Q(used__gte=0)),
            models.CheckConstraint(
                name="dailyusage_refunded_not_negative", condition=Q(refunded__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.used}"


class SiteUsage(models.Model):
    """Units taken by all users together on a local day, where the site has a budget
    (`SITE_DAILY_LIMIT`). `budget` is the setting when the last unit was taken. Written by
    `chat.turns.site_budget`.
    """

    day = models.DateField(_("day"), primary_key=True)
    used = models.IntegerField(_("used"), default=0)
    budget = models.IntegerField(_("budget"))

    class Meta:
        verbose_name = _("use of the whole site")
        verbose_name_plural = _("use of the whole site")
        ordering = ("-day",)
        constraints = [
            models.CheckConstraint(
                name="siteusage_within_budget",
                condition=Q(used__gte=0) & Q(used__lte=F("budget")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.used}"


class FormerUsage(models.Model):
    """What a deleted account had used on a day, for an account that joins with the same address or
    identity at a provider on that day. `digest` is a keyed hash of the day and one of them, which
    reveals neither it nor that two days share one. Written by `chat.turns.carryover`, deleted when
    the day is over.
    """

    day = models.DateField()
    digest = models.CharField(max_length=64)
    used = models.IntegerField()
    refunded = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "digest"], name="formerusage_one_row_a_day"),
            models.CheckConstraint(
                name="formerusage_not_negative", condition=Q(used__gte=0, refunded__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.used}"


class Verdict(models.TextChoices):
    VERBATIM = "verbatim", _("word for word")
    SAME_WORDS = "same_words", _("same words, other punctuation")
    EXCERPT = "excerpt", _("part of a line")
    ALTERED = "altered", _("altered")
    UNKNOWN = "unknown", _("not on the board")


_NOTHING = Value([], models.JSONField())


def shown_verdict(verdict: str, match: str) -> str:
    """The verdict as it is shown. Before there was `same_words`, lines with other marks, spaces or
    case were stored as `verbatim` too; `match` distinguishes them from equal lines.
    """
    if verdict == Verdict.VERBATIM and match in {"folded", "skeleton"}:
        return Verdict.SAME_WORDS
    return verdict


class Citation(models.Model):
    """A quoted span of a reply: characters `start` to `end` of its content, with the verdict of
    `quotes.verification.verify`. `quote` is NULL where the board has no such line (any more).
    """

    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="citations")
    quote = models.ForeignKey("quotes.Quote", on_delete=set_null, null=True, related_name="+")
    text = models.TextField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    verdict = models.CharField(max_length=10, choices=Verdict)
    match = models.CharField(max_length=10, blank=True, default="", db_default="")
    difference = models.JSONField(default=list, db_default=_NOTHING)
    notes = models.JSONField(default=list, db_default=_NOTHING)

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        ordering = ("start", "id")
        constraints = [
            models.CheckConstraint(name="citation_span", condition=Q(end__gt=F("start")))
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.start}–{self.end}"


class MarkReportQuerySet(models.QuerySet["MarkReport"]):
    def owned_by(self, user: "User") -> "MarkReportQuerySet":
        return self.filter(user=user)

    def open(self) -> "MarkReportQuerySet":
        return self.filter(state=MarkReport.State.OPEN)


class MarkReport(models.Model):
    """A user's report that the mark of a citation in one of their answers is wrong. `before` and
    `after` are the words around the quoted ones that reviewers see; they see nothing else of the
    answer. Written by `chat.reports`.
    """

    class Reason(models.TextChoices):
        VERDICT = "verdict", _("the verdict is wrong")
        LINE = "line", _("it is another line")
        SPEAKER = "speaker", _("the speaker or the work is wrong")
        OTHER = "other", _("something else")

    class State(models.TextChoices):
        OPEN = "open", _("not settled yet")
        WRONG = "wrong", _("the mark is wrong")
        RIGHT = "right", _("the mark is right")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mark_reports"
    )
    citation = models.OneToOneField(
        Citation, on_delete=models.CASCADE, related_name="report", verbose_name=_("citation")
    )
    before = models.CharField(max_length=AROUND + 1, blank=True)
    after = models.CharField(max_length=AROUND + 1, blank=True)
    reason = models.CharField(_("what is wrong"), max_length=10, choices=Reason)
    note = models.CharField(_("note"), max_length=LONGEST_NOTE, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    answer = models.CharField(_("answer"), max_length=LONGEST_NOTE, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("settled by"),
    )
    settled_at = models.DateTimeField(_("settled at"), null=True)
    created_at = models.DateTimeField(_("reported at"), auto_now_add=True)

    objects = MarkReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("reported mark")
        verbose_name_plural = _("reported marks")
        ordering = ("-created_at", "-id")
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="markreport_newest"),
            models.Index("created_at", "id", condition=Q(state="open"), name="markreport_open"),
        ]

    def __str__(self) -> str:
        return str(self.pk)  # not the quoted words, which the log of the administration would keep


class IdempotencyKey(models.Model):
    """A client's Idempotency-Key and the chat that it created, or the `reply` that it added to an
    existing chat; `fingerprint` is the request's.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="idempotency_keys"
    )
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="idempotency_keys")
    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotencykey_once_per_user")
        ]
        indexes = [models.Index(fields=["user", "created_at"], name="idempotencykey_age")]

    def __str__(self) -> str:
        return str(self.pk)


class LeaseQuerySet(models.QuerySet["Lease"]):
    """For the rows in which `until` is the time of something that happened."""

    def times(self, names: Sequence[str]) -> dict[str, datetime]:
        """The times of the named rows that there are."""
        return dict(self.filter(name__in=names).values_list("name", "until"))

    def store(self, times: Mapping[str, datetime]) -> None:
        self.bulk_create(
            [Lease(name=name, until=at) for name, at in times.items()],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["until"],
        )


class Lease(models.Model):
    """A task that one process at a time does, until `until`; see `chat.turns.recover`. In the rows
    `sweep 1` to `sweep 3` it is the time of one of the last three sweeps, and in those of
    `chat.turns.task_times` that of the last success.
    """

    name = models.CharField(max_length=30, primary_key=True)
    until = models.DateTimeField()

    objects = LeaseQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
