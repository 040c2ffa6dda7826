"""Different spellings of a mailbox's address belong to one account."""

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.addresses.canonical_form import canonical
from accounts.addresses.checks import check_addresses
from accounts.models import User
from tests.accounts.conftest import SESSION, Browser
from tests.factories import PASSWORD

pytestmark = pytest.mark.one_database

STORED = "dora@xn--exmple-cua.com"
SPELLINGS = {
    "as stored": STORED,
    "NFC": "dora@exämple.com",
    "NFD": "dora@exa\u0308mple.com",
    "upper case": "DORA@EXÄMPLE.COM",
    "upper case of the ASCII form": "Dora@XN--EXMPLE-CUA.com",
    "zero width in the local part": "do\u200bra@exämple.com",
    "zero width in the domain": "dora@exäm\u200dple.com",
    "at the ends": "\ufeff dora@exämple.com\u200b\u00a0",
    "soft hyphen": "dora@exäm\u00adple.com",
    "direction": "\u202ddora@exämple.com\u202c",
    "wide letters": "ｄｏｒａ@ｅｘämple.com",
    "wide sign": "dora＠exämple.com",
    "small sign": "dora﹫exämple.com",
    "wide full stop": "dora@exämple．com",
    "ideographic full stop": "dora@exämple。com",
    "halfwidth ideographic full stop": "dora@exämple｡com",
    "root": "dora@exämple.com.",
}
INVALID = [
    "dörä@example.com",
    "dora@i❤.example",
    "dora@-ä-.com",
    "dora@ä..com",
    "dora",
    "@",
    "dora@",
]
BODY = {"password": PASSWORD}


def join_by_api(address: str):
    return Client().post("/accounts/join", {**BODY, "email": address}, "application/json")


def join_by_session(address: str):
    return Browser().send("POST", f"{SESSION}/auth/signup", {**BODY, "email": address})


def sign_in_by_api(address: str):
    return Client().post("/accounts/login", {**BODY, "email": address}, "application/json")


def sign_in_by_session(address: str):
    return Browser().send("POST", f"{SESSION}/auth/login", {**BODY, "email": address})


def sign_in_by_admin(address: str):
    return Client().post("/admin/login/?next=/admin/", {"username": address, **BODY})


@pytest.fixture
def dora(db) -> User:
    return User.objects.create_user("dora@exämple.com", PASSWORD, is_staff=True)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_each_spelling_is_the_same(spelling):
    assert canonical(SPELLINGS[spelling]) == STORED


@pytest.mark.django_db
@pytest.mark.parametrize("join", [join_by_api, join_by_session])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_joins_once(join, spelling):
    assert join(SPELLINGS[spelling]).status_code in {200, 201}
    assert User.objects.get().email == STORED


@pytest.mark.parametrize("join", [join_by_api, join_by_session])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_makes_no_second_account(dora, join, spelling):
    assert join(SPELLINGS[spelling]).status_code == 400
    assert User.objects.count() == 1


@pytest.mark.parametrize("sign_in", [sign_in_by_api, sign_in_by_session, sign_in_by_admin])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_signs_in(dora, sign_in, spelling):
    assert sign_in(SPELLINGS[spelling]).status_code in {200, 302}
    dora.refresh_from_db()
    assert dora.last_login is not None


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_reset_goes_to_the_stored_address(dora, spelling):
    path = f"{SESSION}/auth/password/request"
    assert Browser().send("POST", path, {"email": SPELLINGS[spelling]}).status_code == 200
    assert [message.to for message in mail.outbox] == [[STORED]]


@pytest.mark.django_db
@pytest.mark.parametrize("join", [join_by_api, join_by_session])
@pytest.mark.parametrize("address", INVALID)
def test_no_address_is_refused_clearly(join, address):
    response = join(address)
    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert (error.get("field", error.get("param")), error["code"]) == ("email", "invalid")


@pytest.mark.django_db
def test_the_first_admin(monkeypatch, capsys):
    monkeypatch.setenv("ADMIN_EMAIL", SPELLINGS["NFD"])
    monkeypatch.setenv("ADMIN_PASSWORD", "staple of paper")
    call_command("create_admin")
    call_command("create_admin")
    assert User.objects.get().email == STORED
    monkeypatch.setenv("ADMIN_EMAIL", "dörä@example.com")
    with pytest.raises(CommandError):
        call_command("create_admin")


@given(
    st.one_of(
        st.text(max_size=40),
        st.builds("{}@{}".format, st.text(max_size=8), st.text(max_size=30)),
        st.builds(
            "{}@{}.com".format,
            st.text("abÄß．。\u200bＡ", max_size=8),
            st.text("aäÄ-ß\u200b", max_size=12),
        ),
    )
)
def test_the_form_is_its_own(written):
    once = canonical(written)
    assert canonical(once) == once
    assert len(once) <= 60 * (len(written) + 1)


def test_a_long_domain_is_not_worked_upon():
    domain = "ä." * 5000
    assert canonical(f"a@{domain}") == f"a@{domain}"


@pytest.mark.django_db
class TestCheck:
    def test_the_check_lists_unreachable_accounts(self, alice):
        odd, _twin, _alone = User.objects.bulk_create(
            User(email=email) for email in ("dora@exämple.com", STORED, "erin@exämple.com")
        )
        [found] = check_addresses(databases=["default"])
        assert found.id == "accounts.W001"
        assert found.msg.endswith(f"sign in to them: {odd.pk}.")
        assert "@" not in found.msg

    def test_is_content_otherwise(self, alice):
        assert check_addresses(databases=["default"]) == []
        assert check_addresses() == []
