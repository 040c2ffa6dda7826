"""Taking one's data along: what is in it, who gets it, and what happens when it fails."""

import io
import json
import secrets
import zipfile
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import trail
from accounts.export import job, sections
from accounts.export.archive import PART_SIZE
from accounts.export.own import ROWS_PER_QUERY
from accounts.models import DataExport, DataExportPart, User
from chat.attachments.files import delete as delete_content
from chat.attachments.models import Attachment
from chat.history.archive import CHATS_PER_QUERY
from chat.models import Chat, Citation, Conversation, MarkReport, Reply, Status
from quotes.models import QuoteLike
from tests.chat.asking import ask, make_chat
from tests.chat.attachments.samples import picture, sent
from tests.factories import PASSWORD, make_quote

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/accounts/export"
FILE = "/accounts/export/file"


@pytest.fixture
def hers(alice, bob) -> Conversation:
    """A conversation with two branches and a cited answer, a line in review, and a like."""
    conversation = Conversation.objects.create(user=alice, title="Hamlet: to be / or not")
    first = Chat.objects.create(user=alice, conversation=conversation, content="Who?")
    for text in ("One", "Two"):
        Chat.objects.create(user=alice, conversation=conversation, content=text, parent=first)
    line = make_quote(bob, "To be, or not to be", is_apply=True, applied_at=timezone.now())
    reply = Reply.objects.create(
        user=alice, chat=first, status=Status.DONE, content="“To be, or not to be”", model="board"
    )
    Chat.objects.filter(pk=first.pk).update(chat_reply=reply)
    citation = Citation.objects.create(
        reply=reply, quote=line, text="To be, or not to be", start=1, end=20, verdict="verbatim"
    )
    MarkReport.objects.create(user=alice, citation=citation, before="“", reason="line", note="No")
    make_quote(alice, "A line of alice's")
    make_quote(bob, "A line of bob's")
    QuoteLike.objects.create(quote=line, user=alice)
    return conversation


def collect(client) -> zipfile.ZipFile:
    response = client.post(URL, {"password": PASSWORD})
    assert response.status_code == 202
    found = client.get(FILE)
    assert found.status_code == 200
    data = b"".join(found.streaming_content)
    assert found["Content-Length"] == str(len(data))
    return zipfile.ZipFile(io.BytesIO(data))


def test_all_that_is_hers(alice, as_alice, hers):
    found = collect(as_alice)
    assert found.testzip() is None
    assert set(found.namelist()) == {
        "README.txt",
        "profile.json",
        "ways-to-sign-in.json",
        "sessions.json",
        "activity.json",
        "conversations.json",
        f"conversations/{hers.pk} Hamlet to be or not.md",
        "reported-marks.json",
        "lines.json",
        "likes.json",
    }
    data = {
        name: json.loads(found.read(name)) for name in found.namelist() if name.endswith(".json")
    }
    assert data["profile.json"]["email"] == alice.email
    assert data["ways-to-sign-in.json"]["password"] is True
    assert [line["content"] for line in data["lines.json"]] == ["A line of alice's"]
    assert [like["quote__content"] for like in data["likes.json"]] == ["To be, or not to be"]
    assert [event["kind"] for event in data["activity.json"]] == ["data_exported"]
    [report] = data["reported-marks.json"]
    assert [report[name] for name in ("before", "citation__text", "reason", "note")] == [
        *("“", "To be, or not to be", "line", "No")
    ]
    [conversation] = data["conversations.json"]["conversations"]
    first, one, two = conversation["chats"]
    assert (one["parent"], two["parent"]) == (first["id"], first["id"])
    assert first["replies"][0]["citations"][0]["verdict"] == "verbatim"
    assert first["shown_reply"] == first["replies"][0]["id"]
    document = found.read(f"conversations/{hers.pk} Hamlet to be or not.md").decode()
    assert "word for word" in document


