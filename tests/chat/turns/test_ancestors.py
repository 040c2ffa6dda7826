"""What a question follows: whole turns of its own branch, and no answer that is still being
written.
"""

from dataclasses import dataclass
from itertools import pairwise, takewhile
from threading import Barrier, Thread

import hypothesis
import pytest
from django.db import connection
from django.db.models import F, OuterRef, Subquery
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import strategies as st

from chat.answering.prompts import INSTRUCTIONS, build_messages, estimate_tokens
from chat.live.registry import registry
from chat.models import Chat, Conversation, Reply, Status
from chat.turns.start import start_turn
from chat.turns.types import NewQuestion
from config.db.sql import execute
from tests.chat.asking import OPTIONS, ask, make_chat, used, wait_for_end
from tests.planner import gather_statistics

FILTERED = {"status": Status.FAILED, "error_code": "upstream_content_filter"}
# Replies by whether their text is sent to the model again.
SENT = [{"status": status} for status in Status.values if status != Status.STREAMING]
SYSTEM = estimate_tokens({"role": "system", "content": f"{INSTRUCTIONS}\n\n<lines>\n\n</lines>"})
ASKED = estimate_tokens({"role": "user", "content": "And now?"})


@dataclass
class Node:
    """A chat of a generated tree. `above` is the place of its parent in the list."""

    above: int | None
    answer: str
    reply: dict[str, str]
    regenerated: bool
    deleted: bool
    size: int


@st.composite
def trees(draw):
    """Chats in the order in which they were asked."""
    nodes = []
    for number in range(draw(st.integers(1, 6))):
        above = st.none() | st.integers(0, number - 1) if number else st.none()
        nodes.append(
            Node(
                above=draw(above),
                answer=draw(st.sampled_from(["", " \n", "An answer. ", "답. " * 20])),
                reply=draw(st.sampled_from([*SENT, FILTERED])),
                regenerated=draw(st.booleans()),
                deleted=draw(st.integers(0, 5)) == 0,
                size=draw(st.sampled_from([1, 30])),
            )
        )
    return nodes


def build(alice, nodes) -> list[Chat]:
    place = Conversation.objects.create(user=alice)
    chats = Chat.objects.bulk_create(
        Chat(user=alice, conversation=place, content=f"question {number} " * node.size)
        for number, node in enumerate(nodes)
    )
    replies = Reply.objects.bulk_create(
        Reply(user=alice, chat=chat, model="fake", content=node.answer, **node.reply)
        for node, chat in zip(nodes, chats, strict=True)
    )
    for node, chat, reply in zip(nodes, chats, replies, strict=True):
        chat.parent, chat.chat_reply = None if node.above is None else chats[node.above], reply
    Chat.objects.bulk_update(chats, ["parent", "chat_reply"])
    Reply.objects.bulk_create(
        Reply(user=alice, chat=chat, model="fake", content="Not shown", status=Status.DONE)
        for node, chat in zip(nodes, chats, strict=True)
        if node.regenerated
    )
    return chats


def expected(nodes, above, budget):
    """The turns that fit, oldest first, by the words of the rule."""
    branch = []
    while above is not None:
        node = nodes[above]
        if node.answer.strip() and node.reply != FILTERED and not node.deleted:
            branch.append((f"question {above} " * node.size, node.answer))
        above = node.above
    cost = [
        sum(estimate_tokens({"role": "user", "content": text}) for text in turn) for turn in branch
    ]
    fits = [sum(cost[: number + 1]) <= budget for number in range(len(cost))]
    return [turn for turn, _ in takewhile(lambda pair: pair[1], zip(branch, fits, strict=True))][
        ::-1
    ]


