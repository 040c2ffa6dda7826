"""Reported marks in the administration: what reviewers see of them, and how they settle them."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from chat.models import MarkReport
from config.reviewers import NAME, ensure_reviewers
from tests.chat.reports import AFTER, BEFORE, WORDS, reported
from tests.factories import make_quote, make_user

LIST = "/admin/chat/markreport/"


@pytest.fixture
def reviewer(db):
    ensure_reviewers()
    user = make_user("reviewer", is_staff=True)
    user.groups.add(Group.objects.get(name=NAME))
    return user


@pytest.fixture
def as_reviewer(client, reviewer) -> Client:
    client.force_login(reviewer)
    return client


def settle(client: Client, report: MarkReport, found: str, answer: str = ""):
    form = {"found": found, "answer": answer}
    return client.post(f"{LIST}{report.pk}/settle/", form, follow=True)


def messages_of(response) -> list[tuple[str, str]]:
    return [(message.level_tag, str(message)) for message in response.context["messages"]]


def test_reviewers_see_the_words_the_mark_and_the_line_and_nothing_else(as_reviewer, alice):
    quote = make_quote(alice, "To be, or not to be", speaker="Hamlet", is_apply=True)
    report = reported(alice, quote, note="One letter alone differs.")
    page = as_reviewer.get(f"{LIST}{report.pk}/change/").content.decode()
    for shown in (WORDS, BEFORE[-80:], AFTER[:80], "altered", quote.content, "Hamlet"):
        assert shown in page
    assert "the verdict is wrong" in page
    assert report.note in page
    everything = page + as_reviewer.get(LIST).content.decode()
    for hidden in ("Private title", "Private question", BEFORE, AFTER, "alice"):
        assert hidden not in everything


@pytest.mark.parametrize("found", ["wrong", "right"])
def test_a_report_is_settled_and_the_user_told(as_reviewer, reviewer, as_alice, alice, found):
    report, other = reported(alice), reported(alice)
    response = settle(as_reviewer, report, found, " We have looked. ")
    assert messages_of(response) == [("success", "The report is settled.")]
    assert response.redirect_chain[-1][0] == f"{LIST}{other.pk}/change/"  # the next one
    report.refresh_from_db()
    assert (report.state, report.answer, report.settled_by) == (
        found,
        "We have looked.",
        reviewer,
    )
    chat = report.citation.reply.chat_id
    [told] = as_alice.get(f"/chat/{chat}/mark-reports").json()["results"]
    assert (told["state"], told["answer"]) == (found, "We have looked.")


def test_of_two_decisions_one_counts(as_reviewer, alice):
    report = reported(alice)
    settle(as_reviewer, report, "wrong")
    response = settle(as_reviewer, report, "right", "Other")
    assert messages_of(response) == [("error", "This report has been settled or taken back.")]
    report.refresh_from_db()
    assert (report.state, report.answer) == ("wrong", "")


@pytest.mark.parametrize("form", [{}, {"found": "maybe"}, {"found": "wrong", "answer": "x" * 501}])
def test_nothing_else_is_taken(as_reviewer, alice, form):
    report = reported(alice)
    as_reviewer.post(f"{LIST}{report.pk}/settle/", form)
    assert as_reviewer.get(f"{LIST}{report.pk}/settle/").status_code == 405
    assert as_reviewer.post(f"{LIST}{report.pk}/change/", {"state": "wrong"}).status_code == 403
    report.refresh_from_db()
    assert report.state == "open"


def test_staff_without_the_permission_are_kept_out(client, alice):
    report = reported(alice)
    client.force_login(make_user("clerk", is_staff=True))
    assert client.get(LIST).status_code == 403
    assert client.post(f"{LIST}{report.pk}/settle/", {"found": "wrong"}).status_code == 403
    report.refresh_from_db()
    assert report.state == "open"


@pytest.mark.parametrize(
    "lookup", ["user", "user__email", "citation__text", "citation__reply__content", "note"]
)
def test_no_filter_tells_who_or_what(as_reviewer, alice, lookup):
    reported(alice)
    assert as_reviewer.get(LIST, {lookup: "1"}).status_code in {302, 400}


def test_the_home_counts_them(as_reviewer, alice):
    reported(alice, state="wrong")
    page = as_reviewer.get("/admin/").content.decode()
    assert "<strong>0</strong> reported marks to look at" in page
    report = reported(alice)
    page = as_reviewer.get("/admin/").content.decode()
    assert f'<a href="{LIST}{report.pk}/change/"><strong>1</strong> reported mark to' in page