def test_files_of_questions(alice, as_alice, upstream, settings):
    settings.VISION_MODELS = ["fake"]
    kept, lost = (sent(as_alice, picture(size=(10, side)), "붉은.png") for side in (10, 20))
    ask(as_alice, "What is this?", attachments=[kept["id"], lost["id"]])
    sent(as_alice, b"of no question")
    delete_content(Attachment.objects.get(pk=lost["id"]).key)
    found = collect(as_alice)
    [conversation] = json.loads(found.read("conversations.json"))["conversations"]
    names = [f"files/{one['id']} 붉은.png" for one in (kept, lost)]
    assert conversation["chats"][0]["files"] == names
    assert found.read(names[0]).startswith(b"\x89PNG")
    files = [name for name in found.namelist() if name.startswith("files/")]
    assert files == [names[0], f"{names[1]}.missing.txt"]


def test_who_has_answered(alice, as_alice):
    told = {"server": "openai", "served_as": "gpt-4o-mini"}
    make_chat(alice, reply=told)
    make_chat(alice)
    conversations = json.loads(collect(as_alice).read("conversations.json"))["conversations"]
    [first], [second] = (one["chats"][0]["replies"] for one in conversations)
    assert {name: first[name] for name in told} == told
    assert {name: second[name] for name in told} == dict.fromkeys(told, "")


def test_nothing_secret_is_in_it(alice, as_alice, client):
    client.force_login(alice)
    found = collect(as_alice)
    whole = b"".join(found.read(name) for name in found.namelist())
    session = client.session.session_key
    for secret in (alice.password, session, alice.token_stamp()):
        assert secret.encode() not in whole


def test_an_empty_account(as_alice):
    found = collect(as_alice)
    assert json.loads(found.read("conversations.json"))["conversations"] == []
    assert json.loads(found.read("lines.json")) == []


def test_more_rows_than_one_query_reads(alice, as_alice):
    titles = [f"Number {number}" for number in range(CHATS_PER_QUERY + 1)]
    Conversation.objects.bulk_create(Conversation(user=alice, title=title) for title in titles)
    last = Conversation.objects.latest("pk")
    many = 2 * CHATS_PER_QUERY + 1
    Chat.objects.bulk_create(
        Chat(user=alice, conversation=last, content=f"Question {number}") for number in range(many)
    )
    for number in range(2 * ROWS_PER_QUERY + 1):
        trail.record(alice, trail.Kind.TOKEN_MADE, reason=str(number))
    found = collect(as_alice)
    conversations = json.loads(found.read("conversations.json"))["conversations"]
    assert [one["title"] for one in conversations] == titles
    contents = [one["content"] for one in conversations[-1]["chats"]]
    assert contents == [f"Question {number}" for number in range(many)]
    reasons = [one["reason"] for one in json.loads(found.read("activity.json"))]
    assert reasons[:-1] == [str(number) for number in range(2 * ROWS_PER_QUERY + 1)]


def test_it_is_stored_in_parts(as_alice, alice):
    incompressible = secrets.token_hex(3 * PART_SIZE)
    Conversation.objects.create(user=alice, system_prompt=incompressible)
    found = collect(as_alice)
    assert found.testzip() is None
    numbers = DataExportPart.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(len(numbers)))
    assert len(numbers) > 3


def test_the_mail_names_the_page(alice, as_alice):
    collect(as_alice)
    [message] = mail.outbox
    assert message.to == [alice.email]
    assert "http://testserver/settings/data" in message.body


def test_a_person_without_an_address_gets_no_mail(alice, as_alice):
    User.objects.filter(pk=alice.pk).update(email=None)
    collect(as_alice)
    assert mail.outbox == []


# --- Who ----------------------------------------------------------------------------------------


def test_nobody_gets_anothers(as_alice, as_bob, hers):
    collect(as_alice)
    assert as_bob.get(FILE).status_code == 404
    assert as_bob.get(URL).json()["state"] == "none"
    assert as_bob.delete(URL).status_code == 204
    assert as_alice.get(FILE).status_code == 200


def test_a_token_needs_the_password(as_alice):
    assert as_alice.post(URL, {}).json()["errors"][0]["field"] == "password"
    response = as_alice.post(URL, {"password": "wrong"})
    assert (response.status_code, DataExport.objects.count()) == (400, 0)