@hypothesis.settings(
    max_examples=12,
    suppress_health_check=[
        hypothesis.HealthCheck.function_scoped_fixture,
        hypothesis.HealthCheck.too_slow,
    ],
)
@hypothesis.given(nodes=trees(), at=st.integers(0, 5), budget=st.integers(0, 400))
def test_whole_turns_of_the_branch_newest_first(as_alice, alice, settings, nodes, at, budget):
    settings.DAILY_CHAT_LIMIT, settings.WRITES_PER_MINUTE = 10**6, 10**6
    settings.CONTEXT_TOKENS = SYSTEM + ASKED + budget
    chats, at = build(alice, nodes), at % len(nodes)
    nodes[at].deleted = False
    for node, chat in zip(nodes, chats, strict=True):
        if node.deleted:
            assert as_alice.delete(f"/chat/{chat.pk}").status_code == 204
    question = NewQuestion("And now?", OPTIONS, chats[at].conversation, chats[at].pk)
    turn = start_turn(user=alice, question=question)
    registry.close(turn.reply.stream_id)
    Reply.objects.filter(pk=turn.reply.pk).update(status=Status.DONE)
    messages = build_messages(system_prompt="", found=[], history=turn.history, question="And now?")
    assert [message["role"] for message in messages[:1]] == ["system"]
    roles = [message["role"] for message in messages[1:]]
    assert roles[::2] == ["user"] * (len(roles) // 2 + 1)
    assert all(first != second for first, second in pairwise(roles))
    sent = [message["content"] for message in messages[1:]]
    turns = expected(nodes, at, budget)
    assert sent == [text for turn in turns for text in turn] + ["And now?"]


def test_chats_of_other_branches_displace_nothing(as_alice, alice, upstream):
    """However many there are between a question and its parent."""
    first = make_chat(alice, "One", "Answer one")
    second = make_chat(alice, "Two", "Answer two", parent=first, conversation=first.conversation)
    Chat.objects.bulk_create(
        Chat(user=alice, conversation=first.conversation, parent=first, content="Elsewhere")
        for _ in range(100)
    )
    third = make_chat(alice, "Three", "Answer 3", parent=second, conversation=first.conversation)
    ask(as_alice, "Four", parent=third.pk)
    sent = [message["content"] for message in upstream.requests()[-1]["messages"][1:]]
    assert sent == ["One", "Answer one", "Two", "Answer two", "Three", "Answer 3", "Four"]


def test_the_history_is_read_once(as_alice, alice, upstream):
    """On PostgreSQL by the statement that stores the question; the other finds the parent."""
    parent = make_chat(alice)
    with CaptureQueriesContext(connection) as queries:
        ask(as_alice, "And the next line?", parent=parent.pk)
    assert len(upstream.requests()[-1]["messages"]) == 4
    statements = [query["sql"] for query in queries]
    assert len([sql for sql in statements if "ancestor" in sql]) == 1
    reads = [sql for sql in statements if sql.startswith("SELECT") and 'FROM "chat_chat"' in sql]
    assert len(reads) == 1


# --- An answer that is still being written ------------------------------------------------------


@pytest.fixture
def branch(alice):
    """A question whose answer is being written, and one below it that was answered before."""
    above = make_chat(alice, "One", "", reply={"status": Status.STREAMING})
    below = make_chat(alice, "Two", "Two", parent=above, conversation=above.conversation)
    return above, below


@pytest.mark.parametrize("most", [3, 1])
@pytest.mark.parametrize("place", ["conversation", "parent", "above", "another answer"])
def test_a_question_under_an_answer_in_progress_is_refused(
    as_alice, alice, settings, branch, place, most
):
    """For that reason, also where no other answer may be begun."""
    settings.MAX_STREAMS_PER_USER = most
    above, below = branch
    if place == "conversation":
        below.delete()
        response = ask(as_alice, "And?", conversation=above.conversation_id)
    elif place == "another answer":
        response = as_alice.post(f"/chat/{below.pk}/replies", {})
    else:
        response = ask(as_alice, "And?", parent=(above if place == "parent" else below).pk)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (409, "reply_in_progress")
    assert problem["stream_id"] == str(above.chat_reply.stream_id)
    assert "Wait for its end, or stop it." in problem["detail"]
    assert used(alice) == 0
    assert not Chat.objects.filter(content="And?").exists()


@pytest.mark.parametrize(
    "body", [{"parent": None}, {"conversation_history": [{"role": "user", "content": "Before"}]}]
)
def test_a_question_that_does_not_need_that_answer_is_asked(
    as_alice, alice, upstream, branch, body
):
    response = ask(as_alice, "And?", conversation=branch[0].conversation_id, **body)
    assert response.status_code == 201
    assert used(alice) == 1


@pytest.mark.django_db(transaction=True)
def test_a_retry_is_no_new_question(as_alice, alice, upstream):
    """Its conversation's last answer may be its own, which is still being written."""
    place = make_chat(alice).conversation_id
    headers = {"Idempotency-Key": "one", "Prefer": "respond-async"}
    again = [ask(as_alice, "[[slow: 0.05]]", conversation=place, headers=headers) for _ in range(2)]
    assert [response.status_code for response in again] == [202, 202]
    assert again[0].json()["stream_id"] == again[1].json()["stream_id"]
    wait_for_end()


@pytest.mark.django_db(transaction=True)
def test_asked_and_regenerated_at_once(alice, client_for, upstream):
    """The question is refused, or follows a whole answer: the one before, or the new one."""
    parent, barrier = make_chat(alice, "One", "Answer one"), Barrier(2, timeout=20)
    statuses = {}

    def post(path, **body):
        client = client_for(alice)
        barrier.wait()
        statuses[path] = client.post(path, body).status_code
        connection.close()

    follow_up = Thread(target=post, args=["/chat"], kwargs={"content": "?", "parent": parent.pk})
    follow_up.start()
    post(f"/chat/{parent.pk}/replies")
    follow_up.join()
    sent = [len(request["messages"]) for request in upstream.requests()]
    assert statuses == {f"/chat/{parent.pk}/replies": 201, "/chat": 201 if 4 in sent else 409}
    assert sorted(sent) == [2, 4][: len(sent)]


def test_a_spent_allowance_is_the_first_reason(as_alice, branch, settings):
    settings.DAILY_CHAT_LIMIT = 0
    assert ask(as_alice, "And?", parent=branch[0].pk).json()["code"] == "quota_exhausted"


# --- Cost ---------------------------------------------------------------------------------------


CHATS = """
INSERT INTO chat_chat (user_id, conversation_id, content, created_at, updated_at)
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000)
SELECT %s, %s, 'Question', %s, %s FROM numbers
"""
REPLIES = """
INSERT INTO chat_reply (user_id, chat_id, stream_id, status, content, model, finish_reason,
  error_code, heartbeat_at, stop_requested, created_at)
SELECT user_id, id, {uuid}, 'done', 'x', 'fake', 'stop', '', created_at, false, created_at
FROM chat_chat
"""


def long_conversation(alice) -> Chat:
    """5,000 chats, each below the one before. Returns the last."""
    place, now = Conversation.objects.create(user=alice), timezone.now()
    execute(CHATS, [alice.pk, place.pk, now, now])
    is_postgresql = connection.vendor == "postgresql"
    uuid = "gen_random_uuid()" if is_postgresql else "lower(hex(randomblob(16)))"
    execute(REPLIES.format(uuid=uuid))
    first, mine = Chat.objects.earliest("pk"), Reply.objects.filter(chat=OuterRef("pk"))
    Chat.objects.update(chat_reply=Subquery(mine.values("pk")))
    Chat.objects.exclude(pk=first.pk).update(parent=F("pk") - 1)
    return Chat.objects.latest("pk")


def plan_of(statement: str) -> list[str]:
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {statement}")
        return [str(row[-1]).strip() for row in cursor.fetchall()]


def test_no_table_is_scanned(alice):
    last = long_conversation(alice)
    if connection.vendor == "postgresql":
        gather_statistics(Chat, Reply)
    question = NewQuestion("And?", OPTIONS, last.conversation, last.pk)
    with CaptureQueriesContext(connection) as queries:
        turn = start_turn(user=alice, question=question)
    registry.close(turn.reply.stream_id)
    [statement] = [query["sql"] for query in queries if "ancestor" in query["sql"]]
    steps = plan_of(statement[statement.index("WITH RECURSIVE") :])
    by_key = ("SEARCH chat USING INTEGER PRIMARY KEY", "Index Scan using chat_chat_pkey")
    assert len([step for step in steps if any(way in step for way in by_key)]) == 2, steps
    assert not [step for step in steps if "Seq Scan on chat" in step or step == "SCAN chat"], steps
    assert len(turn.history) > 500
