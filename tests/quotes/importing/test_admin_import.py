"""Importing a file in the admin."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from quotes.importing import job
from quotes.jobs import runner
from quotes.jobs.runner import JobFailed
from quotes.models import Quote, StaffJob
from quotes.progress import Progress
from tests.factories import make_quote, make_user

PATH = "/admin/quotes/quote/import/"
READ = " The file was read as UTF-8, JSON lines."
GOOD = '{"content": "The rest is silence", "speaker": "Hamlet"}\n{"content": "To be"}\n'


def send(client: Client, content: str | bytes, name: str = "lines.jsonl", **form: str):
    """The resulting page: the form again, or the page of the finished job."""
    data = content if isinstance(content, bytes) else content.encode()
    response = client.post(PATH, {"file": SimpleUploadedFile(name, data), **form})
    if response.status_code != 302:
        return response
    runner.run(StaffJob.objects.latest("pk").pk)
    return client.get(response["Location"])


def messages_of(response) -> list[tuple[str, str]]:
    report = response.context["job"].report
    return [(report["level"], report["text"])]


def test_needs_the_permission_to_add(client, staff):
    clerk = make_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_quote"))
    client.force_login(clerk)
    assert client.get(PATH).status_code == 403
    assert send(client, GOOD).status_code == 403
    assert PATH not in client.get("/admin/quotes/quote/").content.decode()
    client.force_login(staff)
    assert PATH in client.get("/admin/quotes/quote/").content.decode()


def test_asks_for_a_file_and_checks_only_by_default(as_loader):
    page = as_loader.get(PATH).content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert '<input type="checkbox" name="check_only" id="id_check_only" checked>' in page
    assert "<script>" not in page


def test_checking_only_changes_nothing(as_loader):
    response = send(as_loader, GOOD, check_only="on")
    assert messages_of(response) == [
        ("info", f"2 lines would be added; nothing has changed.{READ}")
    ]
    assert not Quote.objects.exists()


def test_the_lines_belong_to_the_loader_and_need_another_reviewer(as_loader, loader):
    response = send(as_loader, GOOD)
    assert messages_of(response) == [("success", f"2 lines were added and wait for review.{READ}")]
    assert {(q.user, q.state.value) for q in Quote.objects.all()} == {(loader, "pending")}
    assert messages_of(send(as_loader, GOOD)) == [
        ("success", f"0 lines were added and wait for review.{READ}")
    ]
    assert as_loader.get("/admin/quotes/quote/queue/")["Location"] == "/admin/quotes/quote/"


def test_takes_csv(as_loader):
    send(as_loader, "\ufeffcontent,speaker\r\n'=1+1,Hamlet\r\n", name="lines.CSV")
    assert [(q.content, q.speaker) for q in Quote.objects.all()] == [("=1+1", "Hamlet")]


def test_reports_every_kind_of_finding(as_loader, bob):
    known = make_quote(bob, "To be", is_apply=True)
    near = make_quote(bob, "All the world is a stage", is_apply=True)
    rows = (
        GOOD + '{"content": "the rest is silence!"}\n{"content": "All the world is but a stage"}\n'
    )
    response = send(as_loader, rows + "<b>\n", skip_bad="on")
    kinds = [
        [(found["line"], found["quote"], found["other"]) for found in kind["findings"]]
        for kind in response.context["job"].report["tables"]
    ]
    assert kinds == [
        [(5, None, None)],
        [(3, None, 1)],
        [(2, known.pk, None)],
        [(4, near.pk, None)],
    ]
    assert f'href="/admin/quotes/quote/{near.pk}/change/"' in response.content.decode()
    assert messages_of(response) == [("success", f"2 lines were added and wait for review.{READ}")]


def test_a_bad_row_prevents_the_import(as_loader):
    response = send(as_loader, GOOD + '{"content": "<script>", "language": "<i>"}\n')
    assert messages_of(response) == [
        ("error", f"Nothing was loaded, because some rows are bad.{READ}")
    ]
    page = response.content.decode()
    assert "Not a language tag such as ko or en-GB." in page
    assert not Quote.objects.exists()


BROKEN = "content;Speeker\n“죽는 날까지” 하늘을 우러러;윤동주\n;\n한 점;부끄럼;없기를\n"


def test_reports_and_fills_like_the_command(as_loader, loader):
    """First with a misspelt column, then mended, each time in the encoding of Korean Excel."""
    response = send(as_loader, BROKEN.encode("cp949"), "lines.csv", skip_bad="on")
    read = " The file was read as cp949 (EUC-KR), CSV with semicolons."
    assert messages_of(response) == [("success", f"1 line was added and waits for review.{read}")]
    report = response.context["job"].report
    assert [(kind["title"], kind["count"]) for kind in report["tables"]] == [
        ("Bad rows", 1),
        ("Passed over, or taken as blank", 2),
    ]
    page = response.content.decode()
    assert "did you mean “speaker”?" in page
    assert "“없기를” is in no column of the header." in page
    mended = BROKEN.replace("Speeker", "Speaker").encode("cp949")
    would = send(as_loader, mended, "lines.csv", skip_bad="on", check_only="on")
    assert messages_of(would)[0][1].startswith(
        "0 lines would be added; nothing has changed. "
        "1 line would get what it lacks and wait for review."
    )
    assert Quote.objects.get().speaker == ""
    done = send(as_loader, mended, "lines.csv", skip_bad="on")
    assert messages_of(done)[0][1].startswith(
        "0 lines were added and wait for review. 1 line got what it lacked and waits for review."
    )
    quote = Quote.objects.get()
    assert (quote.speaker, quote.version, quote.user) == ("윤동주", 2, loader)


def test_reports_in_korean(as_loader):
    response = as_loader.post(
        PATH,
        {"file": SimpleUploadedFile("lines.csv", BROKEN.encode()), "check_only": "on"},
        headers={"Accept-Language": "ko"},
    )
    runner.run(StaffJob.objects.latest("pk").pk)
    report = as_loader.get(response["Location"]).context["job"].report
    assert "세미콜론" in report["text"]
    texts = [kind["title"] for kind in report["tables"]]
    texts += [found["detail"] for kind in report["tables"] for found in kind["findings"]]
    assert all(re.search("[가-힣]", text.replace("없기를", "")) for text in texts)


@pytest.mark.parametrize(
    ("content", "name", "complaint"),
    [
        (GOOD, "lines.xlsx", "The name must end in"),
        (b"content\n\xc7\xcf\xff\n", "lines.csv", "byte 11 (row 2) is not cp949"),
        ("speaker\nHamlet\n", "lines.csv", "the header has no column"),
        (b"", "lines.csv", "The submitted file is empty."),
        (b" " * 1_000_001, "lines.jsonl", "The file is larger than 1 MB."),
    ],
)
def test_refuses_unreadable_files(as_loader, content, name, complaint):
    assert complaint in send(as_loader, content, name).content.decode()
    assert not Quote.objects.exists()


def test_refuses_more_lines_than_a_job_takes(staff):
    options = {"is_csv": False, "check_only": False, "skip_bad": False}
    big = StaffJob(kind="import", started_by=staff, payload=GOOD.encode(), options=options)
    with pytest.raises(JobFailed, match="more than 1 lines"):
        job.import_file(big, Progress(), max_lines=1)
    assert not Quote.objects.exists()
