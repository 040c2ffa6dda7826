"""Answers of a model that quotes by ids: what is streamed, stored, judged, and sent back."""

import time

import pytest

from chat.answering import board_model
from chat.answering.prompts import INSTRUCTIONS, INSTRUCTIONS_WITHOUT_IDS
from chat.live.registry import registry
from chat.live.streams import INTERRUPT, STOP, Live
from chat.models import Reply, Status
from chat.turns.generate import spawn
from tests.chat.asking import (
    ask,
    ask_streaming,
    begin_turn,
    events_of,
    follow,
    said,
    text_of,
    used,
    wait_for_end,
)
from tests.factories import make_quote
from tests.ledger import assert_ledger_is_exact
from tests.upstream import IMPATIENCE, PATIENCE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("upstream")]

INVENTED = "the saying “Nobody has said this.”"
LINE = "The rest is silence, said the prince at the end."


@pytest.fixture
def line(bob):
    return make_quote(bob, LINE, speaker="Hamlet", is_apply=True)


def saying(text: str, *directives: str) -> str:
    """A question about silence to which the model answers with the text."""
    return " ".join([f"silence? [[say: {text.replace(']', '&rbrack;')}]]", *directives])


def of_line(line, text: str) -> str:
    return text.replace("ID", str(line.pk))


def answered(client, question: str, **body):
    return ask(client, question, **body).json()["chat_reply"]


def in_two(first: str, rest: str, fault: str) -> str:
    """A question whose answer breaks off after `first`, which ends a piece."""
    assert len(rest) <= len(first)
    text = first + rest.ljust(len(first), ".")
    return saying(text, "[[chunks: 2]]", f"[[fault: {fault}]]")


@pytest.mark.parametrize("chunks", [1, 3, 7, 40, 1000])
def test_the_line_stands_in_its_place(as_alice, line, chunks):
    text = of_line(line, "He says 👑 [[ID]] — Hamlet.")
    expected = f"He says 👑 “{LINE}” — Hamlet."
    events = ask_streaming(as_alice, saying(text, f"[[chunks: {chunks}]]"))
    assert text_of(events) == expected
    end = events[-1]
    assert end.id == len(expected) + 1
    assert end.data["full_content"] == expected
    assert end.data["corrections"] == []
    [citation] = end.data["chat"]["chat_reply"]["citations"]
    assert (citation["quote"], citation["verdict"], citation["match"]) == (
        line.pk,
        "verbatim",
        "exact",
    )
    assert (citation["start"], citation["text"], citation["notes"]) == (11, LINE, [])
    assert Reply.objects.get().content == expected


def test_tokens_are_the_upstreams(as_alice, alice, line):
    """As many as it sent pieces, whatever is put in."""
    answer = of_line(line, "[[ID]][[ID]]").ljust(25, ".")  # five pieces, however long the id is
    ask(as_alice, saying(answer, "[[chunks: 5]]"))
    assert Reply.objects.get().completion_tokens == 5
    assert used(alice) == 1


def test_resuming_at_every_offset(as_alice, line):
    text = of_line(line, "So: [[ID]]!")
    first = ask_streaming(as_alice, saying(text))
    expected, stream_id = f"So: “{LINE}”!", first[0].data["stream_id"]
    for after in range(len(expected) + 1):
        events = events_of(follow(as_alice, stream_id, after))
        assert text_of(events) == expected[after:]
        assert events[-1] == first[-1]
    assert follow(as_alice, stream_id, first[-1].id).status_code == 204


def test_readers_that_resume_while_it_is_written(as_alice, line):
    """Each with what it has, of the same text."""
    text = of_line(line, "So: [[ID]] and more [[99999]] at the end")
    expected = f"So: “{LINE}” and more [[99999]] at the end"
    question = saying(text, "[[chunks: 40]]", "[[slow: 0.02]]")
    stream_id = as_alice.post("/chat/stream", {"content": question}).json()["stream_id"]
    seen = set()
    while live := registry.get(Reply.objects.get().stream_id):
        after = live.length
        seen.add(after)
        assert expected[:after] + text_of(events_of(follow(as_alice, stream_id, after))) == expected
    wait_for_end()
    assert seen


