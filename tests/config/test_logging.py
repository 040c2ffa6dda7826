"""Log lines: one JSON object each in production, readable ones in development; ids and codes, and
nothing that people wrote or are.
"""

import json
import logging.config
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError
from rest_framework.test import APIClient

from accounts.models import User
from quotes.models import Quote
from tests.factories import PASSWORD

ROOT: Path = settings.BASE_DIR


@pytest.fixture(params=["json", "text"])
def log(request):
    """What the formatter of that name writes on everything that is logged during the test."""
    handler = logging.StreamHandler(StringIO())
    chosen = logging.config.DictConfigurator(settings.LOGGING)
    formatter = dict(settings.LOGGING["formatters"][request.param])
    handler.setFormatter(chosen.configure_formatter(formatter))
    for name in settings.LOGGING["handlers"]["console"]["filters"]:
        handler.addFilter(chosen.configure_filter(dict(settings.LOGGING["filters"][name])))
    handler.form = request.param
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def lines(log) -> list[str]:
    return log.stream.getvalue().splitlines()


def test_a_line(log):
    logging.getLogger("chat.generation").warning("turn %s", "done", extra={"reply": 7})
    [line] = lines(log)
    if log.form == "json":
        entry = json.loads(line)
        assert re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d.*", entry.pop("time"))
        assert entry == {
            "level": "WARNING",
            "logger": "chat.generation",
            "message": "turn done",
            "request_id": "-",
            "reply": 7,
        }
    else:
        assert line.endswith("WARNING chat.generation [-] turn done")


def test_text_with_line_ends_stays_one_json_line(log):
    logging.getLogger("x").error('a "quoted"\nforged line\r\n대사')
    if log.form == "json":
        [line] = lines(log)
        assert json.loads(line)["message"] == 'a "quoted"\nforged line\r\n대사'


@pytest.mark.urls("tests.config.api.routes")
def test_a_crash_is_told_once_with_its_cause_and_the_request(log):
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
def test_a_crash_outside_of_the_api_is_told_once_too(log):
    client = APIClient(raise_request_exception=False)
    client.get("/test/crash")
    assert log.stream.getvalue().count("Traceback") == 1


def test_a_refused_request_is_no_news(log, anonymous):
    for path in ("/chat", "/nowhere", "/quote/1"):
        anonymous.get(path)
    anonymous.post("/accounts/login", "{", content_type="application/json")
    assert log.stream.getvalue() == ""


@pytest.mark.parametrize("words", ["private words"])  # not in the code that a traceback shows
@pytest.mark.parametrize("kind", ["constraint", "check"])
def test_what_the_database_quotes_of_a_row_is_kept_out(log, alice, kind, words):
    """PostgreSQL's errors carry the row that failed: somebody's words or address."""
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
    assert "turn done" in text  # it did listen
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
