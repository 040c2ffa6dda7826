"""Glosses in the administration: the page of a line's gloss, and jobs that ask for glosses."""

import json

import pytest
from django.contrib.admin.models import LogEntry

from quotes.glosses.write import store_models_gloss
from quotes.jobs import runner
from quotes.models import Quote, StaffJob
from tests.factories import make_quote
from tests.quotes.jobs.stored_jobs import PAGE, job_of, silent
from tests.quotes.review.test_admin import LIST, act, messages_of

HURRY = "Those who hurry spoil their work"


def said(user) -> Quote:
    """An applied line whose context lets the fake server answer `HURRY`."""
    return make_quote(user, "Haste makes waste", context=f"[[say: {HURRY}]]", is_apply=True)


@pytest.fixture
def line(bob) -> Quote:
    quote = make_quote(bob, "Haste makes waste", language="en", is_apply=True)
    store_models_gloss(quote, HURRY, model="a-model")
    return Quote.objects.get(pk=quote.pk)


def save(client, line: Quote, gloss: str, **more):
    form = {"gloss": gloss, "seen_version": line.version, "seen_gloss": line.gloss, **more}
    return client.post(f"{LIST}{line.pk}/gloss/", form, follow=True)


def gloss_of(line: Quote) -> tuple[str, str, bool]:
    line.refresh_from_db()
    return line.gloss, line.gloss_by, line.gloss_reviewed_at is not None


def test_the_page_of_a_line_says_whose_words_its_meaning_is(as_reviewer, line):
    page = as_reviewer.get(f"{LIST}{line.pk}/change/").content.decode()
    for shown in (HURRY, "a-model", f"{LIST}{line.pk}/gloss/"):
        assert shown in page
    page = as_reviewer.get(f"{LIST}{line.pk}/gloss/").content.decode()
    assert "The model a-model has written the meaning. Nobody has reviewed it." in page


@pytest.mark.parametrize(
    ("gloss", "more", "expected"),
    [
        (HURRY, {}, (HURRY, "a-model", True)),
        ("  Who hurries\r\nfails ", {}, ("Who hurries fails", "", True)),
        ("", {}, ("", "", True)),
        (HURRY, {"again": "1"}, ("", "", False)),
    ],
)
def test_staff_confirm_write_remove_and_hand_back(as_reviewer, line, gloss, more, expected):
    response = save(as_reviewer, line, gloss, **more)
    assert messages_of(response) == [("success", "The meaning is stored.")]
    assert gloss_of(line) == expected
    assert line.version == 1
    assert LogEntry.objects.get().get_change_message() == "Changed meaning."


def test_what_was_not_seen_is_not_reviewed(as_reviewer, line):
    seen = Quote.objects.get(pk=line.pk)
    save(as_reviewer, line, "By another member of staff")
    response = save(as_reviewer, seen, "Too late")
    assert messages_of(response) == [
        ("error", "The line has changed since you saw it. Look at it again.")
    ]
    assert gloss_of(line)[0] == "By another member of staff"


@pytest.mark.parametrize("gloss", ["x" * 301, "a\x07b", "a\u202eb"])
def test_a_text_that_lines_may_not_have_is_refused(as_reviewer, line, gloss):
    assert save(as_reviewer, line, gloss).context["form"].errors["gloss"]
    assert gloss_of(line) == (HURRY, "a-model", False)


def test_it_needs_the_permission_to_change_lines(client, alice, staff, line):
    for user in (None, alice):
        if user:
            client.force_login(user)
        assert client.get(f"{LIST}{line.pk}/gloss/").status_code == 302
    client.force_login(staff)
    assert client.get(f"{LIST}{line.pk}/gloss/").status_code == 200
    assert client.get(f"{LIST}0/gloss/").status_code == 404
    staff.is_superuser = False
    staff.save()
    assert client.post(f"{LIST}{line.pk}/gloss/", {"gloss": "x"}).status_code == 403
    assert gloss_of(line) == (HURRY, "a-model", False)


def test_the_list_shows_those_that_nobody_has_reviewed(as_reviewer, line, bob):
    make_quote(bob, "Without a meaning", is_apply=True)
    confirmed = make_quote(bob, "Another", gloss="It means so", gloss_by="a-model", is_apply=True)
    save(as_reviewer, confirmed, "It means so")
    shown = as_reviewer.get(LIST, {"meaning": "unseen"}).context["cl"].result_list
    assert [quote.pk for quote in shown] == [line.pk]


# --- Jobs ---------------------------------------------------------------------------------------


def test_staff_let_a_job_ask_for_lines_that_have_none(as_reviewer, line, bob, upstream):
    without = said(bob)
    waiting = make_quote(bob, "In review")
    response = act(as_reviewer, "ask_meaning", line, without, waiting)
    job = StaffJob.objects.get()
    assert (job.kind, json.loads(bytes(job.payload))) == ("gloss", [without.pk])
    assert response.redirect_chain[-1][0] == PAGE.format(job.pk)
    runner.run(job.pk)
    assert gloss_of(without) == (HURRY, "fake", False)
    assert gloss_of(line)[1] == "a-model"
    job.refresh_from_db()
    assert (job.state, job.changed) == ("done", 1)
    page = as_reviewer.get(PAGE.format(job.pk)).content.decode()
    assert "The meaning of 1 line is stored." in page


def test_without_a_model_no_job_is_started(as_reviewer, line, settings):
    settings.OPENAI_BASE_URL = ""
    response = act(as_reviewer, "ask_meaning", line)
    assert messages_of(response) == [
        ("error", "There is no model to ask: the board answers alone.")
    ]
    assert not StaffJob.objects.exists()


def job_for(user, *lines: Quote) -> StaffJob:
    payload = json.dumps([line.pk for line in lines]).encode()
    return job_of(user, payload, kind="gloss", options={})


def test_a_job_whose_process_died_asks_for_the_rest(reviewer, bob, upstream):
    lines = [said(bob) for _ in range(3)]
    store_models_gloss(lines[0], HURRY, model="fake")
    job = job_for(reviewer, *lines)
    StaffJob.objects.update(changed=1)
    silent(job)
    runner.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.changed) == ("done", 3)
    assert job.report["text"] == "The meanings of 3 lines are stored."
    assert len(upstream.requests()) == 2


def test_a_job_tells_that_the_model_is_away_and_of_lines_without(reviewer, bob, upstream, settings):
    good, empty = said(bob), make_quote(bob, context="[[say: -]]", is_apply=True)
    job = job_for(reviewer, good, empty)
    runner.run(job.pk)
    job.refresh_from_db()
    assert job.report["text"] == (
        "The meaning of 1 line is stored. For 1 lines the model gave no text that can be stored."
    )
    settings.GLOSS_MODEL = "fake-401"
    job = job_for(reviewer, empty)
    runner.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.report["text"]) == (
        "failed",
        "The model cannot be asked (upstream_unauthorized). 0 meanings are stored.",
    )


def test_a_cancelled_job_stores_no_more(reviewer, bob, upstream):
    class Cancelled(runner.JobProgress):
        """Its user cancels it when the first answer has come."""

        def changed(self, count):
            StaffJob.objects.filter(pk=self.pk).update(cancel_requested=True)
            super().changed(count)

        def __init__(self, pk, token):
            super().__init__(pk, token)
            self.pk = pk

    quote = said(bob)
    job = job_for(reviewer, quote)
    runner.run(job.pk, progress_class=Cancelled)
    job.refresh_from_db()
    assert gloss_of(quote) == ("", "", False)
    assert job.changed == 0