@pytest.mark.parametrize("policy", ["mark", "repair", "strict"])
def test_corrections_count_in_the_text_with_the_line(as_alice, line, settings, policy):
    settings.QUOTE_POLICY = policy
    altered = LINE.replace("silence", "violence")
    written = of_line(line, f"[[ID]] — Hamlet\n\nAnd “{altered}” [[ID]] or {INVENTED}")
    streamed = f"“{LINE}” — Hamlet\n\nAnd “{altered}” [{line.pk}] or {INVENTED}"
    stored = streamed if policy == "mark" else streamed.replace("violence", "silence")
    if policy == "strict":
        stored = stored.replace("“Nobody has said this.”", "Nobody has said this.")
    events = ask_streaming(as_alice, saying(said(written)))
    assert text_of(events) == streamed
    assert events[-1].data["full_content"] == stored
    reply = Reply.objects.get()
    assert (reply.content, reply.written) == (stored, streamed)
    for citation in events[-1].data["chat"]["chat_reply"]["citations"]:
        assert stored[citation["start"] : citation["end"]] == citation["text"]
    verdicts = list(reply.citations.order_by("start").values_list("verdict", "notes"))
    repaired = ("altered", []) if policy == "mark" else ("verbatim", ["repaired"])
    unquoted = ("unknown", ["unquoted"] if policy == "strict" else [])
    assert verdicts == [("verbatim", []), repaired, unquoted]


BEGUN = ["[", "[[", "[[ID", "[[ID]"]


BEFORE = "He says this and nothing else: "


def cut(begun: str, line) -> tuple[str, str]:
    """A text that ends in a beginning of an id, and the rest of it."""
    whole, begun = of_line(line, "[[ID]]"), of_line(line, begun)
    return f"{BEFORE}{begun}", whole.removeprefix(begun)


def cancelled_after_words(user, question: str, reason: str) -> tuple[Live, Reply]:
    """The text and the reply of an answer that is cancelled once it has begun."""
    turn = begin_turn(user, question)
    spawn(turn)
    end = time.monotonic() + PATIENCE
    while not turn.live.length and time.monotonic() < end:
        time.sleep(0.01)
    assert turn.live.text() == BEFORE
    turn.live.cancel(reason)
    return turn.live, wait_for_end()


@pytest.mark.parametrize("begun", BEGUN)
def test_stopped_in_the_middle_of_an_id(alice, line, begun):
    first, rest = cut(begun, line)
    live, reply = cancelled_after_words(alice, in_two(first, rest, "stall"), STOP)
    assert (reply.status, reply.content, live.text()) == (Status.STOPPED, first, first)
    assert_ledger_is_exact()


def test_interrupted_in_the_middle_of_an_id(alice, line):
    first, rest = cut("[[ID", line)
    live, reply = cancelled_after_words(alice, in_two(first, rest, "stall"), INTERRUPT)
    assert (reply.status, reply.content, live.text()) == (Status.INTERRUPTED, first, first)
    assert_ledger_is_exact()


@pytest.mark.parametrize("fault", ["die", "stall", "error-event", "garbage"])
def test_failed_in_the_middle_of_an_id(as_alice, line, settings, fault):
    settings.UPSTREAM_CHUNK_TIMEOUT = IMPATIENCE
    first, rest = cut("[[ID", line)
    events = ask_streaming(as_alice, in_two(first, rest, fault))
    assert text_of(events) == first
    assert events[-1].data["type"] == "ERROR"
    reply = Reply.objects.get()
    assert (reply.status, reply.content) == (Status.FAILED, first)
    assert (
        events_of(follow(as_alice, events[0].data["stream_id"], 3))[0].data["content"] == first[3:]
    )
    assert_ledger_is_exact()


def test_ended_at_its_limit_in_the_middle_of_an_id(as_alice, line):
    first, rest = cut("[[ID", line)
    reply = answered(as_alice, in_two(first, rest, "length"))
    assert (reply["status"], reply["finish_reason"], reply["content"]) == ("done", "length", first)


def test_no_fallback_once_an_id_is_begun(as_alice, line, settings):
    """What the model wrote is its answer, though nothing had been passed on yet."""
    settings.FALLBACK_TO_BOARD = True
    ask(as_alice, in_two("[[", "1", "die"))
    assert (reply := Reply.objects.get()).status == Status.FAILED
    assert (reply.content, reply.model) == ("[[", "fake")


