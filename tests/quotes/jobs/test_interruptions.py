"""Jobs of staff: what remains of them when a process dies, fails or is told to cancel."""

import pytest
from django.db import OperationalError

from chat.turns import recover
from config.batches import ROWS
from quotes.jobs import runner
from quotes.jobs.runner import JobProgress, LostJob
from quotes.models import Quote, StaffJob
from quotes.progress import Phase
from tests.quotes.jobs.stored_jobs import PAGE, job_of, lines, silent, wait_until_finished


class Killed(BaseException):
    """Ends a process: no product code catches it."""


@pytest.mark.parametrize("batches", [0, 1, 2])
def test_after_a_kill_another_process_continues_and_counts_all(loader, batches):
    job = job_of(loader, lines(ROWS * 3))
    done: list[int] = []

    class Dying(JobProgress):
        def changed(self, count):
            if len(done) == batches:
                raise Killed
            super().changed(count)
            done.append(count)

    with pytest.raises(Killed):
        runner.run(job.pk, progress_class=Dying)
    assert Quote.objects.count() == batches * ROWS  # the current batch is rolled back
    assert runner.take_up() == 0  # its heartbeat is recent
    silent(job)
    runner.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.changed, job.attempts) == ("done", ROWS * 3, 2)
    assert job.report["text"].startswith(f"{ROWS * 3} lines were added and wait for review.")
    assert Quote.objects.count() == ROWS * 3


def test_the_first_process_stops_when_another_has_resumed_its_job(loader):
    """The process was only slow, or its heartbeats were not stored. Nothing is done twice."""
    job = job_of(loader, lines(ROWS * 2))

    class Slow(JobProgress):
        def changed(self, count):
            StaffJob.objects.filter(pk=job.pk).update(runner="the other")
            super().changed(count)

    runner.run(job.pk, progress_class=Slow)
    job.refresh_from_db()
    # The other's claim was made in the same transaction and is rolled back with it; the job goes
    # on.
    assert (job.state, job.changed) == ("running", 0)
    assert not Quote.objects.exists()


def test_a_lost_job_is_distinguished_from_a_cancelled_one(loader):
    job = job_of(loader, state="running", runner="me")
    watch = JobProgress(job.pk, "me")
    watch.step(Phase.CHECK, 1, 2)
    StaffJob.objects.update(cancel_requested=True)
    with pytest.raises(runner.JobCancelled):
        watch.changed(1)
    StaffJob.objects.update(runner="other")
    with pytest.raises(LostJob):
        watch.changed(1)


@pytest.mark.django_db(transaction=True)
def test_a_sweep_resumes_lost_jobs(loader):
    job = job_of(loader, lines(3))
    silent(job)
    recover.sweep(is_steady=lambda: True)
    wait_until_finished()
    job.refresh_from_db()
    assert (job.state, job.changed) == ("done", 3)


def test_a_database_failure_leaves_the_job_to_be_resumed(loader):
    job = job_of(loader, lines(3))

    class Away(JobProgress):
        def changed(self, count):
            raise OperationalError("server closed the connection")

    runner.run(job.pk, progress_class=Away)
    job.refresh_from_db()
    assert (job.state, job.is_finished) == ("running", False)
    silent(job)
    runner.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.changed) == ("done", 3)


def test_a_job_that_always_kills_its_process_is_given_up(loader):
    job = job_of(loader, lines(3), attempts=runner.MAX_ATTEMPTS)
    runner.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.report["level"]) == ("failed", "error")
    assert "several failed attempts" in job.report["text"]
    assert not Quote.objects.exists()


def test_an_internal_failure_is_logged_and_reported_without_its_cause(loader, caplog):
    job = job_of(loader, lines(3))

    class Failing(JobProgress):
        def changed(self, count):
            raise RuntimeError("the secret cause")

    runner.run(job.pk, progress_class=Failing)
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.report["text"] == "The server failed. The failure has been logged."
    assert "the secret cause" in caplog.text


def test_cancelling_keeps_finished_batches_and_reports_them(loader, as_loader):
    job = job_of(loader, lines(ROWS * 3))

    class Cancelled(JobProgress):
        """Its user cancels it after each batch."""

        def changed(self, count):
            super().changed(count)
            StaffJob.objects.filter(pk=job.pk).update(cancel_requested=True)

    runner.run(job.pk, progress_class=Cancelled)
    job.refresh_from_db()
    assert (job.state, job.changed) == ("cancelled", ROWS)
    assert Quote.objects.count() == ROWS
    text = f"Cancelled. {ROWS} lines were changed before."
    assert text in as_loader.get(PAGE.format(job.pk)).content.decode()
