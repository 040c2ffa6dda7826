"""Confirming a join or an unconfirmed address by code: in the session that waits, or by a program's
handle. A code is for one row, few guesses and one use.
"""

from datetime import timedelta
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.addresses.codes import MOST_WRONG, as_shown, code_of, typed_code
from accounts.models import PendingJoin, SecurityEvent, User
from tests.accounts.addresses.mails import (
    RESEND,
    VERIFY,
    code_error,
    code_to,
    key_to,
    mails_to,
    other_than,
)
from tests.accounts.conftest import SESSION, Browser
from tests.concurrently import at_once
from tests.factories import PASSWORD, make_user

DORA, OWN = "dora@example.com", "staple of paper"
PAUSE = timedelta(seconds=61)


@pytest.fixture(autouse=True)
def _mandatory(settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


@pytest.fixture
def _clock(time_machine):
    time_machine.move_to(timezone.now(), tick=False)


def join(browser: Browser, email: str = DORA, password: str = OWN):
    body = {"email": email, "password": password}
    answer = browser.send("POST", f"{SESSION}/auth/signup", body)
    assert answer.status_code == 401
    return answer


def enter(browser: Browser, code: str):
    return browser.send("POST", VERIFY, {"key": code})


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1234 5678", "12345678"),
        (" 1234-5678\n", "12345678"),
        ("12345678", "12345678"),
        ("１２３４　５６７８", "12345678"),
        ("1234567", None),
        ("123456789", None),
        ("1234567a", None),
        ("Mg:1abc:x-y_z", None),
        ("1" * 5000, None),
        ("", None),
    ],
)
def test_a_code_as_it_is_typed(typed, code):
    assert typed_code(typed) == code


def test_a_code_is_of_its_row_and_has_all_its_digits():
    codes = {code_of("x", str(number)) for number in range(500)}
    assert len(codes) == 500
    assert {len(code) for code in codes} == {8}
    assert code_of("x", "1") != code_of("y", "1")
    assert as_shown("12345678") == "1234 5678"


@pytest.mark.django_db
def test_a_join_is_confirmed_by_code_and_signs_in(browser):
    join(browser)
    before = browser.cookies["sessionid"].value
    answer = enter(browser, code_to(DORA))
    assert answer.status_code == 200, answer.content
    assert browser.get("/accounts/profile").json()["email"] == DORA
    assert browser.cookies["sessionid"].value != before, "no session is fixed across the sign-in"
    address = EmailAddress.objects.get()
    assert (address.email, address.verified, address.primary) == (DORA, True, True)
    assert not PendingJoin.objects.exists()


@pytest.mark.django_db
def test_a_program_confirms_by_its_handle():
    client = APIClient()
    handle = client.post("/accounts/join", {"email": DORA, "password": OWN}).json()["confirmation"]
    body = {"confirmation": handle, "code": code_to(DORA)}
    wrong = client.post("/accounts/join/confirm", {**body, "code": other_than(body["code"])})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "wrong_code")
    answer = client.post("/accounts/join/confirm", body)
    assert (answer.status_code, answer.json()["user"]["email"]) == (201, DORA)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    assert client.get("/accounts/profile").status_code == 200
    again = APIClient().post("/accounts/join/confirm", body)
    assert (again.status_code, again.json()["code"]) == (400, "code_expired")


