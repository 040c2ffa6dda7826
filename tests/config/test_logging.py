"""Log lines: one JSON object each in production, readable ones in development, without users'
texts or personal data.
"""

import io
import json
import logging.config
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError
from rest_framework.test import APIClient

from accounts.models import User
from config.log_format import formatters
from quotes.models import Quote
from tests.factories import PASSWORD
from tests.raw_requests import send_raw

ROOT: Path = settings.BASE_DIR
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+09:00")  # TIME_ZONE is Seoul


@pytest.fixture(params=["json", "text"])
def log(request):
    """The lines that the formatter of that name writes during the test."""
    handler = logging.StreamHandler(StringIO())
    chosen = logging.config.DictConfigurator(settings.LOGGING)
    formatter = dict(settings.LOGGING["formatters"][request.param])
    handler.setFormatter(chosen.configure_formatter(formatter))
    for name in settings.LOGGING["handlers"]["console"]["filters"]:
        handler.addFilter(chosen.configure_filter(dict(settings.LOGGING["filters"][name])))
    handler.form = request.param  # type: ignore[attr-defined]
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def lines(log) -> list[str]:
    return log.stream.getvalue().splitlines()


def test_a_line(log):
    logging.getLogger("chat.turns.generate").warning("turn %s", "done", extra={"reply": 7})
    [line] = lines(log)
    if log.form == "json":
        entry = json.loads(line)
        assert TIME.fullmatch(entry.pop("time"))
        assert entry == {
            "level": "WARNING",
            "logger": "chat.turns.generate",
            "message": "turn done",
            "request_id": "-",
            "reply": 7,
        }
    else:
        time, _, rest = line.partition(" ")
        assert TIME.fullmatch(time)
        assert rest == "WARNING chat.turns.generate [-] turn done"


def test_text_with_line_ends_stays_one_json_line(log):
    logging.getLogger("x").error('a "quoted"\nforged line\r\n대사')
    if log.form == "json":
        [line] = lines(log)
        assert json.loads(line)["message"] == 'a "quoted"\nforged line\r\n대사'


@pytest.mark.urls("tests.config.api.routes")
def test_a_crash_is_logged_once_with_its_cause_and_the_request_id(log):
    client = APIClient()
    client.get("/test/raise/crash", headers={"X-Request-ID": "abc-123"})
    text = log.stream.getvalue()
    assert text.count("the secret cause") == 1
    assert text.count("abc-123") == 1
    if log.form == "json":
        [line] = lines(log)
        entry = json.loads(line)
        assert entry["request_id"] == "abc-123"
        assert "RuntimeError: the secret cause" in entry["exc_info"]


@pytest.mark.urls("tests.config.api.routes")
def test_a_crash_outside_of_the_api_is_logged_once_too(log):
    client = APIClient(raise_request_exception=False)
    client.get("/test/crash")
    assert log.stream.getvalue().count("Traceback") == 1


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    ("zone", "time"),
    [
        ("Asia/Seoul", "2026-03-01T09:00:00.250+09:00"),
        ("UTC", "2026-03-01T00:00:00.250+00:00"),
        ("America/St_Johns", "2026-02-28T20:30:00.250-03:30"),
    ],
)
def test_gunicorn_and_django_write_the_same_time(form, zone, time):
    """Whatever the machine's time zone is."""
    record = logging.makeLogRecord({"created": 1772323200.25, "name": "x", "request_id": "-"})
    for also in ("", "request_id"):
        chosen = logging.config.DictConfigurator({})
        formatter = chosen.configure_formatter(formatters(zone=zone, also=also)[form])
        line = formatter.format(record)
        assert (json.loads(line)["time"] if form == "json" else line.split()[0]) == time


@pytest.mark.urls("tests.config.api.routes")
def test_the_query_string_of_a_crash_is_not_logged(log):
    client = APIClient(raise_request_exception=False)
    client.get("/test/crash?q=private+words")
    client.get("/test/raise/crash?q=private+words")
    assert log.stream.getvalue().count("RuntimeError: the secret cause") == 2
    assert "private" not in log.stream.getvalue()