def session_of(user, *, seconds_ago: int) -> Client:
    """A session whose sign-in was so long ago."""
    client = Client()
    body = {"email": user.email, "password": PASSWORD}
    client.post("/_allauth/browser/v1/auth/login", body, content_type="application/json")
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= seconds_ago
    session.save()
    return client


@pytest.mark.parametrize(("seconds", "status"), [(0, 202), (599, 202), (601, 403)])
def test_a_session_has_to_be_fresh(alice, seconds, status):
    client = session_of(alice, seconds_ago=seconds)
    response = client.post(URL, {}, content_type="application/json")
    assert response.status_code == status
    if status == 403:
        assert response.json()["code"] == "fresh_sign_in_required"


@pytest.mark.parametrize(("seconds", "status"), [(0, 204), (601, 403)])
def test_leaving_without_a_password(alice, seconds, status):
    client = session_of(alice, seconds_ago=seconds)
    response = client.delete("/accounts/profile", {}, content_type="application/json")
    assert response.status_code == status
    assert User.objects.filter(pk=alice.pk).exists() == (status == 403)


# --- How it ends --------------------------------------------------------------------------------


def states(client) -> tuple[str, str]:
    body = client.get(URL).json()
    return body["state"], body["error_code"]


def test_while_one_is_running_there_is_no_other(alice, as_alice):
    DataExport.objects.create(user=alice)
    again = as_alice.post(URL, {"password": PASSWORD})
    assert (again.status_code, again.json()["code"]) == (409, "export_running")
    assert states(as_alice) == ("running", "")
    assert as_alice.get(FILE).status_code == 404


def test_one_whose_server_died_has_failed(alice, as_alice):
    DataExport.objects.create(user=alice)
    DataExport.objects.update(heartbeat_at=timezone.now() - job.LOST_AFTER - timedelta(seconds=1))
    assert states(as_alice) == ("failed", "interrupted")
    assert as_alice.post(URL, {"password": PASSWORD}).status_code == 202


def test_a_failure(alice, as_alice, monkeypatch, caplog):
    def broken(_user):
        yield "a.txt", [b"x"]
        raise OSError("a disk")

    monkeypatch.setattr(sections, "_sections", [broken])
    as_alice.post(URL, {"password": PASSWORD})
    assert states(as_alice) == ("failed", "server_error")
    assert "background work failed" in caplog.messages


def test_too_much(alice, as_alice, settings):
    settings.EXPORT_MAX_SIZE = 100
    as_alice.post(URL, {"password": PASSWORD})
    assert states(as_alice) == ("failed", "too_large")


def test_one_that_is_deleted_while_it_is_made_leaves_nothing(alice, as_alice, monkeypatch):
    def deleting(_user):
        yield "a.txt", [secrets.token_bytes(2 * PART_SIZE)]
        job.delete(alice)
        yield "b.txt", [secrets.token_bytes(2 * PART_SIZE)]

    monkeypatch.setattr(sections, "_sections", [deleting])
    as_alice.post(URL, {"password": PASSWORD})
    assert states(as_alice) == ("none", "")
    assert not DataExportPart.objects.exists()


def test_it_expires(alice, as_alice):
    collect(as_alice)
    DataExport.objects.update(expires_at=timezone.now())
    assert as_alice.get(FILE).status_code == 404
    assert states(as_alice) == ("none", "")


def test_the_sweep_deletes_expired_ones(alice, as_alice):
    collect(as_alice)
    job.delete_expired()
    assert DataExport.objects.exists()
    DataExport.objects.update(expires_at=timezone.now())
    job.delete_expired()
    assert not DataExportPart.objects.exists()


def test_five_a_day(alice, as_alice):
    codes = [as_alice.post(URL, {"password": PASSWORD}).status_code for _ in range(6)]
    assert codes == [202] * 5 + [429]


def test_it_is_on_the_trail(alice, as_alice):
    collect(as_alice)
    assert trail.of(alice).get().kind == "data_exported"
