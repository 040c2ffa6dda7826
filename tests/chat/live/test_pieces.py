"""Verdicts do not depend on the size of the pieces of an answer."""

import math

import pytest

from chat.models import Reply
from tests.chat.asking import ask, ask_streaming, said, text_of
from tests.factories import make_quote

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("upstream")]

SILENCE = "The rest is silence, said the prince at the end."
SKY = "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를"
ANSWER = (
    f"👩‍👧 “{SILENCE}” — Hamlet, and 「{SKY.replace('하늘', '땅')}」.\n\n"
    f"> {SKY}\n> — 윤동주\n\n"
    f"“They say ‘{SILENCE}’ now” and “Nobody has ever said this at all.”\n"
)


@pytest.fixture(autouse=True)
def board(bob):
    make_quote(bob, SILENCE, speaker="Hamlet", is_apply=True)
    make_quote(bob, SKY, speaker="윤동주", is_apply=True)


def question(size: int) -> str:
    count = math.ceil(len(ANSWER) / size)
    return f"Any line about silence, 하늘? [[say: {said(ANSWER)}]] [[chunks: {count}]]"


def shown(reply: dict) -> list[tuple[str, str, str, int, int]]:
    return [
        tuple(citation[name] for name in ("verdict", "match", "text", "start", "end"))
        for citation in reply["citations"]
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 40, 100, len(ANSWER)])
@pytest.mark.parametrize("policy", ["mark", "strict"])
def test_pieces_change_no_verdict(as_alice, settings, size, policy):
    settings.QUOTE_POLICY, settings.DAILY_CHAT_LIMIT = policy, 10
    whole = ask(as_alice, question(len(ANSWER))).json()["chat_reply"]
    assert [verdict for verdict, *_ in shown(whole)] == [
        "verbatim",
        "altered" if policy == "mark" else "verbatim",
        "verbatim",
        "verbatim",
        "unknown",
    ]
    events = ask_streaming(as_alice, question(size))
    reply = events[-1].data["chat"]["chat_reply"]
    assert text_of(events) == ANSWER == Reply.objects.latest("pk").written
    assert shown(reply) == shown(whole)
    assert reply["content"] == whole["content"] == events[-1].data["full_content"]
