"""The conversation, parent or chat is deleted by a transaction that is committed after it was found
and before the turn is stored: the response is that of a deletion a moment earlier, and no unit is
taken.
"""

import pytest

from chat.models import Chat, Conversation, Reply
from tests.chat.asking import ask, make_chat, used
from tests.concurrently import uncommitted
from tests.ledger import assert_ledger_is_exact

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("upstream"),
]


@pytest.fixture
def asked(alice):
    return make_chat(alice)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("key", [None, '"one"'])
@pytest.mark.parametrize("field", ["conversation", "parent"])
def test_a_question(asked, as_alice, alice, field, key, stream):
    number = {"conversation": asked.conversation_id, "parent": asked.pk}[field]
    headers = {"Idempotency-Key": key} if key else {}
    headers |= {"Accept": "text/event-stream"} if stream else {}
    with uncommitted(asked.conversation.delete):
        response = ask(as_alice, headers=headers, **{field: number})
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not Chat.objects.exists()
    assert not Conversation.objects.exists()
    assert used(alice) == 0


def test_a_question_whose_last_chat_is_deleted_goes_on_in_the_conversation(asked, as_alice, alice):
    with uncommitted(Chat.objects.filter(pk=asked.pk).delete):
        response = ask(as_alice, conversation=asked.conversation_id)
    assert response.status_code == 201, response.content
    assert (response.json()["conversation"], response.json()["parent"]) == (
        asked.conversation_id,
        None,
    )
    assert used(alice) == 1
    assert_ledger_is_exact()


def test_another_answer(asked, as_alice, alice):
    with uncommitted(asked.conversation.delete):
        assert as_alice.post(f"/chat/{asked.pk}/replies").status_code == 404
    assert not Reply.objects.exists()
    assert used(alice) == 0
