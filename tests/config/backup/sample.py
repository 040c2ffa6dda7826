"""Rows of every kind, with the texts, numbers, times and bytes that are easily changed on the way
from one database to another.
"""

from datetime import UTC, datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts.joining.models import Invitation, InvitationUse
from accounts.models import DataExport, PendingJoin, SecurityEvent, SignInSource, User
from accounts.plans.models import Plan
from accounts.tokens import issue
from chat.attachments.models import Attachment, DiscardedFile
from chat.models import (
    Chat,
    Citation,
    Conversation,
    DailyUsage,
    FormerUsage,
    IdempotencyKey,
    Import,
    Lease,
    MarkReport,
    Reply,
    SiteUsage,
    Status,
    StoredAnswer,
)
from quotes.models import LineOfDay, Meaning, Quote, QuoteLike, Review, StaffJob
from tests.factories import make_personal_token, make_quote, make_user

ODD = (
    "한글과 漢字, \"quotes\" 'and' \\ backslashes\\n\t\r\n  two  spaces "
    "\u00a0\u200b\u200d\u2028\u2029\u0301 e\u0301 é 👩‍👩‍👧‍👦 \u202e\ufeff"
    "\uffff\U0010ffff\x7f\x01 end "
)
JSON = {
    "z": [None, True, False, 0, -1, 2**63, 1.5, 1e-7, 0.1, 12345678.25],
    "a": {ODD.replace("\x01", ""): ["", [], {}], "가": "나"},
    "aa": "a\tb",
}
BYTES = bytes(range(256)) * 3
LATE = datetime(2038, 1, 19, 3, 14, 8, 1, tzinfo=UTC)


def fill() -> None:
    """`alice` has two units of today: of an answer, and of one that is being written."""
    alice, bob = make_user("alice"), make_user("bob", daily_limit=0, is_staff=True)
    User.objects.create(nickname="no address", email=None, ip_address="2001:db8::1", password="!")
    _of_accounts(alice, bob)
    quote = _board(alice, bob)
    _chats(alice, quote)
    _jobs(bob)


def _of_accounts(alice: User, bob: User) -> None:
    group = Group.objects.create(name="plan")
    Plan.objects.create(group=group, daily_limit=7, models=["가", "b"])
    alice.groups.add(group)
    issue(alice)
    make_personal_token(alice, name="봇")
    EmailAddress.objects.create(user=alice, email="alice@example.com", verified=True, primary=True)
    invitation = Invitation.objects.create(digest="d", note=ODD[:20], uses=2, expires_at=LATE)
    invitation.groups.add(group)
    InvitationUse.objects.create(invitation=invitation, user=bob)
    PendingJoin.objects.create(email="carol@example.com", password="!")
    SignInSource.objects.create(address="a" * 64, source="")
    SecurityEvent.objects.create(
        user=alice, kind="joined", ip_address="192.0.2.1", details=JSON, actor=bob
    )
    LogEntry.objects.create(
        user=bob,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(alice.pk),
        object_repr=ODD[:50],
        action_flag=CHANGE,
    )
    session = SessionStore()
    session["odd"] = ODD
    session.save()
    DataExport.objects.create(user=alice)  # left out


def _board(alice: User, bob: User) -> Quote:
    quote = make_quote(alice, "죽느냐 사느냐, 그것이 문제로다", speaker="햄릿", is_apply=True)
    make_quote(bob, ODD, reviewer=alice)
    Review.objects.create(
        quote=quote, reviewer=bob, from_state="pending", to_state="applied", version=1
    )
    QuoteLike.objects.create(quote=quote, user=bob)
    Quote.objects.filter(pk=quote.pk).update(likes=1)
    LineOfDay.objects.create(day="2030-02-28", language="ko", quote=quote)
    Meaning.objects.create(quote=quote, model="m", version=1, vector=BYTES)
    return quote


def _chats(alice: User, quote: Quote) -> None:
    today = timezone.localdate()
    conversation = Conversation.objects.create(
        user=alice, title=ODD[:100], title_by="model", system_prompt=ODD, temporary=True
    )
    first = Chat.objects.create(user=alice, conversation=conversation, content=ODD)
    reply = Reply.objects.create(
        user=alice,
        chat=first,
        status=Status.DONE,
        content=ODD,
        model="m",
        charged_day=today,
        corrections=[{"start": 0, "end": 1, "from": "한", "to": "가"}],
        finished_at=LATE,
        answered_from=LATE,
        answered_alike=True,
        follow_ups=["왜입니까?", "“Why?”"],
    )
    second = Chat.objects.create(
        user=alice, conversation=conversation, parent=first, content="second"
    )
    Chat.objects.filter(pk=first.pk).update(chat_reply=reply)
    Reply.objects.create(
        user=alice, chat=second, status=Status.STREAMING, content="half", charged_day=today
    )
    DailyUsage.objects.create(user=alice, day=today, used=2)
    SiteUsage.objects.create(day=today, used=2, budget=5)
    FormerUsage.objects.create(day=today, digest="f", used=1, refunded=0)
    cited = Citation.objects.create(
        reply=reply,
        quote=quote,
        text=ODD,
        start=0,
        end=9,
        verdict="altered",
        difference=[[1, "가"], [0, ODD.replace("\x01", "")]],
    )
    Attachment.objects.create(
        user=alice,
        chat=first,
        kind="image",
        name=ODD[:50],
        content_type="image/png",
        size=2**31 - 1,
        width=2,
        height=3,
        tokens=4,
        key="00/00000000000000000000000000000000",
        digest="d",
        created_at=LATE,
    )
    DiscardedFile.objects.create(key="가", due_at=LATE)
    MarkReport.objects.create(user=alice, citation=cited, reason="line", note=ODD[:50])
    IdempotencyKey.objects.create(user=alice, key="키", fingerprint="f", chat=first, reply=reply)
    Import.objects.create(
        user=alice, source_id="s", conversation=conversation, characters=2**31 - 1
    )
    Conversation.objects.create(user=alice, title="gone").delete()
    # Left out:
    Lease.objects.create(name="reaper", until=timezone.now() + timedelta(days=1))
    StoredAnswer.objects.create(key="k", reply=reply)


def _jobs(bob: User) -> None:
    StaffJob.objects.create(
        kind="import", started_by=bob, language="ko", options=JSON, payload=BYTES
    )
