"""/chat/{id}/mark-reports: what users report of the marks in their own answers."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import close_old_connections, connection
from django.utils import timezone

from chat.history.deletion import clear_history
from chat.models import AROUND, Citation, MarkReport
from chat.reports.report import MOST_A_DAY
from config.api.times import local
from tests.chat.reports import AFTER, BEFORE, WORDS, body_of, marked, path_of, reported
from tests.factories import make_quote


def test_a_mark_is_reported_with_a_little_around_it(as_alice, alice):
    citation = marked(alice, make_quote(alice, "To be, or not to be", is_apply=True))
    response = as_alice.post(path_of(citation), body_of(citation, note=" It is right. "))
    report = MarkReport.objects.get()
    here = f"http://testserver{path_of(citation)}/{report.pk}"
    chat = f"http://testserver/chat/{citation.reply.chat_id}"
    assert response.status_code == 201
    assert response.json() == {
        "id": report.pk,
        "reply": citation.reply_id,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote_id,
        "before": "…" + BEFORE[-AROUND:],
        "text": WORDS,
        "after": AFTER[:AROUND] + "…",
        "reason": "verdict",
        "note": "It is right.",
        "state": "open",
        "answer": "",
        "created_at": local(report.created_at).isoformat(),
        "settled_at": None,
        "links": [
            {"rel": "delete", "href": here, "method": "DELETE"},
            {"rel": "chat", "href": chat, "method": "GET"},
        ],
    }
    assert as_alice.get(path_of(citation)).json()["results"] == [response.json()]


def test_a_short_answer_is_shown_whole(as_alice, alice):
    citation = marked(alice)
    reply = citation.reply
    reply.content = f"So: {WORDS}."
    reply.save()
    Citation.objects.filter(pk=citation.pk).update(start=4, end=4 + len(WORDS))
    citation.refresh_from_db()
    body = as_alice.post(path_of(citation), body_of(citation)).json()
    assert (body["before"], body["after"]) == ("So: ", ".")


def test_reported_again_it_is_the_same_report_with_the_newer_words(as_alice, alice):
    citation = marked(alice)
    first = as_alice.post(path_of(citation), body_of(citation, note="One"))
    again = as_alice.post(path_of(citation), body_of(citation, note="One"))
    assert (again.status_code, again.json()) == (200, first.json())
    other = as_alice.post(path_of(citation), body_of(citation, reason="speaker", note="Two"))
    assert (other.status_code, other.json()["id"]) == (200, first.json()["id"])
    assert MarkReport.objects.values_list("reason", "note").get() == ("speaker", "Two")


def test_a_settled_report_stays_as_it_is(as_alice, alice):
    report = reported(alice, state="right", answer="It is the folio's.", note="One")
    citation = report.citation
    response = as_alice.post(path_of(citation), body_of(citation, note="Two"))
    assert response.status_code == 200
    assert [response.json()[name] for name in ("state", "answer", "note")] == [
        *("right", "It is the folio's.", "One")
    ]


@pytest.mark.parametrize("change", ["reply", "start", "end", "quote"])
def test_a_mark_that_is_not_there_is_404(as_alice, alice, change):
    citation = marked(alice, make_quote(alice, is_apply=True))
    body = body_of(citation)
    response = as_alice.post(path_of(citation), {**body, change: body[change] + 1})
    assert response.status_code == 404
    assert not MarkReport.objects.exists()


def test_the_marks_of_others_do_not_exist(as_bob, alice, bob):
    report = reported(alice)
    citation, own = report.citation, marked(bob)
    assert as_bob.post(path_of(citation), body_of(citation)).status_code == 404
    assert as_bob.post(path_of(own), body_of(citation)).status_code == 404
    assert as_bob.get(path_of(citation)).status_code == 404
    assert as_bob.delete(f"{path_of(own)}/{report.pk}").status_code == 404
    assert MarkReport.objects.get().reason == "verdict"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": "because"}, "reason"),
        ({"note": "x" * 501}, "note"),
        ({"note": "a\u202eb"}, "note"),
        ({"start": -1}, "start"),
        ({"reply": 2**70}, "reply"),
        ({"quote": 0}, "quote"),
    ],
)
def test_bad_input_names_its_field(as_alice, alice, change, field):
    citation = marked(alice)
    response = as_alice.post(path_of(citation), body_of(citation, **change))
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_taken_back_it_is_gone(as_alice, alice):
    report = reported(alice)
    path = f"{path_of(report.citation)}/{report.pk}"
    assert as_alice.delete(path).status_code == 204
    assert as_alice.delete(path).status_code == 404
    assert not MarkReport.objects.exists()
    assert Citation.objects.exists()


def test_only_so_many_are_reported_on_a_day(as_alice, alice, bob):
    for _ in range(MOST_A_DAY - 1):
        reported(alice)
    old, others, last, more = reported(alice), reported(bob), marked(alice), marked(alice)
    yesterday = timezone.now() - timedelta(days=1)
    MarkReport.objects.filter(pk=old.pk).update(created_at=yesterday)
    assert as_alice.post(path_of(last), body_of(last)).status_code == 201
    refused = as_alice.post(path_of(more), body_of(more))
    assert (refused.status_code, refused.json()["code"]) == (409, "limit_reached")
    assert refused.json()["limit"] == {"name": "mark_reports_a_day", "value": MOST_A_DAY}
    assert as_alice.post(path_of(last), body_of(last)).status_code == 200  # a retry
    assert MarkReport.objects.filter(user=others.user).count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_days_limit_holds_for_reports_at_once(alice, client_for):
    for _ in range(MOST_A_DAY - 1):
        reported(alice)
    marks, begin, statuses = [marked(alice) for _ in range(4)], Barrier(4), []

    def report(citation: Citation) -> None:
        client = client_for(alice)
        begin.wait()
        statuses.append(client.post(path_of(citation), body_of(citation)).status_code)
        close_old_connections()
        connection.close()

    threads = [Thread(target=report, args=(citation,)) for citation in marks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 409, 409, 409]
    assert MarkReport.objects.count() == MOST_A_DAY


def test_it_goes_with_the_history(alice, bob):
    reported(alice)
    others = reported(bob)
    clear_history(alice)
    assert MarkReport.objects.get() == others
    assert Citation.objects.get() == others.citation


def test_it_goes_with_its_chat_and_with_the_account(as_alice, as_bob, alice, bob):
    report = reported(alice)
    reported(bob)
    assert as_alice.delete(f"/chat/{report.citation.reply.chat_id}").status_code == 204
    assert as_bob.delete("/accounts/profile", {"password": "correct horse battery"}).status_code
    assert not MarkReport.objects.exists()


def test_a_withdrawn_line_leaves_the_report(as_alice, as_bob, alice, bob):
    quote = make_quote(bob, is_apply=True)
    report = reported(alice, quote)
    assert as_bob.delete(f"/quote/{quote.pk}").status_code == 204
    [found] = as_alice.get(path_of(report.citation)).json()["results"]
    assert (found["quote"], found["text"]) == (None, WORDS)
