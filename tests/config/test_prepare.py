"""`manage.py prepare` prepares a start; running it again changes nothing."""

import io
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from quotes.models import Quote
from tests.live import ROOT, environment


def prepare() -> str:
    output = io.StringIO()
    call_command("prepare", stdout=output)
    return output.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_second_start_changes_nothing(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    first = prepare()
    count = Quote.objects.applied().count()
    assert count > 100
    assert first == f"Seed quotes: added {count}, known 0, bad 0\n"
    assert prepare() == f"Seed quotes: added 0, known {count}, bad 0\n"
    assert Quote.objects.count() == count


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("given", "is_collected"), [("", True), ("elsewhere", False)])
def test_static_files_of_an_image_are_not_collected_again(settings, tmp_path, given, is_collected):
    settings.DEBUG, settings.STATIC_DIR, settings.STATIC_ROOT = False, given, tmp_path
    prepare()
    assert any(tmp_path.iterdir()) == is_collected


def test_a_database_that_is_away_is_one_line(tmp_path):
    away = "postgres://daesa@127.0.0.1:1/daesa"
    env = environment(DATA_DIR=str(tmp_path), DEBUG="true", DATABASE_URL=away)
    command = [sys.executable, "manage.py", "prepare"]
    stopped = subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    [line] = stopped.stderr.splitlines()
    assert line.startswith("CommandError: The database does not answer: connection to server at")
    assert stopped.returncode == 1


# --- A database that is not what its migrations say ---------------------------------------------

RECORD = "INSERT INTO django_migrations (app, name, applied) VALUES ('{}', '{}', '2030-01-01')"
FORGET = "DELETE FROM django_migrations WHERE app = '{}' AND name >= '{}'"
BEGIN = "The database is not what its migrations say: "
RESTORE = "Restore a backup, and see Upgrades in docs/deployment.md"


NEWER = (
    "The database has migrations of a newer release (quotes.0999_of_tomorrow). Run that release, "
    "or restore a backup from before its upgrade"
)
UNRECORDED = f"there already, and no migration that made it is recorded. {RESTORE}"
ORDER = (
    "Migration accounts.0003_pending_joins_and_kept_stamps is applied before its dependency "
    "accounts.0002_review_emails on database 'default'."
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            'ALTER TABLE accounts_user DROP COLUMN "kept_stamps"',
            f"{BEGIN}the column accounts_user.kept_stamps is missing. {RESTORE}",
        ),
        ("DROP TABLE quotes_meaning", f"{BEGIN}the table quotes_meaning is missing. {RESTORE}"),
        (RECORD.format("quotes", "0999_of_tomorrow"), NEWER),
        (
            FORGET.format("quotes", "0005"),
            f"{BEGIN}the table quotes_lineofday and 5 more are {UNRECORDED}",
        ),
        (
            FORGET.format("chat", "0011"),
            f"{BEGIN}the table chat_attachment and 21 more are {UNRECORDED}",
        ),
        ("DELETE FROM django_migrations WHERE name = '0002_review_emails'", ORDER),
    ],
)
def test_tables_of_another_release_are_one_line(change, said):
    with connection.cursor() as cursor:
        cursor.execute(change)
    with pytest.raises(CommandError) as stopped:
        prepare()
    assert str(stopped.value) == said


@pytest.mark.django_db
def test_a_missing_column_is_not_a_database_that_does_not_answer(as_alice, caplog):
    with connection.cursor() as cursor:
        cursor.execute('ALTER TABLE quotes_quote DROP COLUMN "context"')
    response = as_alice.get("/quote")
    assert (response.status_code, response.json()["code"]) == (500, "internal")
    assert [
        record.getMessage() for record in caplog.records if record.name.startswith("config")
    ] == ["database refused a statement"]
