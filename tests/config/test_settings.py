"""What the environment may say, and that a wrong word stops the start with one clear line."""

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests import environment

ROOT: Path = settings.BASE_DIR
SECRET = "x9-Qw3-eR7-tY1-uI5-oP8-aS2-dF6-gH4-jK0-lZ3-xC7-vB1-nM5"
PRODUCTION = {"SECRET_KEY": SECRET, "ALLOWED_HOSTS": "daesa.example"}


@pytest.fixture
def start(monkeypatch, tmp_path):
    """Reads the settings as a start does, with these variables and no others."""
    for name in {*environment.SETTINGS, *environment.OWN.split()}:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))

    def read(**variables: str) -> dict[str, Any]:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "config" / "settings.py"))

    return read


def complaint(start, **variables: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        start(**variables)
    return str(stopped.value.code)


WRONG = [
    ("DEBUG", "maybe"),
    ("PORT", "0"),
    ("PORT", "65536"),
    ("PORT", "http"),
    ("PORT", ""),
    ("CSRF_TRUSTED_ORIGINS", "daesa.example"),
    ("CSRF_TRUSTED_ORIGINS", "https://daesa.example,https://other.example/path"),
    ("CORS_ALLOWED_ORIGINS", "*"),
    ("CORS_ALLOWED_ORIGINS", "https://"),
    ("TRUSTED_PROXY_COUNT", "-1"),
    ("METRICS_ALLOWED", "localhost"),
    ("METRICS_ALLOWED", "10.0.0.0/8,10.0.0.1/8"),
    ("WEB_CONCURRENCY", "0"),
    ("WEB_CONCURRENCY", "2"),
    ("TIME_ZONE", "Asia/Soul"),
    ("LOG_LEVEL", "LOUD"),
    ("LOG_FORMAT", "xml"),
    ("DATABASE_URL", "daesa.sqlite3"),
    ("DATABASE_URL", "mysql://localhost/daesa"),
    ("DATABASE_URL", "oracle://localhost/daesa"),
    ("DATABASE_URL", "nonsense://localhost/daesa"),
    ("DATABASE_URL", "postgres://localhost:port/daesa"),
    ("REDIS_URL", "127.0.0.1:6379"),
    ("REDIS_URL", "http://127.0.0.1:6379"),
    ("OPENAI_BASE_URL", "localhost:11434/v1"),
    ("OPENAI_BASE_URL", "http://"),
    ("MAX_TOKENS_LIMIT", "0"),
    ("CONTEXT_TOKENS", "10"),
    ("DEFAULT_TEMPERATURE", "2.1"),
    ("DEFAULT_TEMPERATURE", "warm"),
    ("DEFAULT_MAX_TOKENS", "4097"),
    ("UPSTREAM_CONNECT_TIMEOUT", "0"),
    ("UPSTREAM_FIRST_BYTE_TIMEOUT", "-1"),
    ("UPSTREAM_CHUNK_TIMEOUT", "soon"),
    ("DAILY_CHAT_LIMIT", "-1"),
    ("DAILY_CHAT_LIMIT", "5.5"),
    ("MAX_STREAMS_PER_USER", "0"),
    ("MAX_STREAMS_PER_PROCESS", "0"),
    ("FALLBACK_TO_BOARD", "perhaps"),
    ("QUOTE_POLICY", "ignore"),
    ("EMBEDDING_LEAST", "2"),
    ("EMAIL_URL", "mail.example"),
    ("EMAIL_URL", "carrier-pigeon://roof"),
    ("EMAIL_URL", "smtp://mail.example:port"),
    ("EMAIL_VERIFICATION", "sometimes"),
    ("REVIEW_EMAILS", "often"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_stops_the_start_with_one_line_that_names_it(start, name, value):
    told = complaint(start, **{"DEBUG": "true", name: value})
    assert told.startswith(f'daesa: Environment variable "{name}"')
    assert "\n" not in told
    assert len(told) < 200


def test_mails_of_reviews_need_a_mail_server(start):
    told = complaint(start, DEBUG="true", REVIEW_EMAILS="true")
    assert told == 'daesa: Environment variable "REVIEW_EMAILS" needs "EMAIL_URL"'


def test_a_wrong_size_of_the_pool(start):
    told = complaint(start, DEBUG="true", DATABASE_URL="postgres://db/daesa", DATABASE_POOL="0")
    assert told.startswith('daesa: Environment variable "DATABASE_POOL" invalid')


def test_a_data_directory_that_cannot_be(start, tmp_path):
    (tmp_path / "file").touch()
    told = complaint(start, DEBUG="true", DATA_DIR=str(tmp_path / "file" / "var"))
    assert told == f"daesa: [Errno 20] Not a directory: '{tmp_path}/file/var'"


def test_a_password_is_not_told(start):
    for url in ("mysql://me:hidden@db/daesa", "nonsense://me:hidden@db/daesa"):
        assert "hidden" not in complaint(start, DEBUG="true", DATABASE_URL=url)
    assert "hidden" not in complaint(start, DEBUG="true", EMAIL_URL="pigeon://me:hidden@roof")
    assert "hidden" not in complaint(start, DEBUG="true", REDIS_URL="http://:hidden@redis")


@pytest.mark.parametrize(
    "secret", [None, "", "short", "a" * 60, "abcd" * 15, "change-me-" + SECRET, SECRET[:49]]
)
def test_production_needs_a_secret_of_its_own(start, secret):
    given = {} if secret is None else {"SECRET_KEY": secret}
    told = complaint(start, **given)
    assert told.startswith('daesa: Environment variable "SECRET_KEY"')
    assert not secret or secret not in told


def test_development_makes_its_secret_once(start, tmp_path):
    first = start(DEBUG="true")["SECRET_KEY"]
    assert len(first) >= 50
    assert start(DEBUG="true")["SECRET_KEY"] == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_production(start):
    read = start(**PRODUCTION)
    assert read["DEBUG"] is False
    assert read["LOG_FORMAT"] == "json"
    assert read["SESSION_COOKIE_SECURE"] is read["CSRF_COOKIE_SECURE"] is True
    assert read["SECURE_SSL_REDIRECT"] is True
    assert "SECURE_PROXY_SSL_HEADER" not in read
    assert "SECURE_PROXY_SSL_HEADER" in start(TRUSTED_PROXY_COUNT="1")


def test_without_a_key_the_board_answers(start):
    read = start(DEBUG="true")
    assert (read["DEFAULT_MODEL"], read["CHAT_MODELS"]) == ("board", ["board"])
    assert read["OPENAI_BASE_URL"] == ""


def test_a_key_alone_means_openai(start):
    read = start(DEBUG="true", OPENAI_API_KEY="sk-1")
    assert read["OPENAI_BASE_URL"] == "https://api.openai.com/v1"
    assert read["CHAT_MODELS"] == ["gpt-4o-mini"]


def test_the_default_model_is_always_offered(start):
    read = start(
        DEBUG="true",
        OPENAI_BASE_URL="http://127.0.0.1:11434/v1/",
        DEFAULT_MODEL="b",
        CHAT_MODELS="a,c",
    )
    assert read["CHAT_MODELS"] == ["b", "a", "c"]
    assert read["OPENAI_BASE_URL"] == "http://127.0.0.1:11434/v1"


def test_data_lies_below_the_project_or_where_it_is_said(start):
    assert start(DEBUG="true", DATA_DIR="var/check")["DATA_DIR"] == ROOT / "var" / "check"
    home = start(DEBUG="true", DATA_DIR="~")
    assert home["DATA_DIR"] == Path.home()


def test_services_take_over_by_their_urls_alone(start):
    read = start(
        DEBUG="true",
        DATABASE_URL="postgres://me:pw@db:5433/daesa?sslmode=require",
        DATABASE_POOL="7",
        REDIS_URL="redis://cache/3",
        WEB_CONCURRENCY="4",
    )
    database = read["DATABASES"]["default"]
    assert database["ENGINE"] == "config.postgresql"
    assert (database["HOST"], database["PORT"]) == ("db", 5433)
    assert database["OPTIONS"] == {"sslmode": "require", "POOL_SIZE": 7, "POOL_PATIENCE": 30.0}
    assert read["CACHES"]["default"] == {
        "BACKEND": "config.cache.ForgivingRedisCache",
        "LOCATION": "redis://cache/3",
    }
    assert read["WEB_CONCURRENCY"] == 4


def test_mail(start):
    read = start(
        DEBUG="true",
        EMAIL_URL="submission://me%40x:pw@mail.example:587?_default_from_email=daesa@x.example",
    )
    assert (read["EMAIL_HOST"], read["EMAIL_PORT"], read["EMAIL_USE_TLS"]) == (
        "mail.example",
        587,
        True,
    )
    assert read["DEFAULT_FROM_EMAIL"] == "daesa@x.example"


def test_a_dotenv_file_is_read_and_the_environment_wins(start, tmp_path):
    (tmp_path / "own.env").write_text("DEBUG=true\nDAILY_CHAT_LIMIT=7\nPORT=9000\n")
    read = start(DAESA_DOTENV=str(tmp_path / "own.env"), PORT="9001")
    assert (read["DAILY_CHAT_LIMIT"], read["PORT"]) == (7, 9001)


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DAESA_DOTENV": "", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_line_is_all_that_a_start_says(tmp_path):
    done = manage("check", DATA_DIR=str(tmp_path), DEBUG="true", TIME_ZONE="Mars")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        'daesa: Environment variable "TIME_ZONE" invalid: '
        "['Must be the name of a time zone, such as Asia/Seoul.']\n"
    )


def test_a_deployment_has_no_warning(tmp_path):
    done = manage("check", "--deploy", "--fail-level=WARNING", DATA_DIR=str(tmp_path), **PRODUCTION)
    assert (done.returncode, done.stderr) == (0, "")
