"""The model `board`: answers without an upstream, and in its place when it is down."""

import pytest
from django.core.management import call_command

from chat.models import Reply, Status
from quotes.search.find import find
from tests.chat.asking import ask, ask_streaming, text_of, used
from tests.factories import make_quote

NO_MATCH = (
    "I am the board, not a language model. No reviewed line matches your question. "
    "Try other words, or submit the line you have in mind."
)


@pytest.fixture
def no_upstream(settings):
    settings.OPENAI_BASE_URL = settings.OPENAI_API_KEY = ""
    settings.DEFAULT_MODEL, settings.CHAT_MODELS = "board", ["board"]


@pytest.fixture
def line(bob):
    return make_quote(
        bob, "The rest is silence.", speaker="Hamlet", source="Hamlet, V.2", is_apply=True
    )


@pytest.mark.usefixtures("no_upstream")
def test_answers_with_the_lines_that_match(as_alice, alice, bob, line):
    make_quote(bob, "Silence is golden.")  # not reviewed
    reply = ask(as_alice, "What was that about silence?").json()["chat_reply"]
    assert reply["model"] == "board"
    assert reply["content"] == (
        "I am the board, not a language model. These reviewed lines match:\n\n"
        "> “The rest is silence.”\n> — Hamlet, Hamlet, V.2"
    )
    assert [(c["quote"], c["verdict"]) for c in reply["citations"]] == [(line.pk, "verbatim")]
    assert reply["usage"] is None
    assert used(alice) == 1


@pytest.mark.usefixtures("no_upstream")
def test_says_when_nothing_matches(as_alice):
    assert ask(as_alice, "Xylophone?").json()["chat_reply"]["content"] == NO_MATCH


@pytest.mark.usefixtures("no_upstream")
@pytest.mark.parametrize(
    "question", ["How do I sort a list in Python?", "What is the weather?", "오늘 날씨 어때?"]
)
def test_says_it_too_when_lines_have_but_a_word_of_the_question(as_alice, question):
    """Shared words are no match: the seed data has most words."""
    call_command("load_quotes", demo=True, verbosity=0)
    assert "> “" not in ask(as_alice, question).json()["chat_reply"]["content"]
    assert find(question="The rest is silence")[0].fits


@pytest.mark.usefixtures("no_upstream")
def test_answers_korean_in_korean(as_alice, bob):
    make_quote(bob, "하늘을 우러러 한 점 부끄럼이 없기를", speaker="윤동주", is_apply=True)
    content = ask(as_alice, "하늘을 우러러 하는 시구가 뭐였지?").json()["chat_reply"]["content"]
    assert content.endswith("> “하늘을 우러러 한 점 부끄럼이 없기를”\n> — 윤동주")
    assert "language model" not in content


@pytest.mark.usefixtures("no_upstream")
@pytest.mark.django_db(transaction=True)
def test_streams_like_any_other(as_alice, line):
    events = ask_streaming(as_alice, "What was that about silence?")
    assert text_of(events) == events[-1].data["full_content"] == Reply.objects.get().content
    assert next(event.data["type"] for event in events) == "START"


def test_steps_in_for_an_upstream_that_is_down(as_alice, alice, settings, upstream, line):
    settings.FALLBACK_TO_BOARD = True
    reply = ask(as_alice, "The rest is silence [[fault: 500]]").json()["chat_reply"]
    assert (reply["status"], reply["model"]) == ("done", "board")
    assert "The rest is silence." in reply["content"]
    assert used(alice) == 1


def test_does_not_step_in_unless_set(as_alice, alice, upstream):
    assert ask(as_alice, "[[fault: 500]]").status_code == 502
    assert used(alice) == 0


def test_does_not_step_in_amid_an_answer(as_alice, settings, upstream):
    settings.FALLBACK_TO_BOARD = True
    assert ask(as_alice, "[[say: one two three]] [[fault: die]]").status_code == 502
    assert Reply.objects.get().status == Status.FAILED


def test_board_is_offered_beside_an_upstream(as_alice, upstream):
    assert ask(as_alice, "Xylophone?", model="board").json()["chat_reply"]["model"] == "board"
    assert not upstream.requests()
