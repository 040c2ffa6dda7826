"""Deleting many lines in the admin, as a job."""

from django.test import Client

from config.batches import ROWS
from quotes.deleting.job import payload_of
from quotes.jobs import runner
from quotes.jobs.runner import JobProgress
from quotes.models import Quote, QuoteLike, Review, StaffJob
from tests.factories import make_quote
from tests.quotes.jobs.stored_jobs import PAGE, job_of

LIST = "/admin/quotes/quote/"


def delete(client: Client, quotes, **more):
    form = {"action": "delete_selected", "index": 0, "_selected_action": [q.pk for q in quotes]}
    return client.post(LIST, form | more)


def test_deleting_asks_for_confirmation_with_the_number(as_loader, alice):
    quotes = [make_quote(alice, f"Line <{n}>") for n in range(3)]
    page = delete(as_loader, quotes[:2])
    text = page.content.decode()
    assert "2 lines will be deleted, with their history and their likes." in text
    assert "Line &lt;0&gt;" in text
    assert '<input type="hidden" name="count" value="2">' in text
    assert Quote.objects.count() == 3
    assert not StaffJob.objects.exists()


def test_deletes_the_confirmed_lines_and_no_later_ones(as_loader, alice, bob):
    quotes = [make_quote(alice) for _ in range(ROWS + 5)]
    QuoteLike.objects.create(quote=quotes[0], user=bob)
    Review.objects.create(quote=quotes[1], from_state="pending", to_state="pending", version=1)
    response = delete(as_loader, quotes[:1], select_across=1, count=ROWS + 5)
    job = StaffJob.objects.get()
    assert response["Location"] == PAGE.format(job.pk)
    later = make_quote(alice)
    quotes[-1].delete()
    runner.run(job.pk)
    job.refresh_from_db()
    assert list(Quote.objects.all()) == [later]
    assert not Review.objects.exists()
    assert (job.state, job.changed) == ("done", ROWS + 4)
    assert job.report["text"] == f"{ROWS + 4} lines are deleted. The others were no longer there."


def test_asks_again_when_the_number_has_changed(as_loader, alice):
    quotes = [make_quote(alice) for _ in range(3)]
    response = delete(as_loader, quotes[:1], select_across=1, count=2)
    assert "3 lines will be deleted" in response.content.decode()
    assert not StaffJob.objects.exists()


def test_deleting_needs_the_permission(as_reviewer, alice):
    quote = make_quote(alice)
    delete(as_reviewer, [quote], count=1)
    assert not StaffJob.objects.exists()
    assert Quote.objects.exists()


def test_a_batch_deletes_a_limited_number_of_lines(loader, alice):
    keys = [make_quote(alice).pk for _ in range(ROWS * 2 + 1)]
    job = job_of(loader, payload_of(keys), kind="delete")
    counts = []

    class Counting(JobProgress):
        def changed(self, count):
            counts.append(count)
            super().changed(count)

    runner.run(job.pk, progress_class=Counting)
    assert counts == [ROWS, ROWS, 1]
    assert not Quote.objects.exists()
