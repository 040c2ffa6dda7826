"""The values that a turn is made of."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings

from chat.answering.citations import Cited
from chat.answering.prompts import PastTurn
from chat.attachments.reading import Files
from chat.live.streams import Live
from chat.models import Chat, Conversation, Reply, Status
from chat.stored.keys import Wanted
from chat.stored.lookup import StoredText
from chat.turns.errors import Failure
from chat.upstream import ChatMessage
from config.api.times import seconds_until

_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class GenerationOptions:
    """How an answer is to be generated. `history` None: the turns stored before the question."""

    model: str
    temperature: float
    max_tokens: int
    history: Sequence[ChatMessage] | None = None


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A validated question. Without a conversation it begins one, with `system_prompt`. `model` is
    the one that the request names, which its conversation keeps; "" if it names none.
    `attachments` are the keys of the user's files that go with it. The conversation that it begins
    is `temporary` or not.
    """

    content: str
    options: GenerationOptions
    conversation: Conversation | None = None
    parent_id: int | None = None
    system_prompt: str = ""
    model: str = ""
    attachments: Sequence[int] = ()
    temporary: bool = False


@dataclass(frozen=True, slots=True)
class IdempotencyClaim:
    """An Idempotency-Key and the fingerprint of the request that carries it."""

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class QuotaStatus:
    """A user's use of the allowance on a day; `resets_at` is the local midnight that ends the day.
    `site_left` are the units that the whole site has left, None without a site budget.
    """

    day: date
    limit: int
    used: int
    resets_at: datetime
    site_left: int | None = None

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    def seconds_left(self) -> int:
        return seconds_until(self.resets_at)

    def headers(self) -> dict[str, str]:
        """RateLimit and RateLimit-Policy (IETF draft-ietf-httpapi-ratelimit-headers).

        `t` never exceeds the window, not even on a day of 25 hours. Of the site's budget a user
        sees at most what is left for them: more would show what others use.
        """
        seconds = min(self.seconds_left(), _DAY_SECONDS)
        left = f'"daily";r={self.remaining};t={seconds}'
        policy = f'"daily";q={self.limit};w={_DAY_SECONDS}'
        if self.site_left is not None:
            left += f', "site";r={min(self.site_left, self.remaining)};t={seconds}'
            policy += f', "site";q={settings.SITE_DAILY_LIMIT};w={_DAY_SECONDS}'
        return {"RateLimit": left, "RateLimit-Policy": policy}

    def as_dict(self) -> dict[str, object]:
        return {
            "limit": self.limit,
            "used": self.used,
            "remaining": self.remaining,
            "resets_at": self.resets_at,
        }


@dataclass(slots=True)
class Turn:
    """A turn as this process knows it.

    `live` is None when the answer is not being written here. `is_new` is False for the turn of an
    earlier request. `history` are the turns that the question follows, newest first, until they
    have been sent. `is_free`: its unit is given back although it is answered. `is_stored`: this
    process has ended the turn, and `reply` is as it is stored. `started` and `first_token` are
    readings of the monotonic clock. `continues`: the turn goes on with an answer that was cut off;
    `begun` is its text up to there, where this process writes it. `wanted`: a stored answer may
    answer it; `stored` is the one that does. `lines` are the ids of those that the model was shown.
    `files` are those of the question and of the ones before it, until they have been sent, and
    `given` are the texts of these.
    """

    chat: Chat
    reply: Reply
    options: GenerationOptions
    live: Live | None = None
    quota: QuotaStatus | None = None
    history: Sequence[PastTurn] = ()
    is_new: bool = True
    is_stored: bool = False
    cited: Cited | None = None
    failure: Failure | None = None
    is_free: bool = False
    started: float = field(default_factory=time.monotonic)
    first_token: float | None = None
    continues: bool = False
    begun: str = ""
    wanted: Wanted | None = None
    stored: StoredText | None = None
    lines: frozenset[int] = frozenset()
    files: Files = field(default_factory=dict)
    given: Sequence[str] = ()

    def is_final(self) -> bool:
        """Whether `reply` has ended and is as it is stored. False where another process ended or
        deleted it, or its end could not be stored yet.
        """
        return self.is_stored if self.is_new else self.reply.status != Status.STREAMING