@pytest.mark.django_db
@pytest.mark.parametrize("damage", ["x", ""])
def test_a_handle_that_is_none(damage):
    client = APIClient()
    handle = client.post("/accounts/join", {"email": DORA, "password": OWN}).json()["confirmation"]
    body = {"confirmation": (handle + damage) if damage else "none", "code": code_to(DORA)}
    for path in ("confirm", "resend"):
        answer = client.post(f"/accounts/join/{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (400, "code_expired")


@pytest.mark.django_db
def test_guesses_are_few_and_then_the_right_code_is_refused_too(browser):
    join(browser)
    code = code_to(DORA)
    for _ in range(MOST_WRONG):
        assert code_error(enter(browser, other_than(code))) == ["wrong_code"]
    assert code_error(enter(browser, code)) == ["code_expired"]
    assert not User.objects.exists()


@pytest.mark.django_db
def test_what_is_no_code_is_no_guess(browser):
    join(browser)
    for _ in range(MOST_WRONG + 1):
        assert enter(browser, "1234").status_code == 400
    assert enter(browser, code_to(DORA)).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_are_all_counted(settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "code": None}
    handle = APIClient().post("/accounts/join", {"email": DORA, "password": OWN}).json()
    body = {"confirmation": handle["confirmation"], "code": other_than(code_to(DORA))}
    guess = partial(APIClient().post, "/accounts/join/confirm", body)
    answers = at_once(*[guess] * (MOST_WRONG * 2))
    codes = [answer.json()["code"] for answer in answers]
    assert sorted(codes) == ["code_expired"] * MOST_WRONG + ["wrong_code"] * MOST_WRONG


@pytest.mark.django_db
def test_guesses_are_limited_per_source(settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "code": "2/m/ip"}
    body = {"confirmation": "none", "code": "0000 0000"}
    statuses = [APIClient().post("/accounts/join/confirm", body).status_code for _ in range(3)]
    assert statuses == [400, 400, 429]


@pytest.mark.django_db
def test_a_code_is_of_its_session(browser):
    join(browser)
    mallory = Browser()
    assert code_error(enter(mallory, code_to(DORA))) == ["code_expired"], "waits for none"
    join(mallory, password=PASSWORD)
    own = code_to(DORA)
    mails = mails_to(DORA)
    assert len(mails) == 2
    victims = mails[0].body.split("\n    ")[1][:9]
    assert victims != own
    assert code_error(enter(mallory, victims)) == ["wrong_code"]
    assert code_error(enter(browser, own)) == ["wrong_code"]
    assert enter(browser, victims).status_code == 200
    assert User.objects.get().check_password(OWN), "the owner's own join is the one confirmed"
    assert code_error(enter(mallory, own)) == ["code_expired"], "the other joins are void"


@pytest.mark.django_db
def test_a_signed_in_session_changes_no_account(alice, browser):
    join(browser)
    code = code_to(DORA)
    browser.force_login(alice)
    assert enter(browser, code).status_code == 409
    assert not User.objects.filter(email=DORA).exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("_clock")
def test_a_code_is_good_for_an_hour_and_prolonged_by_another_mail(browser, time_machine):
    join(browser)
    code = code_to(DORA)
    time_machine.shift(timedelta(minutes=59))
    assert browser.send("POST", RESEND).status_code == 200
    assert code_to(DORA) == code, "so the code of either mail is right"
    time_machine.shift(timedelta(minutes=59))
    assert enter(browser, code).status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("_clock")
def test_an_old_code(browser, time_machine):
    join(browser)
    time_machine.shift(timedelta(minutes=61))
    assert code_error(enter(browser, code_to(DORA))) == ["code_expired"]
    assert browser.send("POST", RESEND).json()["code"] == "code_expired"


@pytest.mark.django_db
@pytest.mark.usefixtures("_clock")
def test_after_too_many_guesses_another_mail_has_another_code(browser, time_machine):
    join(browser)
    former = code_to(DORA)
    for _ in range(MOST_WRONG):
        enter(browser, other_than(former))
    time_machine.shift(PAUSE)
    assert browser.send("POST", RESEND).status_code == 200
    assert code_to(DORA) != former
    assert code_error(enter(browser, former)) == ["wrong_code"]
    assert enter(browser, code_to(DORA)).status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("_clock")
def test_another_mail_is_sent_once_a_minute_and_three_times_an_hour(browser, time_machine):
    join(browser)
    refused = browser.send("POST", RESEND)
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    for _ in range(2):
        time_machine.shift(PAUSE)
        sent = browser.send("POST", RESEND)
        assert (sent.status_code, sent["Retry-After"]) == (200, "60")
    time_machine.shift(PAUSE)
    refused = browser.send("POST", RESEND)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 3000
    assert len(mails_to(DORA)) == 3


@pytest.mark.django_db
def test_who_waits_for_no_mail_gets_none(browser):
    assert browser.send("POST", RESEND).status_code == 409
    assert mail.outbox == []


@pytest.mark.django_db
def test_a_sign_in_to_an_unconfirmed_address_goes_on_after_the_code(browser):
    user = make_user("dora")
    body = {"email": DORA, "password": PASSWORD}
    assert browser.send("POST", f"{SESSION}/auth/login", body).status_code == 401
    assert code_error(enter(browser, other_than(code_to(DORA)))) == ["wrong_code"]
    assert enter(browser, code_to(DORA)).status_code == 200
    assert browser.get("/accounts/profile").json()["email"] == DORA
    assert EmailAddress.objects.get(user=user).verified
    kinds = SecurityEvent.objects.filter(user=user).values_list("kind", flat=True)
    assert "address_confirmed" in kinds


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["link", "code"])
def test_confirmed_elsewhere_in_the_meantime(browser, way):
    join(browser)
    member = make_user("dora")
    EmailAddress.objects.create(user=member, email=DORA, primary=True, verified=True)
    answer = enter(browser, key_to(DORA) if way == "link" else code_to(DORA))
    assert (answer.status_code, code_error(answer)) == (400, ["address_taken"])
    assert User.objects.get() == member
    assert member.check_password(PASSWORD)
