import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.db import connection
from django.db.models import CASCADE
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts import trail
from accounts.models import SecurityEvent, User
from accounts.personal_tokens.models import PersonalToken
from accounts.tokens import issue
from chat.models import Chat, Conversation, DailyUsage, MarkReport
from chat.turns import quota
from config.batches import ROWS
from config.reviewers import NAME, ensure_reviewers
from quotes.models import Quote, QuoteLike, Review, StaffJob
from tests.chat.reports import reported
from tests.factories import PASSWORD, make_personal_token, make_quote, make_user

LIST = "/admin/accounts/user/"
NEW = "staple of paper"


def page(user):
    return f"{LIST}{user.pk}/change/"


@pytest.fixture
def clerk(db):
    """Staff who may change and add users and are not superusers."""
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


def test_list_shows_todays_use(alice, as_super):
    for _ in range(2):
        quota.reserve(user=alice)
    text = as_super.get(LIST, {"q": "alice"}).content.decode()
    assert "alice@example.com" in text
    assert "2 / 5" in text


def test_list_without_a_provider(alice, as_super, provide_quota):
    provide_quota(None, None)
    assert "– / 5" in as_super.get(LIST).content.decode()


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


def test_deactivate_and_activate(alice, staff, as_super, as_alice, client_for):
    act(as_super, "deactivate", alice, staff)
    assert as_alice.get("/accounts/profile").status_code == 401
    staff.refresh_from_db()
    assert staff.is_active
    act(as_super, "activate", alice)
    assert as_alice.get("/accounts/profile").status_code == 401, "what has ended stays ended"
    assert client_for(alice).get("/accounts/profile").status_code == 200


def test_mark_email_verified(alice, as_super):
    act(as_super, "mark_email_verified", alice)
    address = EmailAddress.objects.get()
    assert (address.user, address.email, address.verified) == (alice, alice.email, True)
    [event] = SecurityEvent.objects.filter(user=alice)
    assert (event.kind, event.reason) == ("address_confirmed", "by_staff")


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


def test_clerk_cannot_sign_in_as_somebody(alice, clerk, as_clerk):
    """By a password or an address of their own choice, or without the second factor."""
    Authenticator.objects.create(user=alice, type="totp", data={"secret": "only alice's"})
    body = {
        "usable_password": "true",
        "password1": "staple of paper",
        "password2": "staple of paper",
    }
    path = f"{LIST}{alice.pk}/password/"
    assert (as_clerk.get(path).status_code, as_clerk.post(path, body).status_code) == (403, 403)
    as_clerk.post(page(alice), form_of(alice, email="clerk2@example.com", password="x"))
    act(as_clerk, "remove_second_factor", alice)
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    assert alice.check_password(PASSWORD)
    assert Authenticator.objects.filter(user=alice).exists()
    text = as_clerk.get(page(alice)).content.decode()
    assert "argon2" not in text
    assert "/password/" not in text
    assert "only alice" not in text
    assert "TOTP Authenticator" in text


def test_a_new_password_by_staff_is_told(alice, as_super):
    body = {
        "usable_password": "true",
        "password1": "staple of paper",
        "password2": "staple of paper",
    }
    as_super.post(f"{LIST}{alice.pk}/password/", body)
    assert [(one.to, one.subject) for one in mail.outbox] == [
        (["alice@example.com"], "[Daesa] Your password was set by the staff")
    ]
    [event] = SecurityEvent.objects.filter(user=alice)
    assert (event.kind, event.reason, str(event.actor)) == (
        "password_changed",
        "by_staff",
        "staff@example.com",
    )


def test_removing_a_second_factor(alice, bob, staff, as_super):
    Authenticator.objects.create(user=alice, type="totp", data={"secret": "x"})
    Authenticator.objects.create(user=alice, type="recovery_codes", data={"seed": "x"})
    act(as_super, "remove_second_factor", alice, bob)
    assert not Authenticator.objects.exists()
    assert [one.to for one in mail.outbox] == [["alice@example.com"]]
    events = SecurityEvent.objects.filter(user=alice).order_by("pk")
    assert [(one.kind, one.reason, one.actor, one.details) for one in events] == [
        ("factor_removed", "by_staff", staff, {"type": "recovery_codes"}),
        ("factor_removed", "by_staff", staff, {"type": "totp"}),
    ]


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
def test_login_without_the_page(alice, staff, client, email, password, enters):
    response = client.post("/admin/login/?next=/admin/", {"username": email, "password": password})
    assert response.status_code == (302 if enters else 200)
    assert ("_auth_user_id" in client.session) is enters


def test_the_deletion_page_counts_what_goes_and_reads_none_of_it(as_super, alice):
    path = f"{LIST}{alice.pk}/delete/"
    counts = []
    for more in (1, 30):
        for _ in range(more):
            make_quote(alice)
        with CaptureQueriesContext(connection) as queries:
            page = as_super.get(path).content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert "Quotes: 31" in page
    assert "alice@example.com" in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["page", "action"])
def test_deleting_a_user_deletes_their_lines_in_batches(alice, staff, way):
    Quote.objects.bulk_create(Quote(user=alice, content=f"Line {n}") for n in range(2 * ROWS + 1))
    client = Client()
    client.force_login(staff)
    with CaptureQueriesContext(connection) as queries:
        if way == "page":
            client.post(f"{LIST}{alice.pk}/delete/", {"post": "yes"})
        else:
            form = {"action": "delete_selected", "_selected_action": [alice.pk], "post": "yes"}
            client.post(LIST, form)
    assert not User.objects.filter(pk=alice.pk).exists()
    deletions = [q["sql"] for q in queries if q["sql"].startswith('DELETE FROM "quotes_quote"')]
    assert len(deletions) == 3


