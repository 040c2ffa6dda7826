"""The program that reads files may hang, crash or be busy: an upload is refused, and no more."""

from threading import Lock

import pytest

from chat.attachments import conversion
from tests.chat.attachments.samples import picture, send, sent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]


def test_a_conversion_that_hangs(as_alice, monkeypatch, tmp_path):
    program = tmp_path / "hang.py"
    program.write_text("import time\ntime.sleep(60)")
    monkeypatch.setattr(conversion, "_PROGRAM", program)
    monkeypatch.setattr(conversion, "_SECONDS", 0.5)
    response = send(as_alice, picture())
    assert response.json()["code"] == "attachment_too_much_work"


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("import os\nos.kill(os.getpid(), 11)", "attachment_too_much_work"),
        ("raise SystemExit(3)", "attachment_unreadable"),
        ("print('no json')", "attachment_too_much_work"),
    ],
)
def test_a_conversion_that_crashes(as_alice, monkeypatch, tmp_path, program, code):
    file = tmp_path / "crash.py"
    file.write_text(program)
    monkeypatch.setattr(conversion, "_PROGRAM", file)
    assert send(as_alice, picture()).json()["code"] == code


def test_the_conversion_gets_no_secret(as_alice, monkeypatch, tmp_path):
    """Not even by its environment."""
    program = tmp_path / "show.py"
    program.write_text(
        "import json, os\n"
        "print(json.dumps({'kind': 'text', 'type': 'text/plain'}))\n"
        "print(sorted(set(os.environ) - {'LC_CTYPE'}))"
    )
    monkeypatch.setattr(conversion, "_PROGRAM", program)
    key = sent(as_alice, picture())["id"]
    assert as_alice.get(f"/attachments/{key}/content").content.strip() == b"[]"


def test_uploads_of_one_user_wait_for_each_other(as_alice, as_bob, alice, monkeypatch):
    """And those of another for none of them."""
    monkeypatch.setattr(conversion, "_WAIT", 0.01)
    lock = conversion._of_users.setdefault(alice.pk, Lock())
    with lock:
        assert send(as_alice, picture()).json()["code"] == "conversion_busy"
        assert send(as_bob, picture()).status_code == 201
    assert send(as_alice, picture()).status_code == 201


def test_nothing_is_kept_of_users(as_alice, alice):
    sent(as_alice, picture())
    assert alice.pk not in conversion._of_users


def test_too_many_at_once(as_alice, monkeypatch):
    monkeypatch.setattr(conversion, "_WAIT", 0.01)
    free = conversion._running
    held = 0
    while free.acquire(blocking=False):
        held += 1
    try:
        response = send(as_alice, picture())
    finally:
        free.release(held)
    assert (response.status_code, response.json()["code"]) == (503, "conversion_busy")
    assert "Retry-After" in response
