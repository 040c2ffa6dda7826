"""Lines that are found by their meaning, through the real client and the fake server."""

import random
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.answering.embedder import UpstreamEmbedder
from chat.upstream import ClientOptions
from quotes.board.submissions import edit_quote
from quotes.models import Meaning, Quote, State
from quotes.review.review import apply_quote
from quotes.search import embeddings, pgvector
from quotes.search.embeddings import BATCH_SIZE, LineVectors, provide_embedder
from quotes.search.find import find
from tests.chat.asking import ask
from tests.factories import make_quote

pytestmark = pytest.mark.django_db
compared = {"by the database": False}


@pytest.fixture(autouse=True)
def _on(upstream, settings):
    settings.EMBEDDING_MODEL = "fake-embedding"
    [product] = embeddings.embedders
    provide_embedder(UpstreamEmbedder(question_seconds=30.0))  # however slow the machine is
    embeddings.question_vectors.forget()
    embeddings.line_vectors.forget()
    yield
    embeddings.line_vectors.forget()
    provide_embedder(product)


def embed() -> None:
    """What the clock does, and a process that looks."""
    while embeddings.embed_some():
        pass
    if compared["by the database"]:
        pgvector.build_index()
    embeddings.line_vectors.read()


@pytest.fixture(params=["in the process", "by the database"])
def way(request, no_pgvector, monkeypatch):
    """Both ways, where pgvector is to be had."""
    if request.param == "by the database":
        if no_pgvector:
            pytest.skip(no_pgvector)
        monkeypatch.setitem(compared, "by the database", True)
    yield
    assert bool(embeddings.line_vectors.indexed) == (request.param == "by the database")


def found(question: str, **options) -> list[str]:
    return [line.content for line in find(question=question, **options)]


def asked(upstream) -> list[object]:
    return [one["body"]["input"] for one in upstream.seen() if one["path"] == "/v1/embeddings"]


@pytest.mark.usefixtures("way")
def test_a_line_is_found_by_other_words(bob):
    make_quote(bob, "the sea", is_apply=True)
    make_quote(bob, "an altogether different matter", is_apply=True)
    assert found("ocean") == []
    embeddings.question_vectors.forget()
    embed()
    [line] = find(question="ocean")
    assert (line.content, line.fits) == ("the sea", True)
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


def test_questions_and_lines_are_sent_with_the_prefixes_of_the_model(bob, upstream, settings):
    settings.EMBEDDING_QUERY_PREFIX, settings.EMBEDDING_PASSAGE_PREFIX = "query: ", "passage: "
    make_quote(bob, "the sea", is_apply=True)
    embed()
    found("ocean")
    assert asked(upstream) == [["passage: the sea"], ["query: ocean"]]


def test_the_words_that_only_ask_are_not_sent(upstream):
    found("what was that line about the wide ocean?")
    found("넓은 바다라는 대사 뭐였지?")
    assert asked(upstream) == [["the wide ocean?"], ["넓은 바다"]]


@pytest.mark.usefixtures("way")
def test_another_prefix_means_new_vectors(bob, settings):
    make_quote(bob, "the sea", is_apply=True)
    embed()
    settings.EMBEDDING_PASSAGE_PREFIX = "passage: "
    embeddings.line_vectors.read()
    assert found("ocean") == []
    assert embeddings.waiting().count() == 1
    embed()
    assert found("ocean") == ["the sea"]
    assert embeddings.waiting().count() == 0


def test_a_model_to_which_all_texts_are_similar_adds_nothing_by_chance(bob):
    """Its cosines are all above 0.85, as E5's are."""

    def flat(texts, **_):
        each = [random.Random(text) for text in texts]  # noqa: S311
        return [[1 + chance.uniform(-0.4, 0.4) for _ in range(64)] for chance in each]

    provide_embedder(flat)
    lines = [
        Quote(user=bob, content=f"Line {n}", is_apply=True, applied_at=timezone.now())
        for n in range(300)
    ]
    Quote.objects.bulk_create(lines)
    embed()
    near = embeddings.find_by_meaning("ocean", limit=300)
    assert min(each.is_near for each in near) is False
    assert not any(each.is_near for each in near)
    assert found("ocean") == []


def test_nearness_decides_between_lines_with_the_same_words(bob):
    make_quote(bob, "the fen is wide and quiet", is_apply=True)
    make_quote(bob, "the sea is wide and quiet", is_apply=True)
    assert found("wide and quiet deep water")[0].startswith("the fen")
    embeddings.question_vectors.forget()
    embed()
    assert found("wide and quiet deep water")[0].startswith("the sea")


def test_nearness_does_not_outweigh_the_words_of_a_line(bob):
    """Fused by rank, a line that is first by meaning would be at the front."""
    make_quote(bob, "the sea", is_apply=True)
    for number in range(6):
        make_quote(bob, f"of the ocean and its {number} tides", is_apply=True)
    embed()
    names = found("of the ocean and its 3 tides", limit=6)
    assert names[0] == "of the ocean and its 3 tides"
    assert len(names) == 6


