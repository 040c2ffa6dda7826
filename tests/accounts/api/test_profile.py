import pytest
from django.utils import timezone

from accounts import profile
from accounts.models import TokenFamily, User
from accounts.tokens import issue
from quotes.models import Quote
from tests.accounts.conftest import without_id
from tests.factories import PASSWORD, make_quote

URL = "/accounts/profile"
NEW = "staple of paper"
QUOTA = {"limit": 5, "used": 2, "remaining": 3, "resets_at": "2026-11-21T00:00:00+09:00"}


@pytest.fixture(autouse=True)
def _provider(provide_quota):
    """The quota as `chat` returns it."""
    provide_quota(lambda user: QUOTA, lambda ids: {})


def body_of(user, **changes):
    return {
        "id": user.pk,
        "email": user.email,
        "has_password": True,
        "nickname": user.nickname,
        "is_staff": False,
        "second_factor_required": False,
        "created_at": timezone.localtime(user.created_at).isoformat(),
        "review_emails": None,
        "daily_limit": 5,
        "chat_retention_days": None,
        "quota": QUOTA,
        "links": [
            {"rel": "self", "href": "http://testserver/accounts/profile", "method": "GET"},
            {"rel": "edit", "href": "http://testserver/accounts/profile", "method": "PATCH"},
            {"rel": "email", "href": "http://testserver/accounts/email", "method": "GET"},
            {"rel": "delete", "href": "http://testserver/accounts/profile", "method": "DELETE"},
            {"rel": "logout", "href": "http://testserver/accounts/logout", "method": "POST"},
        ],
        **changes,
    }


def test_get(alice, as_alice):
    response = as_alice.get(URL)
    assert response.status_code == 200
    assert response.json() == body_of(alice)


def test_own_limit(alice, as_alice):
    alice.daily_limit = 0
    alice.save()
    assert as_alice.get(URL).json()["daily_limit"] == 0


def test_without_a_provider(alice, as_alice, provide_quota):
    provide_quota(None, None)
    assert as_alice.get(URL).json() == body_of(alice, quota=None)


def test_provide_quota(alice, provide_quota):
    provide_quota(lambda user: {**QUOTA, "limit": user.pk}, lambda ids: {})
    assert profile.quota_of(alice) == {**QUOTA, "limit": alice.pk}


@pytest.mark.parametrize("method", ["put", "patch"])
def test_nickname(alice, as_alice, bob, method):
    response = getattr(as_alice, method)(URL, {"nickname": " 앨리스 "})
    assert response.status_code == 200
    assert response.json() == body_of(alice, nickname="앨리스")
    assert list(User.objects.order_by("pk").values_list("nickname", flat=True)) == ["앨리스", "bob"]


def test_mails_about_reviews(alice, as_alice, settings):
    settings.REVIEW_EMAILS = True
    assert as_alice.get(URL).json() == body_of(alice, review_emails=True)
    changed = as_alice.patch(URL, {"review_emails": False})
    assert changed.json() == body_of(alice, review_emails=False)
    alice.refresh_from_db()
    assert alice.review_emails is False


@pytest.mark.parametrize(
    ("is_demanded", "is_staff", "expected"),
    [(True, True, True), (True, False, False), (False, True, False)],
)
def test_staff_see_that_they_need_a_second_factor(
    alice, as_alice, settings, is_demanded, is_staff, expected
):
    settings.REQUIRE_STAFF_MFA = is_demanded
    User.objects.filter(pk=alice.pk).update(is_staff=is_staff)
    assert as_alice.get(URL).json()["second_factor_required"] is expected


def test_put_needs_the_nickname_and_patch_does_not(alice, as_alice):
    refused = as_alice.put(URL, {})
    assert refused.status_code == 400
    assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [("nickname", "required")]
    assert as_alice.patch(URL, {}).json() == body_of(alice)


def test_what_stays(alice, as_alice):
    as_alice.patch(
        URL, {"email": "x@example.com", "is_staff": True, "daily_limit": 99, "is_superuser": True}
    )
    alice.refresh_from_db()
    assert (alice.email, alice.is_staff, alice.daily_limit) == ("alice@example.com", False, None)
    assert not alice.is_superuser


