import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.test import Client

from accounts import profile
from accounts.models import User
from tests.factories import PASSWORD, make_user

LIST = "/admin/accounts/user/"


def page(user):
    return f"{LIST}{user.pk}/change/"


@pytest.fixture
def clerk(db):
    """Staff who may change and add people, and is no superuser."""
    clerk = make_user("clerk", is_staff=True)
    wanted = ["view_user", "change_user", "add_user", "delete_user"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    return clerk


@pytest.fixture
def as_clerk(clerk):
    client = Client()
    client.force_login(clerk)
    return client


@pytest.fixture
def as_super(staff):
    client = Client()
    client.force_login(staff)
    return client


def form_of(user, **changes):
    fields = {"email": user.email, "nickname": user.nickname, "daily_limit": "", "is_active": "on"}
    return {**fields, **changes}


def act(client, action, *people):
    return client.post(LIST, {"action": action, "_selected_action": [p.pk for p in people]})


def test_list_shows_todays_use(alice, as_super, monkeypatch):
    monkeypatch.setattr(
        profile._Registry, "quota_of", staticmethod(lambda user: {"limit": 5, "used": 2})
    )
    text = as_super.get(LIST, {"q": "alice"}).content.decode()
    assert "alice@example.com" in text
    assert "2 / 5" in text


def test_list_without_a_provider(alice, as_super, monkeypatch):
    monkeypatch.setattr(profile._Registry, "quota_of", None)
    assert "– / 5" in as_super.get(LIST).content.decode()


def test_list_query_count(as_super, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(profile._Registry, "quota_of", None)
    for _ in range(5):
        make_user()
    with django_assert_max_num_queries(6):
        as_super.get(LIST)


def test_limit_of_a_person(alice, as_super):
    assert as_super.post(page(alice), form_of(alice, daily_limit="50")).status_code == 302
    alice.refresh_from_db()
    assert alice.daily_limit == 50
    assert alice.check_password(PASSWORD)


def test_changed_address_is_stored_small_and_the_former_one_forgotten(alice, as_super):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    as_super.post(page(alice), form_of(alice, email="Alice2@Example.com"))
    alice.refresh_from_db()
    assert alice.email == "alice2@example.com"
    assert not EmailAddress.objects.exists()


def test_taken_address(alice, bob, as_super):
    response = as_super.post(page(alice), form_of(alice, email="BOB@example.com"))
    assert response.status_code == 200
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"


def test_add(as_super):
    body = {"email": "Dora@Example.com", "nickname": "", "usable_password": "true",
            "password1": "staple of paper", "password2": "staple of paper"}  # fmt: skip
    assert as_super.get(f"{LIST}add/").status_code == 200
    assert as_super.post(f"{LIST}add/", body).status_code == 302
    assert User.objects.get(email="dora@example.com").check_password("staple of paper")


def test_password_of_a_person(alice, as_super, as_alice):
    body = {"usable_password": "true", "password1": "staple of paper",
            "password2": "staple of paper"}  # fmt: skip
    assert as_super.post(f"{LIST}{alice.pk}/password/", body).status_code == 302
    assert as_alice.get("/accounts/profile").status_code == 401


def test_deactivate_and_activate(alice, staff, as_super, as_alice):
    act(as_super, "deactivate", alice, staff)
    assert as_alice.get("/accounts/profile").status_code == 401
    staff.refresh_from_db()
    assert staff.is_active
    act(as_super, "activate", alice)
    assert as_alice.get("/accounts/profile").status_code == 200


def test_mark_email_verified(alice, as_super):
    act(as_super, "mark_email_verified", alice)
    address = EmailAddress.objects.get()
    assert (address.user, address.email, address.verified) == (alice, alice.email, True)


def test_clerk_changes_people_but_not_their_powers(alice, as_clerk):
    powers = {"is_staff": "on", "is_superuser": "on", "groups": [], "user_permissions": ["1"]}
    changed = as_clerk.post(page(alice), form_of(alice, daily_limit="9", **powers))
    assert changed.status_code == 302
    alice.refresh_from_db()
    assert (alice.daily_limit, alice.is_staff, alice.is_superuser) == (9, False, False)
    assert not alice.user_permissions.exists()


def test_clerk_cannot_touch_staff(staff, clerk, as_clerk):
    for person in (staff, clerk):
        assert as_clerk.post(page(person), form_of(person, is_superuser="on")).status_code == 403
        body = {"usable_password": "true", "password1": "x", "password2": "x"}
        assert as_clerk.post(f"{LIST}{person.pk}/password/", body).status_code == 403
        assert as_clerk.post(f"{LIST}{person.pk}/delete/", {"post": "yes"}).status_code == 403
    act(as_clerk, "deactivate", staff)
    act(as_clerk, "mark_email_verified", staff)
    as_clerk.post(
        LIST, {"action": "delete_selected", "_selected_action": [staff.pk], "post": "yes"}
    )
    staff.refresh_from_db()
    clerk.refresh_from_db()
    assert staff.is_active
    assert staff.check_password(PASSWORD)
    assert not clerk.is_superuser
    assert not EmailAddress.objects.exists()


def test_clerk_deactivates_people(alice, as_clerk):
    act(as_clerk, "deactivate", alice)
    alice.refresh_from_db()
    assert not alice.is_active


def test_tokens_and_addresses_have_no_pages(as_super):
    text = as_super.get("/admin/").content.decode()
    assert "token_blacklist" not in text
    assert "emailaddress" not in text
    assert "/admin/accounts/user/" in text


@pytest.mark.parametrize(
    ("email", "password", "enters"),
    [
        ("STAFF@example.com", PASSWORD, True),
        ("staff@example.com", "wrong", False),
        ("alice@example.com", PASSWORD, False),
        ("", "", False),
    ],
)
def test_login(alice, staff, client, email, password, enters):
    response = client.post("/admin/login/?next=/admin/", {"username": email, "password": password})
    assert response.status_code == (302 if enters else 200)
    assert ("_auth_user_id" in client.session) is enters
