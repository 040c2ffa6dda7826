"""`manage.py prepare`: all that a start needs, and nothing twice."""

import os
import sqlite3
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from quotes.models import Quote
from quotes.stock import BOARD_EMAIL, DEMO

ROOT: Path = settings.BASE_DIR
TOTAL = len(DEMO.read_text(encoding="utf-8").splitlines())


@pytest.mark.django_db
def test_the_board_has_its_first_lines(anonymous):
    out = StringIO()
    call_command("prepare", stdout=out)
    assert Quote.objects.applied().count() == TOTAL
    owners = {quote.user for quote in Quote.objects.select_related("user")}
    assert [owner.email for owner in owners] == [BOARD_EMAIL]
    for password in ("", "!", "daesa"):
        response = anonymous.post("/accounts/login", {"email": BOARD_EMAIL, "password": password})
        assert response.status_code in {400, 401}
    assert (
        anonymous.post(
            "/accounts/join", {"email": BOARD_EMAIL, "password": "correct horse battery"}
        ).status_code
        == 400
    )


@pytest.mark.django_db
def test_a_second_time_changes_nothing():
    call_command("prepare", stdout=StringIO())
    before = list(Quote.objects.order_by("pk").values())
    call_command("prepare", stdout=StringIO())
    assert list(Quote.objects.order_by("pk").values()) == before


def prepare(directory: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "prepare"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DAESA_DOTENV": "",
            "DATA_DIR": str(directory),
            "SECRET_KEY": "x9-Qw3-eR7-tY1-uI5-oP8-aS2-dF6-gH4-jK0-lZ3-xC7-vB1-nM5",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_on_a_fresh_machine_in_production(tmp_path):
    done = prepare(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    with sqlite3.connect(tmp_path / "daesa.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM quotes_quote").fetchone() == (TOTAL,)
    database.close()
    assert (tmp_path / "static" / "staticfiles.json").exists()


def test_without_its_database_it_says_so(tmp_path):
    done = prepare(tmp_path, DATABASE_URL="postgres://me:hidden@127.0.0.1:1/daesa")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "hidden" not in done.stderr
    assert "the database does not answer" in done.stderr.lower()
