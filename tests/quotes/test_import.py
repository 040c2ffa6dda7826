"""Loading a file in the administration."""

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from quotes import imports
from quotes.models import Quote
from tests.factories import make_quote, make_user

PATH = "/admin/quotes/quote/import/"
GOOD = '{"content": "The rest is silence", "speaker": "Hamlet"}\n{"content": "To be"}\n'


@pytest.fixture
def loader(db):
    user = make_user("loader", is_staff=True)
    for name in ("view_quote", "add_quote", "change_quote"):
        user.user_permissions.add(Permission.objects.get(codename=name))
    return user


@pytest.fixture
def as_loader(client, loader) -> Client:
    client.force_login(loader)
    return client


def send(client: Client, content: str | bytes, name: str = "lines.jsonl", **form: str):
    data = content if isinstance(content, bytes) else content.encode()
    return client.post(PATH, {"file": SimpleUploadedFile(name, data), **form})


def told(response) -> list[tuple[str, str]]:
    return [(message.level_tag, str(message)) for message in response.context["messages"]]


def test_needs_the_permission_to_add(client, staff):
    clerk = make_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_quote"))
    client.force_login(clerk)
    assert client.get(PATH).status_code == 403
    assert send(client, GOOD).status_code == 403
    assert PATH not in client.get("/admin/quotes/quote/").content.decode()
    client.force_login(staff)
    assert PATH in client.get("/admin/quotes/quote/").content.decode()


def test_asks_for_a_file_and_looks_before_it_loads(as_loader):
    page = as_loader.get(PATH).content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert '<input type="checkbox" name="check_only" id="id_check_only" checked>' in page
    assert "<script>" not in page


def test_a_look_changes_nothing(as_loader):
    response = send(as_loader, GOOD, check_only="on")
    assert told(response) == [("info", "2 lines would be added; nothing has changed.")]
    assert not Quote.objects.exists()


def test_the_lines_are_the_loaders_and_wait_for_somebody_elses_review(as_loader, loader):
    response = send(as_loader, GOOD)
    assert told(response) == [("success", "2 lines were added and wait for review.")]
    assert {(q.user, q.state.value) for q in Quote.objects.all()} == {(loader, "pending")}
    assert told(send(as_loader, GOOD)) == [("success", "0 lines were added and wait for review.")]
    assert as_loader.get("/admin/quotes/quote/queue/")["Location"] == "/admin/quotes/quote/"


def test_takes_csv(as_loader):
    send(as_loader, "\ufeffcontent,speaker\r\n'=1+1,Hamlet\r\n", name="lines.CSV")
    assert [(q.content, q.speaker) for q in Quote.objects.all()] == [("=1+1", "Hamlet")]


def test_reports_every_kind(as_loader, bob):
    known = make_quote(bob, "To be", is_apply=True)
    near = make_quote(bob, "All the world is a stage", is_apply=True)
    rows = (
        GOOD + '{"content": "the rest is silence!"}\n{"content": "All the world is but a stage"}\n'
    )
    response = send(as_loader, rows + "<b>\n", skip_bad="on")
    kinds = [
        [(found.line, found.quote, found.other) for found in kind["findings"]]
        for kind in response.context["report"]
    ]
    assert kinds == [
        [(5, None, None)],
        [(3, None, 1)],
        [(2, known.pk, None)],
        [(4, near.pk, None)],
    ]
    assert f'href="/admin/quotes/quote/{near.pk}/change/"' in response.content.decode()
    assert told(response) == [("success", "2 lines were added and wait for review.")]


def test_a_bad_row_keeps_everything_out(as_loader):
    response = send(as_loader, GOOD + '{"content": "<script>", "language": "<i>"}\n')
    assert told(response) == [("error", "Nothing was loaded, for some rows are bad.")]
    page = response.content.decode()
    assert "Not a language tag such as ko or en-GB." in page
    assert not Quote.objects.exists()


@pytest.mark.parametrize(
    ("content", "name", "complaint"),
    [
        (GOOD, "lines.xlsx", "The name must end in"),
        ("하늘".encode("cp949"), "lines.csv", "The file is not in UTF-8."),
        ("speaker\nHamlet\n", "lines.csv", "the header has no column"),
        (b"", "lines.csv", "The submitted file is empty."),
        (b" " * 1_000_001, "lines.jsonl", "The file is larger than 1 MB."),
    ],
)
def test_refuses_what_is_no_stock(as_loader, content, name, complaint):
    assert complaint in send(as_loader, content, name).content.decode()
    assert not Quote.objects.exists()


def test_refuses_more_lines_than_a_caller_can_wait_for(as_loader, monkeypatch):
    monkeypatch.setattr(imports, "MOST_LINES", 1)
    assert "more than 1 lines" in send(as_loader, GOOD).content.decode()
    assert not Quote.objects.exists()
