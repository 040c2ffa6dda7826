"""What staff see of the chat in Django's admin: counts, never content."""

import pytest

from chat.turns import quota
from tests.chat.asking import make_chat

SECRET = "My very own question"


@pytest.fixture
def admin(client, staff):
    client.force_login(staff)
    return client


def test_conversations_by_counts_only(admin, alice):
    chat = make_chat(alice, SECRET, SECRET)
    make_chat(alice, SECRET, conversation=chat.conversation)
    page = admin.get("/admin/chat/conversation/").content.decode()
    assert "alice@example.com" in page
    assert '<td class="field-chat_count">2</td>' in page
    assert SECRET not in page


def test_one_conversation_shows_no_content(admin, alice):
    chat = make_chat(alice, SECRET, SECRET)
    page = admin.get(f"/admin/chat/conversation/{chat.conversation_id}/change/").content.decode()
    assert "alice@example.com" in page
    assert SECRET not in page


@pytest.mark.parametrize("model", ["chat", "reply", "citation", "idempotencykey"])
def test_questions_and_answers_have_no_page(admin, model):
    assert admin.get(f"/admin/chat/{model}/").status_code == 404


@pytest.mark.parametrize("model", ["conversation", "dailyusage"])
def test_nothing_is_changed_here(admin, alice, model):
    chat = make_chat(alice)
    quota.reserve(user=alice)
    assert admin.get(f"/admin/chat/{model}/add/").status_code == 403
    row = chat.conversation if model == "conversation" else alice.daily_usage.get()
    assert admin.get(f"/admin/chat/{model}/{row.pk}/delete/").status_code == 403
    assert admin.post(f"/admin/chat/{model}/{row.pk}/change/", {}).status_code == 403


def test_search_reaches_no_content(admin, alice):
    make_chat(alice, SECRET)
    page = admin.get("/admin/chat/conversation/", {"q": "very own"}).content.decode()
    assert "alice@example.com" not in page


def test_daily_use(admin, alice):
    quota.reserve(user=alice)
    page = admin.get("/admin/chat/dailyusage/").content.decode()
    assert "alice@example.com" in page
    assert '<td class="field-used">1</td>' in page


def test_history_of_a_person_stays_out_of_the_deletion_page(admin, alice):
    """Django's list of what will be deleted with a user must not show the user's texts."""
    make_chat(alice, SECRET, SECRET)
    page = admin.get(f"/admin/accounts/user/{alice.pk}/delete/").content.decode()
    assert SECRET not in page
