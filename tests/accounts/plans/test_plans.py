"""Plans of groups: copies in users' rows after every kind of change; what counts; the command."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import trail
from accounts.models import User
from accounts.plans.limits import daily_limit_of, models_of
from accounts.plans.models import Plan
from accounts.plans.upkeep import wrong_rows
from accounts.trail import Kind

pytestmark = pytest.mark.django_db(transaction=True)


def group(name: str, limit: int | None = None, *models: str) -> Group:
    made = Group.objects.create(name=name)
    Plan.objects.create(group=made, daily_limit=limit, models=list(models))
    return made


def copied(user: User) -> tuple[int | None, str]:
    user.refresh_from_db()
    return user.plan_daily_limit, user.plan_models


@pytest.mark.parametrize(
    ("own", "plans", "limit"),
    [
        (None, [], 5),
        (None, [None], 5),
        (None, [9], 9),
        (None, [2], 2),
        (None, [9, 20, None], 20),
        (None, [0], 0),
        (7, [9], 7),
        (0, [9], 0),
    ],
)
def test_the_limit_that_counts(alice, client_for, own, plans, limit):
    alice.daily_limit = own
    alice.save()
    for number, plan in enumerate(plans):
        alice.groups.add(group(f"Group {number}", plan))
    alice.refresh_from_db()
    assert daily_limit_of(alice) == limit
    profile = client_for(alice).get("/accounts/profile").json()
    assert (profile["daily_limit"], profile["quota"]["limit"]) == (limit, limit)


def test_models(alice, settings):
    settings.CHAT_MODELS, settings.PLAN_MODELS = ["a", "b", "c", "d"], ["b", "c"]
    assert models_of(alice) == ["a", "d"]
    alice.groups.add(group("One", None, "c"), group("Two", None, "b", "gone"))
    assert copied(alice)[1] == "b\nc\ngone"
    assert models_of(alice) == ["a", "b", "c", "d"]


JOIN = {
    "add": lambda user, made: user.groups.add(made),
    "set": lambda user, made: user.groups.set([made]),
    "from the group": lambda user, made: made.user_set.add(user),
    "set of the group": lambda user, made: made.user_set.set([user]),
    "by the id": lambda user, made: user.groups.add(made.pk),
}
LEAVE = {
    "remove": lambda user, made: user.groups.remove(made),
    "clear": lambda user, _made: user.groups.clear(),
    "set": lambda user, _made: user.groups.set([]),
    "remove from the group": lambda user, made: made.user_set.remove(user),
    "clear the group": lambda _user, made: made.user_set.clear(),
    "set of the group": lambda _user, made: made.user_set.set([]),
    "delete the group": lambda _user, made: made.delete(),
    "delete the groups": lambda _user, _made: Group.objects.all().delete(),
    "delete the plan": lambda _user, made: made.plan.delete(),
    "delete the plans": lambda _user, _made: Plan.objects.all().delete(),
    "save the plan": lambda _user, made: Plan(pk=made.plan.pk, group=made).save(),
    "update the plans": lambda _u, _made: Plan.objects.update(daily_limit=None, models=[]),
}


@pytest.mark.parametrize("way", JOIN)
def test_becoming_a_member(alice, bob, way):
    made = group("Teachers", 30, "x")
    JOIN[way](alice, made)
    assert copied(alice) == (30, "x")
    assert copied(bob) == (None, "")
    assert list(wrong_rows()) == []


@pytest.mark.parametrize("way", LEAVE)
def test_having_it_no_longer(alice, bob, way):
    made = group("Teachers", 30, "x")
    for user in (alice, bob):
        user.groups.add(made)
    LEAVE[way](alice, made)
    assert copied(alice) == (None, "")
    assert list(wrong_rows()) == []


def test_a_changed_plan(alice, bob):
    made, best = group("Teachers", 30), group("Heads", 40)
    alice.groups.add(made)
    bob.groups.add(made, best)
    of_made, of_best = Plan.objects.get(group=made), Plan.objects.get(group=best)
    of_made.daily_limit = 35
    of_made.save()
    assert (copied(alice)[0], copied(bob)[0]) == (35, 40)
    Plan.objects.filter(pk=of_made.pk).update(daily_limit=50)
    assert (copied(alice)[0], copied(bob)[0]) == (50, 50)
    of_best.daily_limit = 60
    Plan.objects.bulk_update([of_best], ["daily_limit"])
    assert (copied(alice)[0], copied(bob)[0]) == (50, 60)


def test_plans_made_together(alice):
    made = [Group.objects.create(name=name) for name in "ab"]
    alice.groups.add(*made)
    Plan.objects.bulk_create(Plan(group=one, daily_limit=n + 8) for n, one in enumerate(made))
    assert copied(alice) == (9, "")


def test_the_command_finds_and_mends_what_was_changed_by_hand(alice, bob, capsys):
    made = group("Teachers", 30, "x")
    call_command("check_plans")
    User.groups.through.objects.create(user=alice, group=made)
    User.objects.filter(pk=bob.pk).update(plan_daily_limit=99)
    assert sorted(wrong_rows()) == [alice.pk, bob.pk]
    with pytest.raises(CommandError, match="2 users do not have what their groups give"):
        call_command("check_plans")
    call_command("check_plans", fix=True)
    assert (copied(alice), copied(bob)) == ((30, "x"), (None, ""))
    capsys.readouterr()
    call_command("check_plans")
    assert "All users have what their groups give" in capsys.readouterr().out


# --- The trail ------------------------------------------------------------------------------------


def limits_on_trail(user: User) -> list[int]:
    events = trail.of(user).filter(kind=Kind.LIMIT_CHANGED, reason="group").order_by("pk")
    return [event.details["daily_limit"] for event in events]


def test_a_limit_by_a_group_is_on_the_trail(alice, bob, settings):
    made = group("Teachers", 30)
    alice.groups.add(made)
    bob.daily_limit = 7
    bob.save()
    bob.groups.add(made)
    Plan.objects.update(daily_limit=40)
    Plan.objects.update(models=["x"])
    alice.groups.clear()
    assert limits_on_trail(alice) == [30, 40, settings.DAILY_CHAT_LIMIT]
    assert limits_on_trail(bob) == []  # her own limit counts


def test_changed_permissions_of_a_group_are_on_the_trail(as_super, staff, alice, bob):
    made = group("Teachers", 30)
    alice.groups.add(made)
    path = f"/admin/auth/group/{made.pk}/change/"
    form = {
        "name": "Readers",
        "plan-TOTAL_FORMS": 1,
        "plan-INITIAL_FORMS": 1,
        "plan-0-id": made.plan.pk,
        "plan-0-group": made.pk,
        "plan-0-daily_limit": 30,
    }
    as_super.post(path, form)
    assert roles_on_trail(alice) == []
    permission = Permission.objects.get(codename="view_quote")
    as_super.post(path, {**form, "permissions": [permission.pk]})
    assert list(made.permissions.all()) == [permission]
    assert roles_on_trail(alice) == [staff.pk]
    as_super.post(f"/admin/auth/group/{made.pk}/delete/", {"post": "yes"})
    assert roles_on_trail(alice) == [staff.pk] * 2
    assert roles_on_trail(bob) == []


def test_groups_that_are_deleted_together_are_on_the_trail(as_super, staff, alice):
    groups = [group("Teachers", 30), group("Heads", 40)]
    alice.groups.add(*groups)
    action = {"action": "delete_selected", "_selected_action": [one.pk for one in groups]}
    as_super.post("/admin/auth/group/", {**action, "post": "yes"})
    assert not Group.objects.exists()
    assert roles_on_trail(alice) == [staff.pk]


def roles_on_trail(user: User) -> list[int | None]:
    events = trail.of(user).filter(kind=Kind.ROLE_CHANGED, reason="by_staff")
    return list(events.values_list("actor", flat=True))


# --- The administration --------------------------------------------------------------------------


@pytest.fixture
def as_super(staff):
    client = Client()
    client.force_login(staff)
    return client


def test_the_form_of_a_group(as_super, alice, settings):
    settings.CHAT_MODELS, settings.PLAN_MODELS = ["a", "b"], ["b"]
    made = Group.objects.create(name="Teachers")
    alice.groups.add(made)
    path = f"/admin/auth/group/{made.pk}/change/"
    page = as_super.get(path).content.decode()
    assert 'name="plan-0-models" value="b"' in page
    plan: dict[str, Any] = {
        "plan-TOTAL_FORMS": "1",
        "plan-INITIAL_FORMS": "0",
        "plan-0-daily_limit": "30",
    }
    plan |= {"plan-0-group": str(made.pk), "plan-0-models": ["b"], "name": "Teachers"}
    assert as_super.post(path, plan).status_code == 302
    assert copied(alice) == (30, "b")
    wrong = as_super.post(path, {**plan, "plan-0-models": ["a"]})
    assert wrong.status_code == 200, "everybody may ask a"


@pytest.mark.parametrize(
    ("own", "plan", "text"),
    [
        (None, None, "5: the server&#x27;s default"),
        (None, 9, "9: of the group Teachers"),
        (7, 9, "7: the user&#x27;s own"),
    ],
)
def test_where_a_limit_comes_from(as_super, alice, own, plan, text):
    alice.daily_limit = own
    alice.save()
    alice.groups.add(group("Teachers", plan))
    assert text in as_super.get(f"/admin/accounts/user/{alice.pk}/change/").content.decode()
