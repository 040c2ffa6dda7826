"""Lines that are found by their meaning, through the real client and the fake server."""

import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat import meanings
from chat.upstream import limits
from quotes import embeddings, nearest
from quotes.models import Meaning, Quote, State
from quotes.review import apply_quote
from quotes.search import find
from quotes.submissions import edit_quote
from tests.chat.asking import ask
from tests.factories import make_quote

pytestmark = pytest.mark.django_db
compared = {"by the database": False}


@pytest.fixture(autouse=True)
def _on(upstream, settings, monkeypatch):
    settings.EMBEDDING_MODEL = "fake-embedding"
    monkeypatch.setattr(meanings, "QUESTION_SECONDS", 0.3)
    monkeypatch.setattr(meanings, "LOT_SECONDS", 2.0)
    embeddings.questions.forget()
    embeddings.vectors.forget()
    yield
    embeddings.vectors.forget()


def embed() -> None:
    """What the clock does, and a process that looks."""
    while embeddings.embed_some():
        pass
    if compared["by the database"]:
        nearest.build_index()
    embeddings.vectors.read()


@pytest.fixture(params=["in the process", "by the database"])
def way(request, no_pgvector, monkeypatch):
    """Both ways, where pgvector is to be had."""
    if request.param == "by the database":
        if no_pgvector:
            pytest.skip(no_pgvector)
        monkeypatch.setitem(compared, "by the database", True)
    yield
    assert bool(embeddings.vectors.indexed) == (request.param == "by the database")


def found(question: str, **options) -> list[str]:
    return [line.content for line in find(question=question, **options)]


def asked(upstream) -> list[object]:
    return [one["body"]["input"] for one in upstream.seen() if one["path"] == "/v1/embeddings"]


@pytest.mark.usefixtures("way")
def test_a_line_is_found_by_other_words(bob):
    make_quote(bob, "the sea", is_apply=True)
    make_quote(bob, "an altogether different matter", is_apply=True)
    assert found("ocean") == []
    embeddings.questions.forget()
    embed()
    [line] = find(question="ocean")
    assert (line.content, line.score) == ("the sea", 0.0)
    assert found("바다") == ["the sea"]


@pytest.mark.usefixtures("way")
def test_words_and_meaning_make_one_list(bob):
    make_quote(bob, "the gladness of it", is_apply=True)
    make_quote(bob, "what happiness there may be in many different other words", is_apply=True)
    embed()
    assert found("happiness") == [
        "what happiness there may be in many different other words",
        "the gladness of it",
    ]


@pytest.mark.usefixtures("way")
def test_the_board_shows_what_is_near_by_its_meaning(as_alice, bob):
    make_quote(bob, "the sea", is_apply=True)
    make_quote(bob, "the sea again", is_apply=True)
    embed()
    answer = ask(as_alice, "ocean", model="board").json()["chat_reply"]["content"]
    assert answer.count("> “the sea") == 2


def test_whose_words_are_the_questions_stays_first(bob):
    make_quote(bob, "the sea", is_apply=True)
    make_quote(bob, "the ocean was never so wide as today", is_apply=True)
    embed()
    assert found("the ocean was never so wide as today")[0].startswith("the ocean")


@pytest.mark.usefixtures("way")
def test_what_is_far_is_not_found(bob, settings):
    make_quote(bob, "the sea", is_apply=True)
    embed()
    assert found("zyx") == []
    settings.EMBEDDING_LEAST = 0.99
    assert found("ocean") == []


def test_what_is_no_longer_valid_is_let_go_of(bob, monkeypatch):
    gone = make_quote(bob, "the sea", is_apply=True)
    make_quote(bob, "the sea again", is_apply=True)
    embed()
    gone.delete()
    assert len(embeddings.vectors._held.ids) == 2
    monkeypatch.setattr(embeddings, "_ANEW_SECONDS", 0)
    embeddings.vectors.read()
    assert len(embeddings.vectors._held.ids) == 1
    assert found("ocean") == ["the sea again"]