def test_a_line_that_was_not_shown_is_not_put_in(as_alice, alice, bob, line):
    """Whether it is on the board, waits for review, was declined, or is the user's own."""
    others = [
        make_quote(bob, "Quite another thing", is_apply=True),
        make_quote(bob, "Silence in his review"),
        make_quote(bob, "Silence that was declined", declined_at=line.applied_at),
        make_quote(alice, "Silence in her own review"),
    ]
    text = " ".join(f"[[{other.pk}]]" for other in others)
    reply = answered(as_alice, saying(of_line(line, f"{text} [[ID]]")))
    assert reply["content"] == f"{text} “{LINE}”"


def test_a_line_that_did_not_fit_into_the_prompt_is_not_put_in(as_alice, bob, upstream, settings):
    lines = [make_quote(bob, f"Silence {n}" + " and more" * 40, is_apply=True) for n in range(4)]
    settings.QUOTE_TOKENS = 250
    reply = answered(as_alice, saying("\n\n".join(f"[[{line.pk}]]" for line in lines)))
    prompt = upstream.requests()[-1]["messages"][0]["content"]
    told = [f'"id": {line.pk},' in prompt for line in lines]
    assert told.count(True) == 2
    expected = [
        f"“{line.content}”" if is_told else f"[[{line.pk}]]"
        for line, is_told in zip(lines, told, strict=True)
    ]
    assert reply["content"].split("\n\n") == expected


def test_the_model_is_told_of_it(as_alice, upstream, line):
    ask(as_alice, "silence?")
    prompt = upstream.requests()[-1]["messages"][0]["content"]
    assert INSTRUCTIONS in prompt
    assert "[[12]]" in prompt


@pytest.mark.parametrize("change", [{"QUOTE_BY_ID": False}, {"QUOTE_BY_ID_EXCEPT": ["fake"]}])
def test_without_it_nothing_is_put_in_or_told(as_alice, upstream, line, settings, change):
    for name, value in change.items():
        setattr(settings, name, value)
    text = of_line(line, "[[ID]]")
    assert answered(as_alice, saying(f"{text} ."))["content"] == f"{text} ."
    prompt = upstream.requests()[-1]["messages"][0]["content"]
    assert INSTRUCTIONS_WITHOUT_IDS in prompt
    assert "[[" not in prompt


def test_another_model_is_not_excepted(as_alice, line, settings):
    settings.QUOTE_BY_ID_EXCEPT = ["fake-think"]
    assert answered(as_alice, saying(of_line(line, "[[ID]]!")))["content"] == f"“{LINE}”!"


def test_the_board_model_puts_in_nothing(as_alice, bob):
    quote = make_quote(bob, "Of silence, see [[1]]", is_apply=True)
    quote.content = f"Of silence, see [[{quote.pk}]]"
    quote.save()
    reply = answered(as_alice, "silence, see", model=board_model.NAME)
    assert quote.content in reply["content"]


def test_a_line_inside_a_line_is_not_put_in(as_alice, bob, line):
    other = make_quote(bob, of_line(line, "Of silence, see [[ID]]"), is_apply=True)
    reply = answered(as_alice, saying(of_line(other, "[[ID]]!")))
    assert reply["content"] == f"“{other.content}”!"


def test_the_model_is_sent_the_line_and_not_its_id(as_alice, line, upstream):
    first = ask(as_alice, saying(of_line(line, "[[ID]]!"))).json()
    ask(as_alice, "And then?", parent=first["id"])
    sent = upstream.requests()[-1]["messages"]
    assert [m["content"] for m in sent if m["role"] == "assistant"] == [f"“{LINE}”!"]


def test_an_answer_again_puts_it_in_again(as_alice, line):
    chat = ask(as_alice, saying(of_line(line, "[[ID]]!"))).json()
    again = as_alice.post(f"/chat/{chat['id']}/replies")
    assert again.status_code == 201, again.content
    assert set(Reply.objects.values_list("content", flat=True)) == {f"“{LINE}”!"}
    assert Reply.objects.count() == 2
