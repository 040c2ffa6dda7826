"""Personal tokens in the administration."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import SecurityEvent
from accounts.personal_tokens.models import PersonalToken
from config.api.scopes import Scope
from tests.factories import client_with, make_personal_token, make_user

LIST = "/admin/accounts/personaltoken/"


def staff_with(*permissions: str) -> Client:
    clerk = make_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(clerk)
    return client


@pytest.fixture
def as_super(staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def revoke(client, *tokens):
    chosen = [token.pk for token in tokens]
    return client.post(LIST, {"action": "revoke", "_selected_action": chosen})


def test_the_list_of_a_user_shows_all_but_the_hash(alice, bob, as_super):
    token, raw = make_personal_token(alice, Scope.CHAT_READ, name="A bot", used=41)
    make_personal_token(bob, name="Another bot")
    page = as_super.get(f"/admin/accounts/user/{alice.pk}/change/").content.decode()
    path = f"{LIST}?user__id__exact={alice.pk}"
    assert f'<a href="{path}">1</a>' in page
    text = as_super.get(path).content.decode()
    for shown in ("alice@example.com", "A bot", token.start, "chat:read", "41"):
        assert shown in text
    detail = as_super.get(f"{LIST}{token.pk}/change/").content.decode()
    assert "Another bot" not in text
    for hidden in (token.digest, raw, token.stamp):
        assert hidden not in text + detail


def test_staff_find_tokens_by_the_beginning_of_an_address(alice, bob, as_super):
    for user in (alice, bob):
        make_personal_token(user, name=f"Of {user.nickname}")
    text = as_super.get(LIST, {"q": "ali"}).content.decode()
    assert "Of alice" in text
    assert "Of bob" not in text


@pytest.mark.parametrize("way", ["action", "page"])
def test_revoke(alice, staff, as_super, way):
    token, raw = make_personal_token(alice)
    _other, other_raw = make_personal_token(alice)
    if way == "action":
        assert (
            "1 token revoked."
            in as_super.post(
                LIST, {"action": "revoke", "_selected_action": [token.pk]}, follow=True
            ).content.decode()
        )
    else:
        assert as_super.post(f"{LIST}{token.pk}/delete/", {"post": "yes"}).status_code == 302
    assert client_with(raw).get("/chat").status_code == 401
    assert client_with(other_raw).get("/chat").status_code == 200
    event = SecurityEvent.objects.get(user=alice)
    assert (event.kind, event.reason, event.actor) == ("token_ended", "by_staff", staff)


def test_nobody_makes_or_changes_one_here(alice, as_super):
    token, _raw = make_personal_token(alice, name="A bot")
    assert as_super.get(f"{LIST}add/").status_code == 403
    assert as_super.post(f"{LIST}{token.pk}/change/", {"name": "Mine"}).status_code == 403
    actions = as_super.get(LIST).context["action_form"].fields["action"].choices
    assert {name for name, _text in actions} == {"", "revoke"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("permissions", "sees", "revokes"),
    [
        ([], 403, False),
        (["view_user"], 200, False),
        (["change_user", "view_user"], 200, True),
        (["view_personaltoken", "delete_personaltoken"], 403, False),
    ],
)
def test_staff_need_the_permission_for_the_user(alice, permissions, sees, revokes):
    token, _raw = make_personal_token(alice)
    client = staff_with(*permissions)
    assert client.get(LIST).status_code == sees
    revoke(client, token)
    client.post(f"{LIST}{token.pk}/delete/", {"post": "yes"})
    assert PersonalToken.objects.exists() is not revokes


def test_only_superusers_revoke_tokens_of_staff(staff, as_super):
    token, _raw = make_personal_token(staff)
    clerk = staff_with("change_user", "view_user")
    revoke(clerk, token)
    assert clerk.post(f"{LIST}{token.pk}/delete/", {"post": "yes"}).status_code == 403
    assert PersonalToken.objects.exists()
    revoke(as_super, token)
    assert not PersonalToken.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_staff_who_may_delete_users_delete_those_with_tokens(alice):
    make_personal_token(alice)
    client = staff_with("view_user", "delete_user")
    assert (
        client.post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"}).status_code == 302
    )
    assert not PersonalToken.objects.exists()