def test_many_are_read_in_lots_and_no_more_than_are_held(bob, monkeypatch):
    monkeypatch.setattr(embeddings, "_READ", 2)
    monkeypatch.setattr(embeddings, "MOST", 4)
    for number in range(7):
        make_quote(bob, f"the sea {number}", is_apply=True)
    embed()
    assert len(embeddings.vectors._held.ids) == 4
    assert len(found("ocean", limit=9)) == 4


@pytest.mark.usefixtures("way")
def test_at_most_so_many(bob):
    for number in range(8):
        make_quote(bob, f"the sea {number}", is_apply=True)
    embed()
    assert len(found("ocean", limit=3)) == 3


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("change", ["withdrawn", "edited", "taken down", "worded anew"])
def test_what_has_left_the_board_is_not_found_from_that_moment_on(bob, change):
    quote = make_quote(bob, "the sea", is_apply=True)
    embed()
    assert found("ocean") == ["the sea"]
    rows = Quote.objects.filter(pk=quote.pk)
    if change == "withdrawn":
        quote.delete()
    elif change == "edited":
        edit_quote(quote=quote, fields={"content": "something else"})
    elif change == "taken down":
        rows.update(is_apply=False, applied_at=None)
    else:
        rows.update(version=quote.version + 1)
    assert found("ocean") == []


def test_what_was_applied_gets_its_vector_by_the_clock(bob, alice):
    quote = make_quote(bob, "the sea")
    assert embeddings.embed_some() == 0
    apply_quote(quote_id=quote.pk, version=1, state=State.PENDING, reviewer=alice)
    assert embeddings.embed_some() == 1
    assert embeddings.embed_some() == 0
    embeddings.vectors.read()
    assert found("ocean") == ["the sea"]


@pytest.mark.usefixtures("way")
def test_a_new_text_gets_a_new_vector(bob):
    quote = make_quote(bob, "the sea", is_apply=True)
    embed()
    Quote.objects.filter(pk=quote.pk).update(version=2)
    embed()
    assert Meaning.objects.get().version == 2
    assert found("ocean") == ["the sea"]


@pytest.mark.usefixtures("transactional_db")
def test_a_process_reads_what_is_new_beside_its_turns(bob):
    make_quote(bob, "the sea", is_apply=True)
    while embeddings.embed_some():
        pass
    end = time.monotonic() + 5
    while not found("ocean") and time.monotonic() < end:
        time.sleep(0.02)
    assert found("ocean") == ["the sea"]


# --- What it costs ------------------------------------------------------------------------------


def test_a_turn_asks_once_and_the_same_question_not_again(as_alice, bob, upstream, settings):
    make_quote(bob, "the sea", is_apply=True)
    embed()
    upstream.clear()
    first = ask(as_alice, "ocean").json()
    ask(as_alice, "ocean")
    assert asked(upstream) == [["ocean"]]
    ask(as_alice, "And what of the ocean?", parent=first["id"])
    assert asked(upstream) == [["ocean"], ["And what of the ocean?"]]
    assert "the sea" in upstream.requests()[0]["messages"][0]["content"]


@pytest.mark.usefixtures("way")
def test_it_costs_one_statement(bob):
    make_quote(bob, "the sea", is_apply=True)
    embed()
    with CaptureQueriesContext(connection) as statements:
        assert len(embeddings.alike("ocean", limit=5)) == 1
    sent = [one["sql"] for one in statements if "SAVEPOINT" not in one["sql"]]  # of the test's own
    assert len(sent) == 1


def test_off_it_costs_nothing(bob, settings, upstream):
    settings.EMBEDDING_MODEL = ""
    make_quote(bob, "the sea", is_apply=True)
    with CaptureQueriesContext(connection) as statements:
        assert embeddings.alike("ocean", limit=5) == []
    assert len(statements) == 0
    assert asked(upstream) == []


# --- When the server is away --------------------------------------------------------------------