@pytest.mark.parametrize(("reload_seconds", "kept"), [(0, 1), (60, 2)])
def test_vectors_of_deleted_lines_are_dropped_when_all_are_read_again(bob, reload_seconds, kept):
    lines = [make_quote(bob, content, is_apply=True) for content in ("the sea", "the sea again")]
    embed()
    vectors = LineVectors(reload_seconds=reload_seconds)
    vectors.read()
    lines[0].delete()
    vectors.read()
    ocean = embeddings.question_vectors.get("ocean")
    assert len(vectors.nearest(ocean, 9)) == kept


def test_vectors_are_read_in_batches_and_a_limited_number_is_kept(bob):
    for number in range(7):
        make_quote(bob, f"the sea {number}", is_apply=True)
    embed()
    vectors = LineVectors(max_vectors=4, read_size=2)
    with CaptureQueriesContext(connection) as queries:
        vectors.read()
    assert sum("LIMIT 2" in query["sql"] for query in queries) == 2
    ocean = embeddings.question_vectors.get("ocean")
    assert len(vectors.nearest(ocean, 9)) == 4


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
    embeddings.line_vectors.read()
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
    end = time.monotonic() + 30
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
        assert len(embeddings.find_by_meaning("ocean", limit=5)) == 1
    sent = [one["sql"] for one in statements if "SAVEPOINT" not in one["sql"]]  # of the test's own
    assert len(sent) == 1


def test_off_it_costs_nothing(bob, settings, upstream):
    settings.EMBEDDING_MODEL = ""
    make_quote(bob, "the sea", is_apply=True)
    with CaptureQueriesContext(connection) as statements:
        assert embeddings.find_by_meaning("ocean", limit=5) == []
    assert len(statements) == 0
    assert asked(upstream) == []


# --- When the server is away --------------------------------------------------------------------


@pytest.fixture
def impatient(_on):
    provide_embedder(UpstreamEmbedder(question_seconds=0.3))


FAULTS = ["500", "401", "404", "timeout", "timeout-body", "reset", "close", "html", "malformed"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", [*FAULTS, "other-json"])
def test_lines_are_found_by_their_words_all_the_same(bob, settings, fault):
    make_quote(bob, "the sea is wide", is_apply=True)
    embed()
    settings.EMBEDDING_MODEL = f"fake-embedding-{fault}"
    started = time.monotonic()
    assert found("How wide is the sea?") == ["the sea is wide"]
    assert time.monotonic() - started < 30  # and not the 60 that a batch may take


@pytest.mark.usefixtures("impatient")
def test_delays_do_not_pile_up(bob, settings, upstream):
    make_quote(bob, "the sea is wide", is_apply=True)
    settings.EMBEDDING_MODEL = "fake-embedding-timeout"
    for _ in range(3):
        found("How wide?")
    assert len(asked(upstream)) == 1
    for number in range(ClientOptions.breaker_failures + 5):
        found(f"How wide? {number}")
    assert len(asked(upstream)) == ClientOptions.breaker_failures


@pytest.mark.usefixtures("impatient")
def test_answers_are_still_asked_for(as_alice, bob, settings):
    settings.EMBEDDING_MODEL = "fake-embedding-timeout"
    for number in range(ClientOptions.breaker_failures):
        found(f"How wide? {number}")
    assert ask(as_alice, "[[say: Yes]]").json()["chat_reply"]["content"] == "Yes"


def test_another_size_of_vectors_is_no_match(bob):
    make_quote(bob, "the sea", is_apply=True)
    embed()
    provide_embedder(lambda texts, **_: [[1.0, 0.0]] * len(texts))
    assert embeddings.find_by_meaning("ocean", limit=5) == []
    make_quote(bob, "the sea again", is_apply=True)
    embed()
    assert embeddings.find_by_meaning("ocean", limit=5) == []


# --- The command --------------------------------------------------------------------------------


def run(**options) -> str:
    out = StringIO()
    call_command("embed_quotes", stdout=out, **options)
    return out.getvalue()


def apply_lines(user, count: int) -> None:
    Quote.objects.bulk_create(
        Quote(user=user, content=f"Line {n}", is_apply=True, applied_at=timezone.now())
        for n in range(count)
    )


def test_the_command_tells_how_far_it_is(bob):
    apply_lines(bob, 2 * BATCH_SIZE + 1)
    make_quote(bob, "Not applied")
    assert run().splitlines() == [
        f"{BATCH_SIZE} lines embedded, {BATCH_SIZE + 1} to go",
        f"{2 * BATCH_SIZE} lines embedded, 1 to go",
        f"{2 * BATCH_SIZE + 1} lines embedded, 0 to go",
        f"All applied lines have their vectors; {2 * BATCH_SIZE + 1} were new",
    ]
    assert Meaning.objects.count() == 2 * BATCH_SIZE + 1
    assert run() == "All applied lines have their vectors; 0 were new\n"
    assert run(verbosity=0) == ""


def test_it_goes_on_where_it_was_broken_off(bob, settings):
    apply_lines(bob, BATCH_SIZE + 1)
    embeddings.embed_some()
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"
    with pytest.raises(CommandError, match=r"away \(upstream_unreachable\); 0 lines are done"):
        run()
    assert Meaning.objects.count() == BATCH_SIZE


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
