"""Both databases find the same in the history, in any spelling of text and words."""

import unicodedata
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection, transaction
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from chat.answering.citations import Cited
from chat.live.registry import registry
from chat.models import Chat, Citation, Reply, Status
from chat.search_text import search_text
from chat.turns import finish, heartbeat, recover
from chat.turns.errors import TurnInterrupted
from config.text import searchable
from tests.chat.asking import begin_turn, make_chat

pytestmark = pytest.mark.django_db

SPELLINGS = {
    "NFC": lambda word: unicodedata.normalize("NFC", word),
    "NFD": lambda word: unicodedata.normalize("NFD", word),
    # Decomposed first, as Unicode has it: the iota of ᾼ would come before other marks.
    "upper": lambda word: unicodedata.normalize("NFD", word).upper(),
    "lower": str.lower,
    "soft hyphen": "\u00ad".join,
    "zero width": "\u200b".join,
}
WORDS = [
    *(
        "ÄÖÜ",
        "Привет",
        "Ὀδυσσεύς",
        "straße",
        "İstanbul",
        "ığdır",
        "가나다",
        "한\u1100\u1161",
        "ＡＢＣ",
    ),
    *("e\u0301te\u0301", "ﬁn", "ᾷᾼ\u0342", "ⅷ", "100%", "a_b", "back\\slash", "ꭰꮿ", "नमस्ते", "…"),
]
PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)


def found(user, word: str) -> bool:
    return Chat.objects.owned_by(user).matching(searchable(word).split()).exists()


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("place", ["question", "answer"])
def test_each_word_by_each_spelling(as_alice, alice, place, word, spelling):
    text = f"Before {word} behind"
    chat = make_chat(alice, **{"content" if place == "question" else "answer": text})
    make_chat(alice, "Another", "of other words")
    results = as_alice.get("/chat", {"q": SPELLINGS[spelling](word)}).json()["results"]
    assert [result["id"] for result in results] == [chat.pk]
    assert as_alice.get("/chat", {"q": f"{word} elsewhere"}).json()["count"] == 0


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=PLAIN, spelling=st.sampled_from(sorted(SPELLINGS)), data=st.data())
@example(text="ΑΒΓς σ ſ K", spelling="upper", data=None)
def test_any_text_by_any_spelling_of_its_words(alice, text, spelling, data):
    words = text.split()
    assume(words)
    word = data.draw(st.sampled_from(words)) if data else words[0]
    with transaction.atomic():
        make_chat(alice, text, "x")
        make_chat(alice, "x", text)
        chats = Chat.objects.owned_by(alice)
        assert chats.matching(searchable(SPELLINGS[spelling](word)).split()).count() == 2
        transaction.set_rollback(True)


def test_marks_of_the_query_language_mean_themselves(as_alice, alice):
    make_chat(alice, "ÄB", "x")
    for q in ("ä%", "ä_", "%", "\\"):
        assert as_alice.get("/chat", {"q": q}).json()["count"] == 0


@pytest.mark.parametrize(
    ("content", "stored"),
    [
        ("", None),
        ("The Rest Is Silence", None),
        ("죽는 날까지 하늘을 우러러", None),
        ("“Hamlet” says: 죽느냐 사느냐 — that’s it", None),
        ("Ärger", "ärger"),
        ("\u1112\u1161\u11ab", "한"),
        ("so\u00adft", "soft"),
        ("wait…", "wait..."),
        ("İ", "i\u0307"),
    ],
)
def test_only_what_differs_is_stored(content, stored):
    assert search_text(content) == stored


@given(PLAIN)
def test_nothing_stored_says_that_the_text_is_its_own_form(content):
    lowered = "".join(one.lower() if one.isascii() else one for one in content)
    assume(searchable(content))  # nobody looks for what cannot be seen
    assert (search_text(content) or lowered) == searchable(content)


class TestTurns:
    """Every statement that stores a question or an answer."""

    def end(self, alice, how) -> Reply:
        turn = begin_turn(alice, "ÄRGER")
        assert Chat.objects.get().search_text == "ärger"
        how(turn)
        registry.close(turn.reply.stream_id)
        return Reply.objects.get()

    def cited(self, turn):
        citation = Citation(reply=turn.reply, text="G", start=0, end=1, verdict="unknown")
        turn.cited = Cited("GRÖSSE", [citation])
        finish.finish_turn(turn, content="x", finish_reason="stop", status=Status.DONE)

    @pytest.mark.parametrize(
        "how",
        [
            lambda turn: finish.finish_turn(
                turn, content="GRÖSSE", finish_reason="stop", status=Status.DONE
            ),
            lambda turn: finish.fail_turn(turn.reply, failure=TurnInterrupted(), content="GRÖSSE"),
        ],
        ids=["finished", "failed"],
    )
    def test_ends(self, alice, how):
        assert self.end(alice, how).search_text == "grösse"

    def test_ends_with_citations(self, alice):
        assert self.end(alice, self.cited).search_text == "grösse"
        assert found(alice, "größe")

    def test_ends_of_lost_turns(self, alice):
        turn = begin_turn(alice)
        heartbeat.store([(turn.reply.pk, "GRÖSSE")])
        Reply.objects.update(stop_requested=True, heartbeat_at="2020-01-01T00:00:00Z")
        assert recover.reap(silent_for=recover.LOST_AFTER) == 1
        registry.close(turn.reply.stream_id)
        assert Reply.objects.get().search_text == "grösse"

    def test_an_answer_being_written_is_searched_as_it_is(self, alice):
        turn = begin_turn(alice)
        heartbeat.store([(turn.reply.pk, "Größe")])
        assert found(alice, "Größe"[:2])
        registry.close(turn.reply.stream_id)


def test_what_was_there_before(alice, django_assert_max_num_queries):
    migration = import_module("chat.migrations.0008_fill_search_text")
    first = make_chat(alice, "ÄRGER", "plain")
    more = [
        Chat(user=alice, conversation=first.conversation, content=f"{word} {number}")
        for number, word in enumerate(["plain"] * (2 * migration.AT_ONCE - 4) + ["ÄRGER"] * 4)
    ]
    Chat.objects.bulk_create(more)
    Reply.objects.bulk_create(
        Reply(user=alice, chat=chat, model="x", content="plain") for chat in more
    )
    Chat.objects.update(search_text=None)
    assert not found(alice, "ärger")
    with django_assert_max_num_queries(4 + 4 + 5):  # no answer is written
        migration.fill(apps, SimpleNamespace(connection=connection))
    assert Chat.objects.owned_by(alice).matching(["ärger"]).count() == 5
    assert set(Reply.objects.values_list("search_text", flat=True)) == {None}


def test_a_search_takes_no_more_statements(as_alice, alice, django_assert_num_queries):
    for _ in range(30):
        make_chat(alice, "ÄRGER")
    for size in (5, 30):
        with django_assert_num_queries(5):  # user, count, chats, citations, allowance
            as_alice.get("/chat", {"q": "ärger", "per_page": size})
