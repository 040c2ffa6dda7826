"""Titles by the model TITLE_MODEL, through the real client and the fake server. It answers a
question and the request for its title with the same words, which the question tells it.
"""

import logging
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY

from chat.answering import side_request
from chat.models import Conversation, DailyUsage, Reply, SiteUsage, Status, TitleBy
from chat.turns import afterwards
from tests.chat.asking import ask, ask_streaming, used, wait_for_additions, wait_for_end
from tests.chat.turns.test_exactness import ROOT, environment
from tests.ledger import assert_ledger_is_exact

pytestmark = pytest.mark.django_db(transaction=True)

ASKED = "Who said this? [[say: The speaker of a line]]"


@pytest.fixture(autouse=True)
def _on(upstream, settings):
    settings.TITLE_MODEL = "fake"
    settings.DAILY_CHAT_LIMIT = 10


def wait_for_title(conversation: int) -> Conversation:
    """The conversation, when it is decided what its title is."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        row = Conversation.objects.get(pk=conversation)
        if row.title_by:
            return row
        time.sleep(0.02)
    raise TimeoutError


def title_after(client, content: str = ASKED, **body) -> tuple[str, str]:
    chat = ask(client, content, **body).json()
    row = wait_for_title(chat["conversation"])
    return row.title, row.title_by


def requests_for_titles(upstream) -> list:
    return [
        request
        for request in upstream.requests()
        if "You name conversations" in request["messages"][0]["content"]
    ]


def test_a_model_makes_the_title_after_the_first_answer(as_alice, alice, upstream):
    before = asked_for_titles("made")
    events = ask_streaming(as_alice, ASKED)
    chat = events[-1].data["chat"]
    row = wait_for_title(chat["conversation"])
    assert asked_for_titles("made") == before + 1
    assert (row.title, row.title_by) == ("The speaker of a line", "model")
    assert row.updated_at < timezone.now()
    [request] = requests_for_titles(upstream)
    assert (request["model"], request["temperature"]) == ("fake", 0)
    assert "Who said this?" in request["messages"][1]["content"]
    assert used(alice) == 1
    assert_ledger_is_exact()
    body = as_alice.get(f"/conversations/{row.pk}").json()
    assert (body["title"], body["title_by"]) == ("The speaker of a line", "model")


def test_it_is_made_once(as_alice, upstream):
    chat = ask(as_alice, ASKED).json()
    wait_for_title(chat["conversation"])
    ask(as_alice, "Once more [[say: Another title]]", conversation=chat["conversation"])
    as_alice.post(f"/chat/{chat['id']}/replies", {})
    wait_for_end()
    assert Conversation.objects.get().title == "The speaker of a line"
    assert len(requests_for_titles(upstream)) == 1


def test_the_time_of_the_last_question_stays(as_alice, upstream):
    chat = ask(as_alice, ASKED).json()
    row = wait_for_title(chat["conversation"])
    assert row.updated_at == Reply.objects.get().chat.conversation.updated_at
    assert row.updated_at - row.created_at < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("Hello there [[say: …]]", "Hello there [[say: …]]"),
        ("Hello [[say: &#51228;&#47785;]]", "Hello [[say: &#51228;&#47785;]]"),
        ("Hi [[say: &lt;b>no]]", "Hi [[say: &lt;b>no]]"),
    ],
    ids=["nothing", "another language", "HTML"],
)
def test_what_is_no_title_leaves_the_words(as_alice, content, title):
    assert title_after(as_alice, content) == (title, "words")


FAULTS = {
    "500": "upstream_failed",
    "429": "upstream_rate_limited",
    "401": "upstream_unauthorized",
    "empty": "upstream_empty",
    "length": "not_whole",
    "cut": "upstream_disconnected",
}


def asked_for_titles(result: str) -> float:
    labels = {"what": "title", "result": result}
    return REGISTRY.get_sample_value("daesa_asked_aside_total", labels) or 0


@pytest.mark.parametrize("fault", FAULTS)
def test_each_failure_leaves_the_words_and_is_logged_without_texts(
    as_alice, settings, fault, caplog
):
    settings.TITLE_MODEL = f"fake-{fault}"
    caplog.set_level(logging.INFO)
    content = "A private question"
    before = asked_for_titles(FAULTS[fault])
    assert title_after(as_alice, content) == ("A private question", "words")
    assert asked_for_titles(FAULTS[fault]) == before + 1
    [line] = [one.getMessage() for one in caplog.records if "no title" in one.getMessage()]
    assert line.startswith(f"no title for reply {Reply.objects.get().pk}: ")
    assert "private" not in caplog.text


def test_a_model_that_takes_too_long(as_alice, settings, monkeypatch):
    monkeypatch.setattr(afterwards, "WITHIN_SECONDS", 0.3)
    settings.TITLE_MODEL = "fake-stall"
    assert title_after(as_alice, "Hello")[1] == "words"


def test_without_the_setting_nothing_is_asked(as_alice, upstream, settings):
    for name in ("", "board"):
        settings.TITLE_MODEL = name
        ask(as_alice, ASKED)
        assert as_alice.get("/models").json()["titles"] is False
    wait_for_end()
    assert not requests_for_titles(upstream)
    assert set(Conversation.objects.values_list("title_by", flat=True)) == {""}


def test_the_page_learns_that_there_are_titles(as_alice):
    body = as_alice.get("/models").json()
    assert (body["titles"], body["follow_ups"]) == (True, False)


def test_small_talk_and_a_failed_answer_get_none(as_alice, upstream, settings):
    assert title_after(as_alice, "Thanks!", model="board") == ("Thanks!", "words")
    failed = ask(as_alice, "Hello", model="fake-401")
    assert failed.status_code >= 500
    assert wait_for_end().status == Status.FAILED
    assert not requests_for_titles(upstream)


def test_a_temporary_conversation_gets_none(as_alice, upstream):
    ask(as_alice, ASKED, temporary=True)
    wait_for_end()
    wait_for_additions()
    assert not requests_for_titles(upstream)


# --- A title of the user's ----------------------------------------------------------------------


@contextmanager
def held_title(monkeypatch):
    """Within, the model has been asked for a title, and its answer does not come."""
    asked, goes_on = Event(), Event()
    real = side_request.ask_aside

    def held(*args, **options):
        said = real(*args, **options)
        asked.set()
        assert goes_on.wait(30)
        return said

    monkeypatch.setattr(afterwards, "ask_aside", held)
    yield asked
    goes_on.set()


@pytest.mark.parametrize("title", ["My own", "Who said this? [[say: The speaker of a line]]"])
def test_one_that_the_user_writes_meanwhile_stays(as_alice, monkeypatch, title):
    with held_title(monkeypatch) as asked:
        chat = ask(as_alice, ASKED).json()
        assert asked.wait(30)
        here = f"/conversations/{chat['conversation']}"
        assert as_alice.patch(here, {"title": title}).json()["title_by"] == "user"
    wait_for_additions()
    row = Conversation.objects.get()
    assert (row.title, row.title_by) == (title, TitleBy.USER)


def test_one_that_is_deleted_meanwhile(as_alice, monkeypatch, caplog):
    with held_title(monkeypatch) as asked:
        chat = ask(as_alice, ASKED).json()
        assert asked.wait(30)
        as_alice.delete(f"/conversations/{chat['conversation']}")
    wait_for_additions()
    assert not Conversation.objects.exists()
    assert "Traceback" not in caplog.text


def test_a_conversation_that_begins_with_a_title(as_alice, upstream):
    made = as_alice.post("/conversations", {"title": "Mine"}).json()
    assert made["title_by"] == "user"
    ask(as_alice, ASKED, conversation=made["id"])
    wait_for_end()
    wait_for_additions()
    assert Conversation.objects.get().title == "Mine"
    assert not requests_for_titles(upstream)


def test_nobody_sets_whose_a_title_is(as_alice):
    made = as_alice.post("/conversations", {"title_by": "model"}).json()
    assert made["title_by"] == ""


# --- What it costs ------------------------------------------------------------------------------


def test_it_takes_a_unit_of_the_site_and_none_of_the_users(as_alice, alice, settings):
    settings.SITE_DAILY_LIMIT = 10
    assert title_after(as_alice)[1] == "model"
    assert (SiteUsage.objects.get().used, used(alice)) == (2, 1)
    assert DailyUsage.objects.get().refunded == 0


def test_without_a_unit_of_the_site_there_is_none(as_alice, upstream, settings):
    settings.SITE_DAILY_LIMIT = 1
    assert title_after(as_alice)[1] == "words"
    assert SiteUsage.objects.get().used == 1
    assert not requests_for_titles(upstream)


def test_a_failure_of_the_server_gives_the_sites_unit_back(as_alice, settings):
    settings.SITE_DAILY_LIMIT = 10
    settings.TITLE_MODEL = "fake-500"
    assert title_after(as_alice)[1] == "words"
    assert SiteUsage.objects.get().used == 1


def test_a_server_of_several_counts_it(as_alice, several, settings):
    several.use(several.server("a", requests_per_minute=1))
    settings.TITLE_MODEL = "fake"
    assert title_after(as_alice)[1] == "words"  # the answer has taken the minute's only request
    assert several.asked() == {"a": 1}


def test_a_server_of_other_groups_is_not_asked(as_alice, several, settings):
    of_others = {"name": "namer", "served_as": "fake", "groups": frozenset({"research"})}
    several.use(several.server("a"), several.server("b", model=of_others))
    settings.TITLE_MODEL = "namer"
    assert title_after(as_alice)[1] == "words"
    assert several.asked() == {"a": 1}


def test_no_more_than_so_many_at_once(as_alice, upstream, monkeypatch):
    taken = [afterwards.places.acquire(blocking=False) for _ in range(afterwards.AT_ONCE)]
    try:
        assert all(taken)
        chat = ask(as_alice, ASKED).json()
    finally:
        for _ in taken:
            afterwards.places.release()
    row = Conversation.objects.get(pk=chat["conversation"])
    assert (row.title, row.title_by) == (ASKED, "")
    assert not requests_for_titles(upstream)


# --- A process that dies ------------------------------------------------------------------------

WRITER = """
import django
django.setup()
import sys, time
from accounts.models import User
from chat.turns import generate
from chat.turns.start import start_turn
from chat.turns.types import GenerationOptions, NewQuestion
options = GenerationOptions(model="fake", temperature=1, max_tokens=10)
question = NewQuestion(content="A question [[say: About it]]", options=options)
generate.generate(start_turn(user=User.objects.get(pk=int(sys.argv[1])), question=question))
time.sleep(120)
"""


def test_a_killed_process_leaves_the_words_and_a_whole_conversation(as_alice, alice, upstream):
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", WRITER, str(alice.pk)],
        cwd=ROOT,
        env={**environment(upstream.url), "TITLE_MODEL": "fake-stall"},
    ) as writer:
        end = time.monotonic() + 60
        while len(upstream.requests()) < 2:
            assert time.monotonic() < end
            time.sleep(0.05)
        writer.kill()
    row = Conversation.objects.get()
    assert (row.title, row.title_by) == ("A question [[say: About it]]", "")
    assert Reply.objects.get().status == Status.DONE
    assert_ledger_is_exact()
    # Nothing waits for it: the conversation goes on, and another answer to the question makes one.
    chat = Reply.objects.get().chat
    assert as_alice.post(f"/chat/{chat.pk}/replies", {}).status_code == 201
    assert wait_for_title(row.pk).title_by == "model"
