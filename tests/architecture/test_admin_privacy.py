"""Staff don't read people's chats: no page of the administration shows or finds a word of them."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from accounts.joining.invitations import create_invitation
from accounts.models import SecurityEvent
from chat.attachments.models import Attachment
from chat.models import (
    Chat,
    Citation,
    Conversation,
    DailyUsage,
    MarkReport,
    Reply,
    SiteUsage,
    Status,
    StoredAnswer,
)
from config.goes_with_user import ReadOnly
from quotes.models import Review, StaffJob
from tests.factories import make_personal_token, make_quote, make_user

SECRET = "only alice may read this"


@pytest.fixture
def hers(alice) -> dict[str, object]:
    """Primary keys of alice's objects by model."""
    conversation = Conversation.objects.create(user=alice, title=SECRET, system_prompt=SECRET)
    chat = Chat.objects.create(user=alice, conversation=conversation, content=SECRET)
    chat.chat_reply = Reply.objects.create(
        user=chat.user, chat=chat, status=Status.DONE, content=SECRET, model="m"
    )
    chat.save()
    quote = make_quote(alice, "A line")
    Citation.objects.create(
        reply=chat.chat_reply, quote=quote, text=SECRET, start=0, end=4, verdict="verbatim"
    )
    other = Citation.objects.create(
        reply=chat.chat_reply,
        quote=quote,
        text="what she reports",
        start=5,
        end=9,
        verdict="unknown",
    )
    review = Review.objects.create(quote=quote, from_state="pending", to_state="pending", version=1)
    return {
        "accounts.user": alice.pk,
        "accounts.securityevent": SecurityEvent.objects.create(user=alice, kind="joined").pk,
        "accounts.personaltoken": make_personal_token(alice)[0].pk,
        "accounts.invitation": create_invitation(inviter=alice, expires_at=timezone.now())[0].pk,
        "accounts.joinrequest": make_user("dora", approval="waiting", is_active=False).pk,
        "chat.attachment": Attachment.objects.create(
            user=alice, chat=chat, name=SECRET, kind="text", size=9, tokens=9, key="k", digest="d"
        ).pk,
        "chat.conversation": conversation.pk,
        "chat.dailyusage": DailyUsage.objects.create(user=alice, day="2026-03-01", used=2).pk,
        "chat.markreport": MarkReport.objects.create(user=alice, citation=other, reason="line").pk,
        "chat.storedanswer": StoredAnswer.objects.create(key="k", reply=chat.chat_reply).pk,
        "chat.siteusage": SiteUsage.objects.create(day="2026-03-01", used=2, budget=9).pk,
        "quotes.quote": quote.pk,
        "quotes.review": review.pk,
        "quotes.staffjob": StaffJob.objects.create(kind="import", started_by=alice).pk,
    }


# The ways from each model to what people wrote in chats.
LOOKUPS = {
    "accounts.securityevent": ["user__chats__content", "actor__conversations__title"],
    "accounts.invitation": ["inviter__chats__content", "uses_made__user__chats__content"],
    "accounts.joinrequest": ["chats__content", "conversations__title"],
    "accounts.user": ["chats__content", "conversations__title", "conversations__system_prompt"],
    "accounts.personaltoken": [
        "user__chats__content",
        "user__conversations__title",
        "digest",
        "stamp",
    ],
    "chat.attachment": [
        *("name", "digest", "key", "content_type", "chat__content", "user__chats__content"),
        "user__conversations__title",
    ],
    "chat.conversation": ["title", "system_prompt", "chats__content", "chats__replies__content"],
    "chat.dailyusage": ["user__chats__content", "user__conversations__title"],
    "chat.markreport": [
        *("user__chats__content", "citation__reply__content", "citation__text", "before", "note"),
        *("citation__reply__chat__content", "settled_by__chats__content"),
    ],
    "chat.storedanswer": [
        *("reply__content", "reply__chat__content", "reply__user__email", "key", "context"),
        *("reply__chat__conversation__title", "lines"),
    ],
    "chat.siteusage": [],  # it knows of nobody
    "quotes.quote": ["user__chats__content", "user__conversations__title", "citation__text"],
    "quotes.staffjob": ["started_by__chats__content", "report", "options"],
    "quotes.review": ["quote__user__chats__content", "reviewer__chats__content"],
}

OURS = {
    model._meta.label_lower: model
    for model in admin.site._registry
    if model._meta.app_label in {"accounts", "chat", "quotes"}
}


def test_every_model_in_the_administration_is_looked_at(hers):
    assert set(hers) == set(OURS)


@pytest.mark.parametrize("page", ["changelist", "change", "delete", "history"])
@pytest.mark.parametrize("label", OURS)
def test_no_page_shows_it(client, staff, hers, label, page):
    client.force_login(staff)
    arguments = [] if page == "changelist" else [hers[label]]
    response = client.get(reverse(f"admin:{label.replace('.', '_')}_{page}", args=arguments))
    assert response.status_code in {200, 403}
    assert SECRET not in response.content.decode()


@pytest.mark.parametrize("label", OURS)
def test_no_search_or_filter_finds_it(client, staff, hers, label):
    """A search that finds the person who wrote a word tells that it was written."""
    client.force_login(staff)
    path = reverse(f"admin:{label.replace('.', '_')}_changelist")
    if admin.site._registry[OURS[label]].search_fields:
        assert client.get(path, {"q": SECRET}).context["cl"].result_count == 0
    for lookup in LOOKUPS[label]:
        response = client.get(path, {f"{lookup}__contains": SECRET})
        assert response.status_code in {302, 400}, lookup


def test_rows_that_are_only_read_are_changed_by_nobody(rf, staff):
    """`ReadOnly` stands before the classes whose permissions it takes away."""
    request = rf.get("/admin/")
    request.user = staff
    read = [one for one in admin.site._registry.values() if isinstance(one, ReadOnly)]
    assert {type(one).__name__ for one in read} >= {"ConversationAdmin", "StoredAnswerAdmin"}
    for one in read:
        assert not one.has_add_permission(request), type(one).__name__
        assert not one.has_change_permission(request), type(one).__name__
