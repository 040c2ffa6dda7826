"""Jobs of staff: they run outside of requests, exactly once, and resume after a process dies."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from config.batches import ROWS
from quotes.jobs import runner
from quotes.jobs.runner import JobProgress, JobUnfinished, start_job
from quotes.models import Quote, StaffJob
from tests.concurrently import at_once
from tests.quotes.jobs.stored_jobs import IMPORT, job_of, lines, silent, wait_until_finished


def test_a_job_stores_its_progress_and_a_report(loader):
    job = job_of(loader, lines(250))
    steps = []

    class Noting(JobProgress):
        def step(self, phase, done, total):
            super().step(phase, done, total)
            steps.append((phase, done, total))

    runner.run(job.pk, progress_class=Noting)
    job.refresh_from_db()
    assert (job.state, job.changed, bytes(job.payload)) == ("done", 250, b"")
    assert job.report["level"] == "success"
    assert job.report["text"].startswith("250 lines were added and wait for review. The file")
    assert job.finished_at
    assert ("add", 2 * ROWS, 250) in steps
    assert list(dict.fromkeys(phase for phase, *_ in steps)) == ["check", "compare", "add"]


def test_one_unfinished_job_for_each_user(loader, staff):
    first = start_job(kind="import", started_by=loader, payload=b"", options=IMPORT)
    with pytest.raises(JobUnfinished):
        start_job(kind="delete", started_by=loader, payload=b"[]")
    start_job(kind="delete", started_by=staff, payload=b"[]")
    runner.run(first.pk)
    start_job(kind="delete", started_by=loader, payload=b"[]")


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_start_one_job(loader):
    def click() -> str:
        try:
            start_job(kind="import", started_by=loader, payload=lines(3), options=IMPORT)
        except JobUnfinished:
            return "busy"
        return "started"

    assert sorted(at_once(click, click)) == ["busy", "started"]
    wait_until_finished()
    assert Quote.objects.count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("silence", [False, True], ids=["new", "left behind"])
def test_concurrent_processes_run_it_once(loader, silence):
    job = job_of(loader, lines(ROWS * 3 + 7))
    if silence:
        silent(job)
    at_once(*[partial(runner.run, job.pk)] * 4)
    job.refresh_from_db()
    assert (job.state, job.changed, job.attempts) == ("done", ROWS * 3 + 7, 1)
    assert Quote.objects.count() == ROWS * 3 + 7


def test_old_jobs_are_deleted(loader):
    old = job_of(loader, state="done", finished_at=timezone.now() - runner.KEPT)
    young = job_of(loader, state="done", finished_at=timezone.now())
    StaffJob.objects.filter(pk=old.pk).update(
        finished_at=timezone.now() - runner.KEPT - timedelta(days=1)
    )
    start_job(kind="delete", started_by=loader, payload=b"[]")
    assert not StaffJob.objects.filter(pk=old.pk).exists()
    assert StaffJob.objects.filter(pk=young.pk).exists()