FAULTS = ["500", "401", "404", "timeout", "timeout-body", "reset", "close", "html", "malformed"]


@pytest.mark.parametrize("fault", [*FAULTS, "other-json"])
def test_lines_are_found_by_their_words_all_the_same(bob, settings, fault):
    make_quote(bob, "the sea is wide", is_apply=True)
    embed()
    settings.EMBEDDING_MODEL = f"fake-embedding-{fault}"
    started = time.monotonic()
    assert found("How wide is the sea?") == ["the sea is wide"]
    assert time.monotonic() - started < 1.5


def test_delays_do_not_pile_up(bob, settings, upstream):
    make_quote(bob, "the sea is wide", is_apply=True)
    settings.EMBEDDING_MODEL = "fake-embedding-timeout"
    for _ in range(3):
        found("How wide?")
    assert len(asked(upstream)) == 1
    for number in range(limits.BREAKER_FAILURES + 5):
        found(f"How wide? {number}")
    assert len(asked(upstream)) == limits.BREAKER_FAILURES


def test_answers_are_still_asked_for(as_alice, bob, settings):
    settings.EMBEDDING_MODEL = "fake-embedding-timeout"
    for number in range(limits.BREAKER_FAILURES):
        found(f"How wide? {number}")
    assert ask(as_alice, "[[say: Yes]]").json()["chat_reply"]["content"] == "Yes"


def test_another_size_of_vectors_is_no_match(bob, monkeypatch):
    make_quote(bob, "the sea", is_apply=True)
    embed()
    monkeypatch.setattr(embeddings, "_embedders", [lambda texts, **_: [[1.0, 0.0]] * len(texts)])
    assert embeddings.alike("ocean", limit=5) == []
    make_quote(bob, "the sea again", is_apply=True)
    embed()
    assert embeddings.alike("ocean", limit=5) == []


# --- The command --------------------------------------------------------------------------------


def run(**options) -> str:
    out = StringIO()
    call_command("embed_quotes", stdout=out, **options)
    return out.getvalue()


def test_the_command_tells_how_far_it_is(bob, monkeypatch):
    monkeypatch.setattr(embeddings, "AT_ONCE", 2)
    for number in range(5):
        make_quote(bob, f"Line {number}", is_apply=True)
    make_quote(bob, "Not applied")
    assert run().splitlines() == [
        "2 lines embedded, 3 to go",
        "4 lines embedded, 1 to go",
        "5 lines embedded, 0 to go",
        "All applied lines have their vectors; 5 were new",
    ]
    assert Meaning.objects.count() == 5
    assert run() == "All applied lines have their vectors; 0 were new\n"
    assert run(verbosity=0) == ""


def test_it_goes_on_where_it_was_broken_off(bob, monkeypatch, settings):
    monkeypatch.setattr(embeddings, "AT_ONCE", 2)
    for number in range(3):
        make_quote(bob, f"Line {number}", is_apply=True)
    embeddings.embed_some()
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"
    with pytest.raises(CommandError, match=r"away \(upstream_unreachable\); 0 lines are done"):
        run()
    assert Meaning.objects.count() == 2


def test_another_model_means_new_vectors(bob, settings):
    make_quote(bob, "the sea", is_apply=True)
    run()
    settings.EMBEDDING_MODEL = "fake-embedding-other"
    assert "1 were new" in run()
    assert Meaning.objects.get().model == "fake-embedding-other"


def test_without_a_model_it_says_so(settings):
    settings.EMBEDDING_MODEL = ""
    with pytest.raises(CommandError, match="EMBEDDING_MODEL is not set"):
        run()


def test_what_is_embedded(bob, upstream):
    make_quote(bob, "Line", speaker="Speaker", source="Work", context="When", is_apply=True)
    make_quote(bob, "Line alone", is_apply=True)
    embeddings.embed_some()
    assert asked(upstream) == [["Line\nSpeaker, Work\nWhen", "Line alone"]]