def test_new_password_ends_the_tokens_and_gives_new_ones(alice, as_alice, client_for, anonymous):
    other, refresh = client_for(alice), issue(alice)["refresh"]
    response = as_alice.patch(URL, {"current_password": PASSWORD, "new_password": NEW})
    assert response.status_code == 200
    body = response.json()
    access, new_refresh = body.pop("access"), body.pop("refresh")
    assert body == body_of(alice)
    assert as_alice.get(URL).status_code == other.get(URL).status_code == 401
    assert anonymous.post("/accounts/token/refresh", {"refresh": refresh}).status_code == 401
    renewed = anonymous.post("/accounts/token/refresh", {"refresh": new_refresh})
    assert renewed.status_code == 200
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    assert anonymous.get(URL).status_code == 200
    anonymous.credentials()
    login = {"email": alice.email, "password": NEW}
    assert anonymous.post("/accounts/login", login).status_code == 200


def test_new_password_keeps_this_session(alice, alices_browser, as_alice):
    body = {"current_password": PASSWORD, "new_password": NEW}
    response = alices_browser.send("PATCH", URL, body)
    assert response.json() == body_of(alice)
    assert alices_browser.get(URL).status_code == 200
    assert as_alice.get(URL).status_code == 401


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"new_password": NEW}, ("current_password", "required")),
        ({"current_password": "wrong", "new_password": NEW},
         ("current_password", "incorrect_password")),
        ({"current_password": PASSWORD, "new_password": "short"}, ("new_password", "min_length")),
        ({"current_password": PASSWORD, "new_password": "password1"},
         ("new_password", "password_too_common")),
        ({"current_password": PASSWORD, "new_password": "alice@example"},
         ("new_password", "password_too_similar")),
        ({"nickname": "x" * 51}, ("nickname", "max_length")),
    ],
)  # fmt: skip
def test_input(alice, as_alice, change, error):
    response = as_alice.patch(URL, {"nickname": "other", **change})
    assert response.status_code == 400
    assert [(e["field"], e["code"]) for e in response.json()["errors"]] == [error]
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    assert alice.nickname == "alice"


def test_leave(alice, bob, as_alice, as_bob, anonymous):
    make_quote(alice, is_apply=True)
    kept = make_quote(bob)
    spent = issue(alice)["refresh"]
    refresh = anonymous.post("/accounts/token/refresh", {"refresh": spent}).json()["refresh"]
    response = as_alice.delete(URL, {"password": PASSWORD})
    assert (response.status_code, response.content) == (204, b"")
    assert list(User.objects.all()) == [bob]
    assert list(Quote.objects.all()) == [kept]
    assert not TokenFamily.objects.exclude(user=bob).exists()
    assert as_alice.get(URL).status_code == 401
    for token in (spent, refresh):
        answer = anonymous.post("/accounts/token/refresh", {"refresh": token})
        assert answer.status_code == 401
    assert as_bob.get(URL).status_code == 200
    login = {"email": "alice@example.com", "password": PASSWORD}
    assert anonymous.post("/accounts/login", login).status_code == 401
    assert anonymous.post("/accounts/join", {**login, "password": NEW}).status_code == 201


def test_leave_by_session(alices_browser):
    assert alices_browser.send("DELETE", URL, {"password": PASSWORD}).status_code == 204
    assert "_auth_user_id" not in alices_browser.session
    assert alices_browser.get(URL).status_code == 401


@pytest.mark.parametrize(
    ("body", "code"),
    [({"password": "wrong"}, "incorrect_password"), ({}, "required"), ({"password": ""}, "blank")],
)
def test_leave_asks_for_the_password(alice, as_alice, body, code):
    response = as_alice.delete(URL, body)
    assert response.status_code == 400
    assert [(e["field"], e["code"]) for e in response.json()["errors"]] == [("password", code)]
    assert User.objects.filter(pk=alice.pk).exists()


def test_wrong_password_as_a_whole(alice, as_alice):
    assert without_id(as_alice.delete(URL, {"password": "wrong"}).json()) == {
        "type": "urn:daesa:problem:invalid",
        "title": "Bad Request",
        "status": 400,
        "detail": "Some of the input is not valid.",
        "code": "invalid",
        "errors": [
            {
                "field": "password",
                "code": "incorrect_password",
                "detail": "The password is wrong.",
            }
        ],
    }


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_nobody(anonymous, db, method):
    assert getattr(anonymous, method)(URL).status_code == 401


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_session_needs_its_csrf_token(alices_browser, method):
    response = alices_browser.generic(method, URL, b'{"nickname": "x"}', "application/json")
    assert response.status_code == 403
    assert response.json()["code"] == "csrf_failed"