REFUSED = [
    ("DisallowedHost", {"Host": "private.example"}, "/"),
    ("RequestDataTooBig", {}, "/admin/login/"),
]


@pytest.mark.parametrize(("kind", "headers", "path"), REFUSED)
def test_a_refused_request_is_one_line_without_a_cause(log, settings, kind, headers, path):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    form = "application/x-www-form-urlencoded"
    send_raw(APIClient(), "POST", path, b"private=1&private=2", form, **headers)
    [line] = lines(log)
    assert f"refused: {kind}" in line
    assert "WARNING" in line
    assert "private" not in line
    assert "Traceback" not in line


def test_a_missing_csrf_token_is_one_line_with_the_reason(log):
    client = APIClient(enforce_csrf_checks=True)
    headers = {"Origin": "https://private.example"}
    client.post("/admin/login/?private=1", headers=headers)
    [line] = lines(log)
    assert "refused: csrf, Origin checking failed" in line
    assert "private" not in line


def test_a_client_that_disconnects_while_sending(log, alice):
    class Leaving(io.BytesIO):
        def read(self, *_arguments):
            raise ConnectionResetError(104, "private")

    client = APIClient()
    client.force_login(alice)
    log.stream.seek(log.stream.truncate(0))  # the sign-in is logged
    for path in ("/chat", "/quote", "/_allauth/browser/v1/auth/login"):
        left: dict[str, Any] = {"wsgi.input": Leaving()}
        answer = client.generic("POST", path, "{}", "application/json", **left)
        assert answer.status_code == 400
    assert lines(log) == []


def test_a_refused_request_is_no_news(log, anonymous):
    for path in ("/chat", "/nowhere", "/conversations/1"):
        anonymous.get(path)
    anonymous.post("/accounts/login", "{", content_type="application/json")
    assert log.stream.getvalue() == ""


@pytest.mark.parametrize("words", ["private words"])  # not in the code that a traceback shows
@pytest.mark.parametrize("kind", ["constraint", "check"])
def test_what_the_database_quotes_of_a_row_is_kept_out(log, alice, kind, words):
    """PostgreSQL's errors quote the row that failed, which may have a user's text or address."""
    try:
        if kind == "constraint":
            User.objects.create(email=alice.email.upper(), nickname=words)
        else:
            Quote.objects.create(user=alice, content=words, is_apply=True)
    except IntegrityError:
        logging.getLogger("config.api.problems").exception("database refused a statement")
    text = log.stream.getvalue()
    assert "IntegrityError: " in text
    assert words not in text
    assert alice.email not in text.lower()


PEOPLE = re.compile(r"someone|example\.com|correct horse|한 줄|Bearer|eyJ", re.IGNORECASE)


def test_a_day_in_a_life_leaves_nothing_of_a_person(log, db, settings):
    settings.OPENAI_BASE_URL, settings.DEFAULT_MODEL, settings.CHAT_MODELS = "", "board", ["board"]
    client = APIClient(REMOTE_ADDR="203.0.113.77")
    person = {"email": "someone@example.com", "password": PASSWORD}
    client.post("/accounts/join", person)
    client.post("/accounts/login", {**person, "password": "wrong"})
    access = client.post("/accounts/login", person).json()["access"]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    assert client.post("/chat", {"content": "한 줄?"}).status_code == 201
    assert client.post("/quote", {"content": "한 줄"}).status_code == 201
    client.get("/chat?q=한 줄")
    client.delete("/accounts/profile", {"password": PASSWORD})
    text = log.stream.getvalue()
    assert "turn done" in text  # the server did start
    assert not PEOPLE.search(text.encode().decode("unicode_escape") if "\\u" in text else text)
    assert "203.0.113.77" not in text


def test_the_process_itself_writes_so_in_production(tmp_path):
    code = "import django, logging; django.setup(); logging.getLogger('x').warning('hello')"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DAESA_DOTENV": "",
            "DATA_DIR": str(tmp_path),
            "SECRET_KEY": "x9-Qw3-eR7-tY1-uI5-oP8-aS2-dF6-gH4-jK0-lZ3-xC7-vB1-nM5",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stderr)["message"] == "hello"
