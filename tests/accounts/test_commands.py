from datetime import timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import RevokedToken, User
from accounts.tokens import Refresh
from tests.factories import PASSWORD

EMAIL = "Root@Example.com"


class Terminal(StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO())
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


def test_makes_up_a_password_where_nobody_can_be_asked(db, monkeypatch):
    monkeypatch.setenv("ADMIN_EMAIL", EMAIL)
    first, *_rest = create_admin().splitlines()
    password = first.removeprefix("Password, shown only now: ")
    assert len(password) == 16
    assert User.objects.get().check_password(password)
    assert create_admin() == "root@example.com may sign in at /admin/.\n"
    assert User.objects.get().check_password(password)


def test_asks(db, monkeypatch):
    monkeypatch.setattr("sys.stdin", Terminal(f"{EMAIL}\n"))
    monkeypatch.setattr("accounts.management.commands.create_admin.getpass", lambda _: PASSWORD)
    create_admin()
    assert User.objects.get(email="root@example.com").check_password(PASSWORD)


def test_promotes_somebody(alice, monkeypatch):
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
    RevokedToken.objects.create(jti="old", expires_at=now - timedelta(seconds=1))
    RevokedToken.objects.create(jti="new", expires_at=now + timedelta(minutes=1))
    spent = Refresh.for_user(alice)
    spent.blacklist()
    out = StringIO()
    call_command("flush_tokens", stdout=out)
    assert out.getvalue() == "1 revoked access tokens deleted.\n"
    assert list(RevokedToken.objects.values_list("jti", flat=True)) == ["new"]
    assert spent.blacklist()[1] is False
