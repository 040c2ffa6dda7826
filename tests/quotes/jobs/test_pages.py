"""The admin pages of jobs: progress, report, cancelling, and who may see them."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from quotes.jobs import runner
from quotes.jobs.runner import start_job
from quotes.models import StaffJob
from tests.factories import make_user
from tests.quotes.jobs.stored_jobs import PAGE, job_of, lines, silent


def test_the_page_of_a_running_job_reloads_without_a_script(loader, as_loader):
    job = job_of(loader, state="running", phase="compare", done=20, total=1000)
    response = as_loader.get(PAGE.format(job.pk))
    text = response.content.decode()
    assert response["Refresh"] == "2"
    assert "comparing with the board: 20 of 1000" in text
    assert '<progress value="20" max="1000">' in text
    for inline in ("<script>", "onclick", "<style", "style="):
        assert inline not in text.partition('<div id="content"')[2]
    StaffJob.objects.update(state="done", finished_at=timezone.now())
    response = as_loader.get(PAGE.format(job.pk))
    assert "Refresh" not in response
    assert 'value="Cancel"' not in response.content.decode()


def test_staff_see_their_own_jobs_and_superusers_all(loader, as_loader, staff, alice):
    mine, other = job_of(loader), job_of(staff)
    assert as_loader.get(PAGE.format(mine.pk)).status_code == 200
    assert as_loader.get(PAGE.format(other.pk)).status_code == 404
    assert as_loader.post(f"/admin/quotes/staffjob/{other.pk}/cancel/").status_code == 403
    assert set(as_loader.get("/admin/quotes/staffjob/").context["cl"].result_list) == {mine}
    other.refresh_from_db()
    assert not other.cancel_requested
    client = Client()
    client.force_login(staff)
    assert client.get(PAGE.format(mine.pk)).status_code == 200
    client.force_login(make_user("clerk", is_staff=True))
    assert client.get(PAGE.format(mine.pk)).status_code == 403
    assert client.get("/admin/quotes/staffjob/").status_code == 403
    assert as_loader.post(PAGE.format(mine.pk), {"state": "done"}).status_code == 403
    assert as_loader.get(f"/admin/quotes/staffjob/{mine.pk}/cancel/").status_code == 405


def test_a_second_file_while_the_first_is_loaded_is_refused(loader, as_loader):
    job_of(loader, lines(3))
    response = as_loader.post(
        "/admin/quotes/quote/import/", {"file": SimpleUploadedFile("a.jsonl", lines(3))}
    )
    assert "Your last job is not finished." in response.content.decode()
    assert StaffJob.objects.count() == 1


def test_the_page_cancels(loader, as_loader):
    job = job_of(loader, lines(3))
    response = as_loader.post(f"/admin/quotes/staffjob/{job.pk}/cancel/")
    assert response["Location"] == PAGE.format(job.pk)
    assert "after the current batch" in as_loader.get(response["Location"]).content.decode()
    runner.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.changed) == ("cancelled", 0)


def test_a_lost_job_is_cancelled_at_once(loader, as_loader):
    job = job_of(loader, lines(3))
    silent(job)
    as_loader.post(f"/admin/quotes/staffjob/{job.pk}/cancel/")
    job.refresh_from_db()
    assert (job.state, bytes(job.payload)) == ("cancelled", b"")
    start_job(kind="delete", started_by=loader, payload=b"[]")
