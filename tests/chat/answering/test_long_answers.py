"""An answer of any length and form is stored, charged once, and judged or marked as not judged."""

from datetime import timedelta

import pytest

from chat.answering import citations
from chat.models import Judged, Reply, Status
from chat.turns.recover import reap
from config.budget import Budget
from quotes.verification.reading import READ_CHARACTERS
from quotes.verification.verify import MOST_PARTS, verify
from tests.chat.asking import ask, ask_streaming, make_chat, text_of
from tests.factories import make_quote
from tests.ledger import assert_ledger_is_exact
from tests.long_answers import SHAPES, SIZE, question

pytestmark = pytest.mark.django_db(transaction=True)

LINE = "The rest is silence, said the prince at the end."


@pytest.fixture(autouse=True)
def line(bob):
    return make_quote(bob, LINE, speaker="Hamlet", is_apply=True)


@pytest.mark.usefixtures("upstream")
@pytest.mark.parametrize("policy", ["mark", "strict"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_any_shape(as_alice, settings, shape, policy):
    settings.QUOTE_POLICY = policy
    events = ask_streaming(as_alice, question(shape))
    reply = events[-1].data["chat"]["chat_reply"]
    assert reply["status"] == "done"
    assert text_of(events) == shape(SIZE) == Reply.objects.get().written
    assert reply["judged"] == "part"  # it is longer than what is looked at
    assert all(
        reply["content"][one["start"] : one["end"]] == one["text"] for one in reply["citations"]
    )
    if policy == "mark":
        assert reply["content"] == shape(SIZE)
    assert_ledger_is_exact()


@pytest.mark.usefixtures("upstream")
@pytest.mark.parametrize(
    ("answer", "judged", "verdicts"),
    [
        ("Nothing is quoted.", "all", []),
        (f"He says “{LINE}” and more.", "all", ["verbatim"]),
        (f"“{LINE}” " + "and more " * (READ_CHARACTERS // 9), "part", ["verbatim"]),
        ("“a short one” " * MOST_PARTS, "all", []),
        ("“a short one” " * (MOST_PARTS + 1), "part", []),
    ],
)
def test_what_is_judged(as_alice, answer, judged, verdicts):
    words, times = (answer, 1) if len(answer) < 7000 else (answer[:7000], len(answer) // 7000 + 1)
    body = ask(as_alice, f"[[say: {words}]] [[times: {times}]] [[chunks: 9]]").json()
    reply = body["chat_reply"]
    assert (reply["judged"], [one["verdict"] for one in reply["citations"]][:1]) == (
        judged,
        verdicts,
    )
    assert as_alice.get(f"/chat/{body['id']}").json() == body
    assert as_alice.get("/chat").json()["results"] == [body]


@pytest.mark.django_db
def test_without_time_nothing_is_judged():
    written = f"He says “{LINE}” and “Not on the board, this one.”"
    cited = citations.cite(Reply(), written, [], seconds=0.0)
    assert cited == citations.Cited(written, unjudged=Judged.PART)


@pytest.mark.usefixtures("upstream")
def test_a_fault_in_judging_costs_the_citations_and_is_shown(as_alice, monkeypatch):
    def broken(*_args):
        raise RuntimeError

    monkeypatch.setattr(citations, "verify", broken)
    reply = ask(as_alice, f"[[say: “{LINE}”]]").json()["chat_reply"]
    assert (reply["status"], reply["judged"], reply["citations"]) == ("done", "none", [])
    assert reply["content"] == f"“{LINE}”"


@pytest.mark.usefixtures("upstream")
@pytest.mark.parametrize("fault", ["die", "filter"])
def test_what_failed_is_not_judged(as_alice, fault):
    body = ask(as_alice, f"[[say: “{LINE}”]] [[fault: {fault}]]").json()
    assert body["chat"]["chat_reply"]["judged"] == "none"
    assert_ledger_is_exact()


def test_what_a_lost_process_wrote_is_not_judged(alice, as_alice):
    chat = make_chat(alice, answer="“So far”", reply={"status": Status.STREAMING})
    assert reap(silent_for=timedelta(minutes=-1)) == 1
    reply = as_alice.get(f"/chat/{chat.pk}").json()["chat_reply"]
    assert (reply["status"], reply["judged"]) == ("interrupted", "none")


class Steps(Budget):
    """A budget of so many steps."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps = steps

    def give_way(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            self._left = 0.0


def test_whenever_time_ends_what_is_judged_is_as_with_all_of_it(line):
    """A budget that ends at any step gives some of the full verdicts, no other, and says so."""
    answer = (
        f"“{LINE}” “{LINE.replace('silence', 'violence')}”\n\n> Nobody has ever said this at all"
    )
    asked = "Any line?"
    whole = verify(answer, [], Budget(), question=asked)
    assert [one.verdict for one in whole] == ["verbatim", "altered", "unknown"]
    steps, budget, seen = 0, Steps(0), set()
    while True:
        budget = Steps(steps)
        judged = verify(answer, [], budget, question=asked)
        assert all(one in whole for one in judged)
        assert budget.is_exceeded or judged == whole
        seen.add(len(judged))
        if not budget.is_exceeded:
            break
        steps += 1
    assert len(seen) > 1


def test_rows_of_an_earlier_release_count_as_judged(alice, as_alice):
    chat = make_chat(alice)
    Reply.objects.update(unjudged=None)
    assert as_alice.get(f"/chat/{chat.pk}").json()["chat_reply"]["judged"] == Judged.ALL