@pytest.fixture
def leaver(alice, staff):
    """Staff who have used everything: conversations, lines, reviews, tokens, long work."""
    alice.is_staff = True
    alice.save()
    quote = make_quote(alice, "Hers", is_apply=True, likes=1)
    other = make_quote(staff, "Not hers", is_apply=True, likes=1, reviewer=alice)
    Review.objects.create(quote=other, reviewer=alice, from_state="pending", to_state="applied",
                          version=1)  # fmt: skip
    for liked, by in ((quote, staff), (other, alice)):
        QuoteLike.objects.create(quote=liked, user=by)
    reported(alice, quote)
    quota.reserve(user=alice)
    make_personal_token(alice)
    issue(alice)
    trail.record(alice, trail.Kind.PASSWORD_CHANGED, reason="by_user")
    SocialAccount.objects.create(user=alice, provider="kakao", uid="1")
    Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={})
    StaffJob.objects.create(started_by=alice, kind="delete", language="en", state="done")
    return alice


def everything_of(user):
    """The rows that a deletion has to take along, by model."""
    return {
        relation.related_model: relation.related_model._base_manager.filter(
            **{relation.field.name: user.pk}
        )
        for relation in User._meta.related_objects
        if relation.on_delete is CASCADE
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["page", "action", "own"])
def test_deleting_a_user_takes_the_same_along_as_leaving(leaver, staff, way):
    rows = everything_of(leaver)
    used = {Conversation, Chat, DailyUsage, Quote, MarkReport, PersonalToken, SecurityEvent}
    assert all(rows[model].exists() for model in used | {StaffJob, SocialAccount, Authenticator})
    client = Client()
    client.force_login(staff)
    path = f"{LIST}{leaver.pk}/delete/"
    if way == "page":
        text = client.get(path).content.decode()
        assert "Are you sure" in text
        assert "Conversations: 1" in text
        assert client.post(path, {"post": "yes"}).status_code == 302
    elif way == "action":
        form = {"action": "delete_selected", "_selected_action": [leaver.pk], "post": "yes"}
        assert client.post(LIST, form).status_code == 302
    else:
        api = APIClient()
        api.force_authenticate(leaver)
        assert api.delete("/accounts/profile", {"password": PASSWORD}).status_code == 204
    assert not User.objects.filter(pk=leaver.pk).exists()
    assert not [model for model, found in rows.items() if found.exists()]
    [other] = Quote.objects.all()
    assert (other.content, other.likes, other.reviewer) == ("Not hers", 0, None)
    assert Review.objects.get().reviewer is None
    assert not OutstandingToken.objects.filter(user=leaver.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_superuser_deletes_the_own_account(leaver, client):
    Authenticator.objects.all().delete()  # which would be asked for
    leaver.is_superuser = True
    leaver.save()
    client.force_login(leaver)
    response = client.post(f"{LIST}{leaver.pk}/delete/", {"post": "yes"})
    assert response["Location"] == LIST
    assert not User.objects.filter(pk=leaver.pk).exists()
    assert client.get(LIST).status_code == 302  # to the sign-in


@pytest.mark.django_db(transaction=True)
def test_staff_who_may_delete_users_need_no_permission_for_what_is_the_users_own(clerk, alice):
    reported(alice)
    quota.reserve(user=alice)
    trail.record(alice, trail.Kind.PASSWORD_CHANGED, reason="by_user")
    client = Client()
    client.force_login(clerk)
    assert client.post(f"{LIST}{alice.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=alice.pk).exists()


def test_a_reviewer_may_not_delete_users(leaver):
    ensure_reviewers()
    reviewer = make_user("reviewer", is_staff=True)
    reviewer.groups.add(Group.objects.get(name=NAME))
    client = Client(headers={"Accept": "text/html"})
    client.force_login(reviewer)
    path = f"{LIST}{leaver.pk}/delete/"
    for response in (client.get(path), client.post(path, {"post": "yes"})):
        assert response.status_code == 403
        text = response.content.decode()
        assert "Your account lacks the permission for this. A superuser can give it." in text
    form = {"action": "delete_selected", "_selected_action": [leaver.pk], "post": "yes"}
    assert client.post(LIST, form).status_code == 403
    assert User.objects.filter(pk=leaver.pk).exists()
    as_program = client.get(path, headers={"Accept": "application/json"})
    assert as_program.json()["detail"] == "You may not do this."


def test_what_is_missing_is_named(as_clerk, alice):
    make_quote(alice)
    text = as_clerk.get(f"{LIST}{alice.pk}/delete/").content.decode()
    assert "Cannot delete user" in text
    assert "<li>quote</li>" in text


def test_without_permission_to_delete_lines_the_user_is_not_deleted(as_clerk, alice):
    make_quote(alice)
    assert as_clerk.post(f"{LIST}{alice.pk}/delete/", {"post": "yes"}).status_code == 403
    form = {"action": "delete_selected", "_selected_action": [alice.pk], "post": "yes"}
    as_clerk.post(LIST, form)
    assert alice.quotes.count() == 1


def test_the_names_of_connected_providers_are_shown(alice, as_clerk):
    text = as_clerk.get(page(alice)).content.decode()
    assert "Connected providers" in text
    SocialAccount.objects.create(user=alice, provider="kakao", uid="2963851047")
    text = as_clerk.get(page(alice)).content.decode()
    assert "kakao" in text
    assert "2963851047" not in text
