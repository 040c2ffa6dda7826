"""People without an address, as those who join by a provider, are full members: every route, the
administration, mails and commands cope.
"""

import re
import time

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from django.contrib.sessions.middleware import SessionMiddleware
from django.core import mail
from django.core.management import call_command
from django.test import Client, RequestFactory

from accounts.models import User
from accounts.tokens import issue
from quotes.models import Quote, Review, State
from quotes.review.notifications import notify_submitters
from tests.accounts.addresses.mails import code_to
from tests.accounts.conftest import Browser
from tests.architecture.routes import ROUTES
from tests.architecture.test_open_routes import path_of
from tests.factories import make_quote, make_user

pytestmark = pytest.mark.any_database

NEW = "staple of paper"


def make_nobody(nickname: str = "naver") -> User:
    user = User(email=None, nickname=nickname)
    user.set_unusable_password()
    user.save()
    return user


def fresh_browser(user: User) -> Browser:
    """As after a sign-in by a provider."""
    browser = Browser()
    browser.force_login(user)
    session = browser.session
    session["account_authentication_methods"] = [{"method": "socialaccount", "at": time.time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return browser


@pytest.fixture
def nobody(db) -> User:
    make_nobody("another")  # so that two of them exist
    return make_nobody()


@pytest.fixture
def page(nobody) -> Browser:
    return fresh_browser(nobody)


@pytest.fixture(autouse=True)
def _board_answers(settings):
    settings.DEFAULT_MODEL, settings.CHAT_MODELS, settings.OPENAI_BASE_URL = "board", ["board"], ""
    settings.WRITES_PER_MINUTE = 0


@pytest.fixture(params=["none", "optional", "mandatory"])
def policy(request, settings) -> str:
    settings.ACCOUNT_EMAIL_VERIFICATION = request.param
    return request.param


API = [route for route in ROUTES if route.kind in {"api", "headless"}]
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


@pytest.mark.parametrize("route", API, ids=lambda route: route.pattern)
@pytest.mark.parametrize("door", ["session", "token"])
def test_no_route_fails(nobody, client_for, route, door):
    for method in METHODS:
        client = fresh_browser(nobody) if door == "session" else client_for(nobody)
        body: dict[str, str] | None = None if method in {"GET", "HEAD", "OPTIONS"} else {}
        if door == "session":
            answer = client.send(method, path_of(route), body)
        else:
            answer = client.generic(method, path_of(route), b"{}", "application/json")
        assert answer.status_code < 500, (method, answer.content)
        if not User.objects.filter(pk=nobody.pk).exists():  # left
            return


@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize(("nickname", "shown"), [("naver", "naver"), ("", "user-{pk}")])
def test_asking_and_the_board(db, client_for, nickname, shown):
    user = make_nobody(nickname)
    client, shown = client_for(user), shown.format(pk=user.pk)
    asked = client.post("/chat", {"content": "Hello"})
    assert asked.status_code == 201
    assert (asked.json()["user"], asked.json()["chat_reply"]["user"]) == (shown, shown)
    assert client.get("/chat").json()["results"][0]["user"] == shown
    assert client.get("/accounts/profile").json()["email"] is None
    conversation = asked.json()["conversation"]
    for accept in ("application/json", "text/markdown"):
        path = f"/conversations/{conversation}"
        assert client.get(path, headers={"Accept": accept}).status_code == 200
    line = client.post("/quote", {"content": "A line that nobody has said"})
    assert line.status_code == 201
    assert client.get("/quote?mine=true").status_code == 200


@pytest.mark.usefixtures("policy")
def test_tokens_are_renewed(nobody, anonymous):
    """Where addresses must be confirmed, there is none to confirm."""
    refresh = issue(nobody)["refresh"]
    assert anonymous.post("/accounts/token/refresh", {"refresh": refresh}).status_code == 200


def test_a_first_password_needs_an_address_and_a_fresh_sign_in(nobody, page, client_for):
    body = {"new_password": NEW}
    refused = page.send("PATCH", "/accounts/profile", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "address_needed")
    assert page.send("POST", "/accounts/email", {"email": "n@example.com"}).status_code == 202
    given = {"email": "n@example.com", "code": code_to("n@example.com")}
    assert page.send("POST", "/accounts/email/confirm", given).status_code == 200
    stale = client_for(nobody).patch("/accounts/profile", body)
    assert (stale.status_code, stale.json()["code"]) == (403, "fresh_sign_in_required")
    changed = page.send("PATCH", "/accounts/profile", body)
    assert (changed.status_code, changed.json()["has_password"]) == (200, True)
    login = {"email": "n@example.com", "password": NEW}
    assert Client().post("/accounts/login", login, "application/json").status_code == 200
    assert mail.outbox[-1].to == ["n@example.com"]
    again = page.send("PATCH", "/accounts/profile", {"new_password": "another long phrase"})
    assert again.status_code == 400, "from now on the current one is asked for"


@pytest.mark.parametrize("is_fresh", [True, False])
def test_leaving(nobody, page, client_for, is_fresh):
    if is_fresh:
        assert page.send("DELETE", "/accounts/profile", {}).status_code == 204
    else:
        refused = client_for(nobody).delete("/accounts/profile", {})
        assert (refused.status_code, refused.json()["code"]) == (403, "fresh_sign_in_required")
    assert User.objects.filter(pk=nobody.pk).exists() is not is_fresh


@pytest.mark.parametrize("email", ["", "#{pk}", "None", "naver"])
def test_nobody_signs_in_by_what_stands_for_the_address(nobody, email):
    body = {"username": email.format(pk=nobody.pk), "password": NEW}
    assert Client().post("/admin/login/", body).status_code == 200
    body = {"email": email.format(pk=nobody.pk), "password": NEW}
    assert Client().post("/accounts/login", body, "application/json").status_code in {400, 401}
    reset = Browser().send(
        "POST", "/_allauth/browser/v1/auth/password/request", {"email": body["email"]}
    )
    assert reset.status_code in {200, 400}
    assert mail.outbox == []


def test_a_review_mails_nobody(nobody, staff, settings):
    settings.REVIEW_EMAILS = True
    quote = make_quote(nobody)
    review = Review.objects.create(
        quote=quote, reviewer=staff, from_state=State.PENDING, to_state=State.APPLIED, version=1
    )
    assert notify_submitters([review], base="http://testserver") is None
    assert mail.outbox == []


# --- The administration and commands --------------------------------------------------------------


@pytest.fixture
def root(db) -> Client:
    client = Client()
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    return client


def test_the_pages_of_the_administration(nobody, root, client_for):
    client_for(nobody).post("/chat", {"content": "Hello"})
    make_quote(nobody)
    for name in ("accounts/user", "chat/conversation", "chat/dailyusage", "quotes/quote"):
        for query in ("", f"?q=%23{nobody.pk}", "?q=naver", "?o=1", "?o=2"):
            assert root.get(f"/admin/{name}/{query}").status_code in {200, 302}, (name, query)
    for name, pk in (("accounts/user", nobody.pk), ("quotes/quote", Quote.objects.get().pk)):
        for page in ("change", "history", "delete"):
            assert root.get(f"/admin/{name}/{pk}/{page}/").status_code == 200, (name, page)


@pytest.mark.parametrize("name", ["conversation", "dailyusage"])
def test_staff_find_their_rows_by_number(nobody, bob, root, client_for, name):
    for user in (nobody, bob):
        client_for(user).post("/chat", {"content": "Hello"})
    found = root.get(f"/admin/chat/{name}/?q=%23{nobody.pk}").content.decode()
    assert "naver" in found
    assert "bob@example.com" not in found


def test_an_empty_address_is_stored_as_none(nobody, alice, root):
    form = {"email": " ", "nickname": "alice", "daily_limit": "", "is_active": "on"}
    for _ in range(2):
        assert root.post(f"/admin/accounts/user/{alice.pk}/change/", form).status_code == 302
    alice.refresh_from_db()
    assert alice.email is None
    add = {"email": "", "nickname": "x", "usable_password": "false"}
    assert root.post("/admin/accounts/user/add/", add).status_code == 302
    assert User.objects.filter(email=None).count() == 4
    assert not User.objects.filter(email="").exists()


@pytest.mark.parametrize(
    "action", ["activate", "deactivate", "mark_email_verified", "allow_sign_in", "delete_selected"]
)
@pytest.mark.parametrize("who", ["root", "staff without an address"])
def test_actions(nobody, alice, root, action, who):
    client, others = root, [nobody.pk, alice.pk]
    if who != "root":
        boss = make_nobody("boss")
        User.objects.filter(pk=boss.pk).update(is_staff=True, is_superuser=True)
        boss.refresh_from_db()
        client = Client()
        client.force_login(boss)
        others.append(boss.pk)
    body = {"action": action, "_selected_action": others}
    assert client.post("/admin/accounts/user/", body).status_code in {200, 302}
    assert not EmailAddress.objects.filter(user=nobody).exists()
    if action == "deactivate":
        active = User.objects.filter(pk__in=others, is_active=True)
        assert {user.nickname for user in active} == ({"boss"} if who != "root" else set())


def test_commands(nobody, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("ADMIN_EMAIL", "root@example.com")
    monkeypatch.setenv("ADMIN_PASSWORD", NEW)
    call_command("create_admin")
    call_command("flush_tokens")
    file = tmp_path / "lines.csv"
    file.write_text("content\nA line of a file\n", encoding="utf-8")
    call_command("load_quotes", file)
    call_command("check", database=["default"])
    assert User.objects.filter(email=None).count() == 2
    assert re.search(r"root@example\.com", capsys.readouterr().out)


def test_the_session_of_allauth_knows_them(page):
    answer = page.get("/_allauth/browser/v1/auth/session")
    assert answer.status_code == 200
    assert answer.json()["data"]["user"]["display"] == "naver"


@pytest.mark.usefixtures("policy")
def test_allauths_sign_in_lets_them_through(nobody):
    """By a provider: allauth itself waits for a confirmed address where one is demanded."""
    from allauth.account.internal.flows.login import perform_login  # noqa: PLC0415
    from allauth.account.models import Login  # noqa: PLC0415
    from allauth.core import context  # noqa: PLC0415

    request = RequestFactory().post("/")
    SessionMiddleware(lambda _request: None).process_request(request)
    request.user = User()
    with context.request_context(request):
        record_authentication(request, nobody, method="socialaccount")
        perform_login(request, Login(user=nobody))
    assert request.user == nobody
