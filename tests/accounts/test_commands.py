import os
import pty
import select
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts.models import PendingJoin, RevokedToken, TokenFamily, User
from accounts.tokens import Refresh
from config.batches import ROWS
from tests.factories import PASSWORD
from tests.live import ROOT

EMAIL = "Root@Example.com"
UNDER_A_TERMINAL = """
import django
django.setup()
from django.core.management import call_command
from django.db import connections
connections.settings["default"]["NAME"] = {database!r}
call_command("create_admin")
"""


@pytest.fixture(autouse=True)
def _nothing_is_named(monkeypatch):
    monkeypatch.delenv("ADMIN_EMAIL", raising=False)
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)


def create_admin():
    out = StringIO()
    call_command("create_admin", stdout=out)
    return out.getvalue()


def test_from_the_environment(db, monkeypatch, client):
    monkeypatch.setenv("ADMIN_EMAIL", EMAIL)
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    assert create_admin() == (
        "root@example.com is created.\nroot@example.com may sign in at /admin/.\n"
    )
    root = User.objects.get()
    assert (root.is_staff, root.is_superuser) == (True, True)
    assert EmailAddress.objects.get().verified
    assert client.login(email="root@example.com", password=PASSWORD)


def test_generates_a_password_without_a_terminal(db, monkeypatch):
    monkeypatch.setenv("ADMIN_EMAIL", EMAIL)
    first, *_rest = create_admin().splitlines()
    password = first.removeprefix("Password, shown only now: ")
    assert len(password) == 16
    assert User.objects.get().check_password(password)
    assert create_admin() == "root@example.com may sign in at /admin/.\n"
    assert User.objects.get().check_password(password)


@pytest.mark.django_db(transaction=True)
def test_asks_at_a_terminal():
    """It does not show the password that is typed."""
    code = UNDER_A_TERMINAL.format(database=str(connection.settings_dict["NAME"]))
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    person, terminal = pty.openpty()
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", code],
        env=env,
        cwd=ROOT,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    ):
        os.close(terminal)
        shown = read_until(person, b"Email address: ")
        os.write(person, f"{EMAIL}\n".encode())
        shown += read_until(person, b"generate one): ")
        os.write(person, f"{PASSWORD}\n".encode())
        shown += read_until(person, b"may sign in at /admin/.")
    os.close(person)
    assert PASSWORD.encode() not in shown
    assert User.objects.get(email="root@example.com").check_password(PASSWORD)


def read_until(terminal: int, end: bytes) -> bytes:
    """What is shown until then. The program may show more."""
    shown = b""
    while end not in shown:
        assert select.select([terminal], [], [], 30)[0], shown
        shown += os.read(terminal, 1024)
    return shown


def test_promotes_an_existing_user(alice, monkeypatch):
    monkeypatch.setenv("ADMIN_EMAIL", alice.email)
    monkeypatch.setenv("ADMIN_PASSWORD", "staple of paper")
    create_admin()
    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser) == (True, True)
    assert alice.check_password(PASSWORD)


@pytest.mark.parametrize(("email", "password"), [("", PASSWORD), ("x", PASSWORD), (EMAIL, "short")])
def test_refuses(db, monkeypatch, email, password):
    monkeypatch.setenv("ADMIN_EMAIL", email)
    monkeypatch.setenv("ADMIN_PASSWORD", password)
    with pytest.raises(CommandError):
        create_admin()
    assert not User.objects.exists()


def test_flush_tokens_keeps_what_still_counts(alice):
    now = timezone.now()
    RevokedToken.objects.create(jti="old", expires_at=now - timedelta(seconds=61))
    RevokedToken.objects.create(jti="new", expires_at=now - timedelta(seconds=30))
    PendingJoin.objects.create(email="late@example.com", created_at=now - timedelta(days=4))
    PendingJoin.objects.create(email="dora@example.com")
    with time_machine.travel(now - timedelta(days=15)):
        Refresh.for_user(alice)
    live = Refresh.for_user(alice)
    for name, end in {"old": timedelta(seconds=-61), "new": timedelta(days=1)}.items():
        OutstandingToken.objects.create(user=alice, jti=name, token=name, expires_at=now + end)
        UserSession.objects.create(user=alice, ip="203.0.113.7", session_key=name)
        Session.objects.create(session_key=name, expire_date=now + end)
    out = StringIO()
    call_command("flush_tokens", stdout=out)
    assert out.getvalue() == "1 revoked access tokens deleted.\n"
    assert list(RevokedToken.objects.values_list("jti", flat=True)) == ["new"]
    assert list(TokenFamily.objects.values_list("sid", flat=True)) == [live.sid]
    assert list(OutstandingToken.objects.values_list("jti", flat=True)) == ["new"]
    assert list(UserSession.objects.values_list("session_key", flat=True)) == ["new"]
    assert PendingJoin.objects.get().email == "dora@example.com"


def test_flush_tokens_deletes_all_that_has_expired_in_batches(alice):
    now, names = timezone.now(), [f"old{n}" for n in range(2 * ROWS + 1)]
    past = now - timedelta(days=1)
    RevokedToken.objects.bulk_create(RevokedToken(jti=name, expires_at=past) for name in names)
    Session.objects.bulk_create(Session(session_key=name, expire_date=past) for name in names)
    OutstandingToken.objects.bulk_create(
        OutstandingToken(user=alice, jti=name, token=name, expires_at=past) for name in names
    )
    kept = Session.objects.create(session_key="new", expire_date=now + timedelta(days=1))
    with CaptureQueriesContext(connection) as queries:
        call_command("flush_tokens", stdout=StringIO())
    assert list(Session.objects.all()) == [kept]
    assert not RevokedToken.objects.exists()
    assert not OutstandingToken.objects.exists()
    deletions = [q["sql"] for q in queries if q["sql"].startswith("DELETE")]
    assert len([one for one in deletions if "revokedtoken" in one]) == 3
    assert len([one for one in deletions if "outstandingtoken" in one]) == 3
    assert len([one for one in deletions if "django_session" in one]) == 3
