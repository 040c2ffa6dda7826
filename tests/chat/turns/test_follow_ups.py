"""Questions to follow (FOLLOW_UPS), through the real client and the fake server. It answers a
question and the request for what follows it with the same words, which the question tells it.
"""

import time

import pytest

from accounts.export.sections import files_of
from chat.answering import side_request
from chat.models import Reply, SiteUsage, Status
from chat.turns import afterwards
from tests.chat.asking import ask, used, wait_for_additions, wait_for_end
from tests.chat.continuing import cut_off, go_on
from tests.ledger import assert_ledger_is_exact

pytestmark = pytest.mark.django_db(transaction=True)

THREE = "[[say: 1. Why?&#10;2. When was it?&#10;3. **Who** said it?&#10;4. And more?]]"
FOUND = ["Why?", "When was it?", "Who said it?"]


@pytest.fixture(autouse=True)
def _on(upstream, settings):
    settings.TITLE_MODEL, settings.FOLLOW_UPS = "fake", True
    settings.DAILY_CHAT_LIMIT = 10


def wait_for_follow_ups(reply_id: int) -> list[str]:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        found = Reply.objects.values_list("follow_ups", flat=True).get(pk=reply_id)
        if found is not None:
            return list(found)
        time.sleep(0.02)
    raise TimeoutError


def follow_ups_of(client, content: str, **body) -> list[str]:
    return wait_for_follow_ups(ask(client, content, **body).json()["chat_reply"]["id"])


def test_three_questions_are_stored_with_the_answer(as_alice, alice, upstream):
    chat = ask(as_alice, f"Hello {THREE}").json()
    assert chat["chat_reply"]["follow_ups"] is None
    assert wait_for_follow_ups(chat["chat_reply"]["id"]) == FOUND
    for path in (f"/chat/{chat['id']}", f"/chat/{chat['id']}/replies", "/chat"):
        body = as_alice.get(path).json()
        [shown] = body.get("results", [body])
        assert shown.get("chat_reply", shown)["follow_ups"] == FOUND
    [request] = [
        one
        for one in upstream.requests()
        if "what a user may ask next" in one["messages"][0]["content"]
    ]
    assert "Hello" in request["messages"][1]["content"]
    assert used(alice) == 1
    assert_ledger_is_exact()


def test_each_answer_has_its_own(as_alice):
    first = ask(as_alice, f"Hello {THREE}").json()
    wait_for_follow_ups(first["chat_reply"]["id"])
    later = ask(as_alice, "Go on [[say: What now?]]", conversation=first["conversation"]).json()
    assert wait_for_follow_ups(later["chat_reply"]["id"]) == ["What now?"]
    again = as_alice.post(f"/chat/{first['id']}/replies", {}).json()
    assert again["chat_reply"]["id"] != first["chat_reply"]["id"]
    assert wait_for_follow_ups(again["chat_reply"]["id"]) == FOUND


def test_they_are_in_the_language_of_the_question(as_alice):
    korean = "말해 줘 [[say: 언제입니까?&#10;When?&#10;누가 말했습니까?]]"
    assert follow_ups_of(as_alice, korean) == ["언제입니까?", "누가 말했습니까?"]


@pytest.mark.parametrize("fault", ["500", "empty", "length"])
def test_a_failure_leaves_none(as_alice, settings, fault):
    settings.TITLE_MODEL = f"fake-{fault}"
    assert follow_ups_of(as_alice, "Hello") == []


def test_off(as_alice, settings):
    settings.FOLLOW_UPS = False
    ask(as_alice, f"Hello {THREE}")
    wait_for_end()
    wait_for_additions()
    assert Reply.objects.get().follow_ups is None
    assert as_alice.get("/models").json()["follow_ups"] is False


def test_an_answer_that_is_not_complete_has_none(as_alice):
    ask(as_alice, "Hello", model="fake-401")
    assert wait_for_end().status == Status.FAILED
    wait_for_additions()
    assert Reply.objects.get().follow_ups is None


def test_small_talk_asks_no_model(as_alice, upstream):
    assert follow_ups_of(as_alice, "Thanks!", model="board") == []
    assert upstream.requests() == []


def test_a_continued_answer_gets_new_ones(as_alice, alice):
    chat = cut_off(
        alice, "[[then-say: six]]", question="Count [[say: Three?]]", follow_ups=["Two?"]
    )
    continued = go_on(as_alice, chat)
    assert continued.status_code == 200
    assert continued.json()["chat_reply"]["follow_ups"] is None
    assert wait_for_follow_ups(chat.chat_reply_id) == ["Three?"]


def test_those_of_an_attempt_that_was_overtaken_are_not_stored(as_alice, monkeypatch):
    """The answer is being continued when they come."""
    real = side_request.ask_aside

    def late(*args, **options):
        Reply.objects.update(status=Status.STREAMING)
        return real(*args, **options)

    monkeypatch.setattr(afterwards, "ask_aside", late)
    ask(as_alice, f"Hello {THREE}")
    wait_for_additions()
    reply = Reply.objects.get()
    Reply.objects.update(status=Status.DONE)
    assert reply.follow_ups is None


def test_a_stored_answer_has_those_of_the_first(as_alice, upstream, settings):
    settings.ANSWER_CACHE = {"fake": "exact"}
    question = f"Hello {THREE}"
    assert follow_ups_of(as_alice, question) == FOUND
    wait_for_additions()
    upstream.clear()
    again = ask(as_alice, question).json()
    assert again["chat_reply"]["answered_from"] is not None
    assert wait_for_follow_ups(again["chat_reply"]["id"]) == FOUND
    wait_for_additions()
    assert not any("ask next" in one["messages"][0]["content"] for one in upstream.requests())


def test_they_take_a_unit_of_the_site(as_alice, alice, settings):
    settings.SITE_DAILY_LIMIT = 10
    assert follow_ups_of(as_alice, f"Hello {THREE}") == FOUND
    assert (SiteUsage.objects.get().used, used(alice)) == (3, 1)  # with the title


def test_the_export_has_them(as_alice, alice):
    follow_ups_of(as_alice, f"Hello {THREE}")
    files = {name: b"".join(pieces) for name, pieces in files_of(alice)}
    assert b'"follow_ups":["Why?","When was it?","Who said it?"]' in files["conversations.json"]
