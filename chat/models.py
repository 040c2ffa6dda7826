"""Conversations, the chats (questions) in them, their replies, and the ledger of daily use."""

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypedDict

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chat.deletion import set_null

if TYPE_CHECKING:
    from accounts.models import User


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def owned_by(self, user: "User") -> "ConversationQuerySet":
        return self.filter(user=user)


class Conversation(models.Model):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="conversations",
        db_index=False,  # conversation_by_owner begins with it
        verbose_name=_("user"),
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    system_prompt = models.TextField(_("system prompt"), blank=True)
    created_at = models.DateTimeField(_("begun at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ("-created_at", "-id")
        indexes = [
            models.Index(
                "user", F("created_at").desc(), F("id").desc(), name="conversation_by_owner"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)  # never the title: staff see this, and it is the person's own words


class ChatQuerySet(models.QuerySet["Chat"]):
    def owned_by(self, user: "User") -> "ChatQuerySet":
        return self.filter(user=user)

    def with_replies(self) -> "ChatQuerySet":
        """With the shown reply and its citations, in two queries however many chats there are."""
        return self.select_related("chat_reply").prefetch_related("chat_reply__citations")

    def matching(self, words: Iterable[str]) -> "ChatQuerySet":
        """Those whose question or shown reply has every one of the words."""
        found = self
        for word in words:
            found = found.filter(
                Q(content__icontains=word) | Q(chat_reply__content__icontains=word)
            )
        return found


class Chat(models.Model):
    """A question. `parent` is the chat that it follows; questions that share one are branches.
    `chat_reply` is the reply that is shown: the newest one, or another that its person has chosen
    since. What follows goes on from it.
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


# Characters `start` to `end` of the answer as it was written said `from`; stored is `to`.
Correction = TypedDict("Correction", {"start": int, "end": int, "from": str, "to": str})


class Reply(models.Model):
    """An answer, or the attempt at one. `charged_day` is the local day whose unit it holds; it is
    emptied when the unit is given back. Token counts are the upstream's own. Whoever writes it
    moves `heartbeat_at`, and looks at `stop_requested` on that occasion. `corrections` tell how
    `content` differs from what was written and streamed (ADR 0013).
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
    model = models.CharField(max_length=100)
    finish_reason = models.CharField(max_length=30, blank=True)
    prompt_tokens = models.PositiveIntegerField(null=True)
    completion_tokens = models.PositiveIntegerField(null=True)
    error_code = models.CharField(max_length=50, blank=True)
    charged_day = models.DateField(null=True)
    heartbeat_at = models.DateTimeField(auto_now_add=True)
    stop_requested = models.BooleanField(default=False)
    corrections = models.JSONField(null=True)  # a list of `Correction`
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
    def written(self) -> str:
        """The answer as its stream tells it, to which the ids of its events belong."""
        text = self.content
        for one in self.corrections or ():
            start, end = one["start"], one["start"] + len(one["to"])
            text = text[:start] + one["from"] + text[end:]
        return text


class DailyUsage(models.Model):
    """The ledger: units taken by somebody on a local day. Written by `chat.quota` alone."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="daily_usage",
        verbose_name=_("user"),
    )
    day = models.DateField(_("day"))
    used = models.IntegerField(_("used"), default=0)

    class Meta:
        verbose_name = _("daily use")
        verbose_name_plural = _("daily use")
        ordering = ("-day", "-id")
        constraints = [
            models.UniqueConstraint(fields=["user", "day"], name="dailyusage_one_row_a_day"),
            models.CheckConstraint(name="dailyusage_not_negative", condition=Q(used__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.used}"


class Verdict(models.TextChoices):
    VERBATIM = "verbatim", _("word for word")
    EXCERPT = "excerpt", _("part of a line")
    ALTERED = "altered", _("altered")
    UNKNOWN = "unknown", _("not on the board")


class Citation(models.Model):
    """A quoted span of a reply: characters `start` to `end` of its content, and what
    `quotes.verify` says of it. The quote is None when the board does not (or no longer) hold it.
    """

    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="citations")
    quote = models.ForeignKey("quotes.Quote", on_delete=set_null, null=True, related_name="+")
    text = models.TextField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    verdict = models.CharField(max_length=10, choices=Verdict)
    match = models.CharField(max_length=10, blank=True)
    difference = models.JSONField(default=list)
    notes = models.JSONField(default=list)

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        ordering = ("start", "id")
        constraints = [
            models.CheckConstraint(name="citation_span", condition=Q(end__gt=F("start")))
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.start}–{self.end}"


class IdempotencyKey(models.Model):
    """A client's Idempotency-Key and the chat that it asked; `fingerprint` is the request's."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="idempotency_keys"
    )
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="idempotency_keys")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotencykey_once_per_user")
        ]
        indexes = [models.Index(fields=["user", "created_at"], name="idempotencykey_age")]

    def __str__(self) -> str:
        return str(self.pk)


class Lease(models.Model):
    """A task that one process at a time does until `until`; see `chat.pulse`."""

    name = models.CharField(max_length=30, primary_key=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
