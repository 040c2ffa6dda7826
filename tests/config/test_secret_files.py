"""NAME_FILE in place of NAME, for each secret setting."""

import ast
import re
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import User
from config import secret_files
from tests.architecture.test_environment import names_in_settings
from tests.config.conftest import SECRET, complaint

# What signs, opens or identifies, URLs with a password in them, and a long text for a variable.
SECRET_NAME = re.compile(
    r"(KEY|KEYS|FALLBACKS|SECRET|TOKEN|PASSWORD|DSN|DATABASE_URL|REDIS_URL|MAIL_URL|UPSTREAMS)$"
)
PROVIDER = {"KAKAO_CLIENT_ID": "id"}


def names_read_as_secrets() -> set[str]:
    source = (settings.BASE_DIR / "config" / "settings.py").read_text(encoding="utf-8")
    return {
        str(ast.literal_eval(call.args[0]))
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "secret"
    }


def test_every_secret_may_come_from_a_file():
    secrets = set(filter(SECRET_NAME.search, names_in_settings()))
    assert len(secrets) >= 13
    assert names_read_as_secrets() == secrets


def test_every_secret_is_named_in_the_documents():
    example = (settings.BASE_DIR / ".env.example").read_text("utf-8").split("--- The server")[0]
    table = (settings.BASE_DIR / "docs" / "configuration.md").read_text("utf-8").split("## ")[0]
    for name in names_read_as_secrets():
        written = "CLIENT_SECRET" if name.endswith("_CLIENT_SECRET") else name
        assert written in example
        assert written in table


def file_with(directory: Path, content: bytes) -> str:
    path = directory / "secret"
    path.write_bytes(content)
    return str(path)


def test_a_secret_of_a_file(start, tmp_path):
    path = file_with(tmp_path, f"\n {SECRET}\r\n".encode())
    read = start(SECRET_KEY_FILE=path)
    assert read["SECRET_KEY"] == SECRET
    assert read["DEBUG"] is False


@pytest.mark.parametrize(
    ("name", "content", "setting", "value"),
    [
        ("OPENAI_API_KEY", b"sk-1\n", "OPENAI_API_KEY", "sk-1"),
        ("OPENAI_API_KEY", b"sk-1\n", "OPENAI_BASE_URL", "https://api.openai.com/v1"),
        ("METRICS_TOKEN", b"token\n", "METRICS_TOKEN", "token"),
        ("REDIS_URL", b"redis://:pw@cache/3\n", "REDIS_URL", "redis://:pw@cache/3"),
        ("EMAIL_URL", b"submission://me:pw@mail.example:587", "EMAIL_HOST_PASSWORD", "pw"),
        ("SECRET_KEY_FALLBACKS", b"a, b\n", "SECRET_KEY_FALLBACKS", ["a", "b"]),
    ],
)
def test_other_secrets_of_files(start, tmp_path, name, content, setting, value):
    path = file_with(tmp_path, content)
    assert start(DEBUG="true", **{f"{name}_FILE": path})[setting] == value


def test_more_secrets_of_files(start, tmp_path):
    url = file_with(tmp_path, b"postgres://me:pw@db/daesa\n")
    assert start(DEBUG="true", DATABASE_URL_FILE=url)["DATABASES"]["default"]["PASSWORD"] == "pw"
    key = file_with(tmp_path, f"2026-11:{SECRET}\n".encode())
    # `url` is the same file, which must not be read as a database any more.
    read = start(DEBUG="true", DATABASE_URL_FILE="", JWT_SIGNING_KEYS_FILE=key)
    assert read["JWT_SIGNING_KEYS"] == [("2026-11", SECRET)]
    secret = file_with(tmp_path, b"hidden\n")
    read = start(JWT_SIGNING_KEYS_FILE="", **PROVIDER, KAKAO_CLIENT_SECRET_FILE=secret)
    [app] = read["SOCIALACCOUNT_PROVIDERS"]["kakao"]["APPS"]
    assert app["secret"] == "hidden"


def test_an_empty_variable_counts_as_not_set(start, tmp_path):
    path = file_with(tmp_path, b"sk-1")
    assert (
        start(DEBUG="true", OPENAI_API_KEY="", OPENAI_API_KEY_FILE=path)["OPENAI_API_KEY"] == "sk-1"
    )
    assert start(OPENAI_API_KEY="sk-2", OPENAI_API_KEY_FILE="")["OPENAI_API_KEY"] == "sk-2"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"sk-\xff", "is not UTF-8 text"),
        (b"sk-\0hidden", "holds a NUL"),
        (b"x" * (secret_files.MAX_BYTES + 1), "has more than 65536 bytes"),
    ],
)
def test_a_file_without_a_usable_secret(start, tmp_path, content, why):
    path = file_with(tmp_path, content)
    message = complaint(start, DEBUG="true", OPENAI_API_KEY_FILE=path)
    assert message == (
        f'daesa: Environment variable "OPENAI_API_KEY_FILE" names a file that {why}: {path}'
    )


def test_a_file_that_cannot_be_read(start, tmp_path):
    for path, why in (
        (tmp_path / "none", "No such file or directory"),
        (tmp_path, "Is a directory"),
    ):
        message = complaint(start, DEBUG="true", SECRET_KEY_FILE=str(path))
        assert message == (
            'daesa: Environment variable "SECRET_KEY_FILE" names a file that cannot be read: '
            f"{why}: {path}"
        )


def test_secrets_and_their_files_may_be_named_in_dotenv(start, tmp_path):
    path = file_with(tmp_path, SECRET.encode())
    (tmp_path / "own.env").write_text(f"SECRET_KEY_FILE={path}\nMETRICS_TOKEN=token\n")
    read = start(DAESA_DOTENV=str(tmp_path / "own.env"))
    assert (read["SECRET_KEY"], read["METRICS_TOKEN"]) == (SECRET, "token")
    message = complaint(start, DAESA_DOTENV=str(tmp_path / "own.env"), SECRET_KEY=SECRET)
    assert message.endswith('"SECRET_KEY" and "SECRET_KEY_FILE" are both set')


def test_both_at_once(start, tmp_path):
    path = file_with(tmp_path, b"sk-1")
    message = complaint(start, DEBUG="true", OPENAI_API_KEY="sk-2", OPENAI_API_KEY_FILE=path)
    assert message == (
        'daesa: Environment variables "OPENAI_API_KEY" and "OPENAI_API_KEY_FILE" are both set'
    )


def test_a_secret_of_a_file_is_checked_and_not_printed(start, tmp_path):
    weak = "hidden" * 3
    message = complaint(start, SECRET_KEY_FILE=file_with(tmp_path, weak.encode()))
    assert message.startswith('daesa: Environment variable "SECRET_KEY" must be')
    assert weak not in message


def test_the_first_admin_takes_a_password_of_a_file(db, monkeypatch, tmp_path):
    monkeypatch.setenv("ADMIN_EMAIL", "admin@example.com")
    monkeypatch.setenv("ADMIN_PASSWORD_FILE", file_with(tmp_path, b"a long pass phrase\n"))
    call_command("create_admin", stdout=StringIO())
    assert User.objects.get(email="admin@example.com").check_password("a long pass phrase")
    monkeypatch.setenv("ADMIN_EMAIL", "other@example.com")
    monkeypatch.setenv("ADMIN_PASSWORD_FILE", str(tmp_path / "none"))
    with pytest.raises(CommandError, match="ADMIN_PASSWORD_FILE"):
        call_command("create_admin", stdout=StringIO())
