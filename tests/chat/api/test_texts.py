"""Texts of the chat: unchanged for the model, in one line where they name something."""

import pytest

from chat.history.markdown import plain_line
from chat.models import Chat, Conversation
from chat.turns.store_start import title_of
from tests.chat.asking import ask, make_chat

FAITHFUL = " a\u200bb\u202ec\u00ad  \td\u2066 가\u1100 👩\u200d🚀!"


@pytest.mark.usefixtures("upstream")
@pytest.mark.django_db
class TestAsking:
    def test_a_question_stays_as_it_was_written(self, as_alice, upstream):
        history = [{"role": "user", "content": f"{FAITHFUL}\r\nx "}]
        prompt = f"Be {FAITHFUL}"
        ask(as_alice, f"{FAITHFUL}\r\n\u2028x", conversation_history=history, system_prompt=prompt)
        assert Chat.objects.get().content == f"{FAITHFUL.strip()}\n\nx"
        assert Conversation.objects.get().system_prompt == prompt
        sent = [message["content"] for message in upstream.requests()[-1]["messages"]]
        assert f"{FAITHFUL}\nx " in sent

    @pytest.mark.parametrize("character", ["\x01", "\x08", "\x0e", "\x1b", "\x7f", "\x80", "\x9f"])
    @pytest.mark.parametrize("field", ["content", "message", "system_prompt", "history"])
    def test_control_characters_are_refused(self, as_alice, field, character):
        text = f"a{character}b"
        body = {"content": "Hello", field: text}
        if field == "message":
            del body["content"]
        if field == "history":
            body = {
                "content": "Hello",
                "conversation_history": [{"role": "user", "content": text}],  # type: ignore[dict-item]
            }
        response = as_alice.post("/chat", body)
        assert response.status_code == 400
        assert [error["code"] for error in response.json()["errors"]] == ["control_characters"]

    @pytest.mark.parametrize("blank", ["\u200b", "\u2800", "\U000e0041", "\ufe0f \u00ad", "\u034f"])
    def test_what_shows_nothing_is_no_question(self, as_alice, blank):
        [error] = ask(as_alice, blank).json()["errors"]
        assert (error["field"], error["code"]) == ("content", "blank")


@pytest.mark.django_db
class TestConversations:
    def test_a_title_is_one_line_and_turns_nothing(self, as_alice):
        made = as_alice.post("/conversations", {"title": "\u202eone\n\x1btwo\u200b "}).json()
        assert made["title"] == "one two"
        renamed = as_alice.patch(f"/conversations/{made['id']}", {"title": "e\u0301\u2066\t!"})
        assert renamed.json()["title"] == "é !"

    def test_a_system_prompt_is_faithful(self, as_alice):
        made = as_alice.post("/conversations", {"system_prompt": "a\u200b\r\n\tb"}).json()
        assert made["system_prompt"] == "a\u200b\n\tb"
        refused = as_alice.post("/conversations", {"system_prompt": "a\x1bb"})
        assert refused.json()["errors"][0]["code"] == "control_characters"

    def test_the_name_of_a_document_cannot_be_turned(self, as_alice, alice):
        title = "\u202edm.exe\u200b"
        conversation = Conversation.objects.create(user=alice, title=title)
        response = as_alice.get(
            f"/conversations/{conversation.pk}", headers={"Accept": "text/markdown"}
        )
        assert response["Content-Disposition"] == 'attachment; filename="dm.exe.md"'

    def test_a_line_of_a_document_turns_nothing_around_it(self, as_alice, alice):
        make_chat(alice, "x", conversation=Conversation.objects.create(user=alice, title="\u202eT"))
        conversation = Conversation.objects.get()
        response = as_alice.get(
            f"/conversations/{conversation.pk}", headers={"Accept": "text/markdown"}
        )
        assert b"".join(response.streaming_content).decode().startswith("# T\n")
        assert plain_line("a\u202e\u2067b\nc") == "ab c"


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("\u202eWhy?\n\nMore", "Why?"),
        ("\u200b\n \u2800\nWhy\tthis\x1b?", "Why this ?"),
        ("\u1112\u1161\u11ab" * 40, "한" * 40),
        ("👩\u200d👩\u200d👧" * 20, "👩\u200d👩\u200d👧" * 12 + "…"),
        ("\u200b", ""),
    ],
)
def test_title_of_a_question(content, title):
    assert title_of(content) == title
