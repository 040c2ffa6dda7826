"""A line that is not on the board is visible to its owner only, from that moment on.

Every state × every endpoint. Each line was first on the board, where the endpoints showed it, and
then left it through the actions of users and staff; two were never there.
"""

import json
from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from quotes.models import Quote, State
from quotes.review.review import apply_quote, decline_quote
from quotes.search.find import find, find_text
from quotes.verification.term_candidates import find_near
from quotes.verification.verify import verify
from tests.chat.asking import ask
from tests.factories import PASSWORD, make_quote

LINE = "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를"
NAMES = {"speaker": "윤동주", "source": "서시", "language": "ko"}

Leave = Callable[[Quote, APIClient, User], None]


def decline(quote: Quote, _owner: APIClient, staff: User) -> None:
    decline_quote(quote_id=quote.pk, version=1, state=State.APPLIED, reviewer=staff, reason="No")


def edit(quote: Quote, owner: APIClient, _staff: User) -> None:
    response = owner.patch(f"/quote/{quote.pk}", {"context": "Changed"})
    assert response.json()["state"] == "pending"


def withdraw(quote: Quote, owner: APIClient, _staff: User) -> None:
    assert owner.delete(f"/quote/{quote.pk}").status_code == 204


def leave(_quote: Quote, owner: APIClient, _staff: User) -> None:
    assert owner.delete("/accounts/profile", {"password": PASSWORD}).status_code == 204


def removed(quote: Quote, _owner: APIClient, _staff: User) -> None:
    User.objects.filter(pk=quote.user_id).delete()  # as the admin does


WAYS: dict[str, Leave] = {
    "taken down": decline,
    "edited after review": edit,
    "withdrawn": withdraw,
    "owner left": leave,
    "owner deleted by staff": removed,
}
STAYS = {"taken down": "declined", "edited after review": "pending"}


def seen(client: APIClient, path: str, **query: str) -> bool:
    response = client.get(path, query)
    assert response.status_code in {200, 404}, response.content
    return LINE in response.content.decode()


def everywhere(reader: APIClient, staff: APIClient, pk: int) -> dict[str, bool]:
    """The endpoints at which other users see the line."""
    similar = reader.post("/quote/similar", {"content": LINE})
    liked = reader.put(f"/quote/{pk}/like")
    export = staff.get("/quote/export").getvalue().decode()
    judged = verify(f"“{LINE}”", [])
    return {
        "list": seen(reader, "/quote"),
        "list of the applied": seen(reader, "/quote", state="applied"),
        "list of the pending": seen(reader, "/quote", state="pending"),
        "most liked": seen(reader, "/quote", sort="liked"),
        "speaker": seen(reader, "/quote", speaker="윤동주"),
        "work": seen(reader, "/quote", source="서시"),
        "language": seen(reader, "/quote", language="ko"),
        "search": seen(reader, "/quote", q="하늘을 우러러"),
        "suggestions": seen(reader, "/quote", state="applied", q="한 점", per_page="30"),
        "detail": seen(reader, f"/quote/{pk}"),
        "random": seen(reader, "/quote/random"),
        "today": seen(reader, "/quote/today"),
        "similar": LINE in similar.content.decode(),
        "like": liked.status_code == 200,
        "export": json.dumps(LINE, ensure_ascii=False) in export,
        "found for a prompt": bool(find(question="하늘을 우러러")),
        "found by its text": bool(find_text(LINE, limit=5)),
        "found near": bool(find_near([LINE])[LINE]),
        "judged": any(one.verdict == "verbatim" for one in judged),
        "staff of the API": seen(staff, f"/quote/{pk}"),
    }


@pytest.fixture
def quote(alice, staff) -> Quote:
    """On the board, by a review."""
    quote = make_quote(alice, LINE, **NAMES)
    apply_quote(quote_id=quote.pk, version=1, state=State.PENDING, reviewer=staff)
    return quote


def test_an_applied_line_is_visible_everywhere(as_carol, as_staff, quote):
    met = everywhere(as_carol, as_staff, quote.pk)
    assert met.pop("list of the pending") is False
    assert set(met.values()) == {True}, met


@pytest.mark.parametrize("way", WAYS)
def test_a_line_that_has_left_the_board_is_visible_nowhere(
    as_alice, as_carol, as_staff, staff, quote, way
):
    everywhere(as_carol, as_staff, quote.pk)  # fills every cache of responses
    WAYS[way](quote, as_alice, staff)
    met = everywhere(as_carol, as_staff, quote.pk)
    assert set(met.values()) == {False}, met


@pytest.mark.parametrize("state", ["pending", "declined"])
def test_a_line_that_was_never_applied_is_visible_nowhere(alice, as_carol, as_staff, staff, state):
    quote = make_quote(alice, LINE, **NAMES)
    if state == "declined":
        decline_quote(
            quote_id=quote.pk, version=1, state=State.PENDING, reviewer=staff, reason="No"
        )
    met = everywhere(as_carol, as_staff, quote.pk)
    assert set(met.values()) == {False}, met


@pytest.mark.parametrize("way", STAYS)
def test_its_owner_still_sees_it(as_alice, as_staff, staff, quote, way):
    """In their own lists, in search and as a duplicate, but in no prompt and not as a featured
    line.
    """
    WAYS[way](quote, as_alice, staff)
    met = everywhere(as_alice, as_staff, quote.pk)
    state = STAYS[way]
    shown = {"list", "most liked", "speaker", "work", "language", "search", "detail", "similar"}
    shown |= {"list of the pending"} if state == "pending" else set()
    assert {door for door, is_there in met.items() if is_there} == shown
    body = as_alice.get(f"/quote/{quote.pk}").json()
    assert (body["state"], body["reason"]) == (state, "No" if state == "declined" else "")


@pytest.mark.usefixtures("upstream")
@pytest.mark.parametrize("way", WAYS)
def test_no_prompt_contains_it(as_alice, as_carol, staff, quote, upstream, way):
    ask(as_carol, "하늘을 우러러")
    assert LINE in upstream.requests()[-1]["messages"][0]["content"]
    WAYS[way](quote, as_alice, staff)
    ask(as_carol, "하늘을 우러러 한 점")
    assert LINE not in upstream.requests()[-1]["messages"][0]["content"]


@pytest.mark.parametrize("way", WAYS)
def test_the_board_does_not_answer_with_it(
    as_alice, as_carol, staff, quote, settings, upstream, way
):
    settings.CHAT_MODELS = [*settings.CHAT_MODELS, "board"]
    answer = ask(as_carol, "하늘을 우러러", model="board").json()["chat_reply"]["content"]
    assert LINE in answer
    WAYS[way](quote, as_alice, staff)
    answer = ask(as_carol, "하늘을 우러러 한 점", model="board").json()["chat_reply"]
    assert LINE not in answer["content"]
    assert answer["citations"] == []


def test_after_a_new_review_it_is_visible_again(as_alice, as_carol, as_staff, staff, quote):
    edit(quote, as_alice, staff)
    apply_quote(quote_id=quote.pk, version=2, state=State.PENDING, reviewer=staff)
    met = everywhere(as_carol, as_staff, quote.pk)
    assert met.pop("list of the pending") is False
    assert set(met.values()) == {True}, met
