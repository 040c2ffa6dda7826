"""Invitations and the queue of requests in the administration, with the mails to both sides."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.joining import invitations
from accounts.joining.approval import KEPT, deciders, decline, tell_staff
from accounts.joining.invitations import create_invitation, digest_of
from accounts.joining.models import Invitation, InvitationUse
from accounts.models import SecurityEvent, User
from tests.factories import make_user

INVITATIONS, REQUESTS = "/admin/accounts/invitation/", "/admin/accounts/joinrequest/"


def form(**changes):
    later = timezone.localtime(timezone.now() + timedelta(days=2))
    given = {"email": "", "note": "Class 3", "uses": "1"}
    when = {"expires_at_0": later.strftime("%Y-%m-%d"), "expires_at_1": "12:00:00"}
    return {**given, **when, **changes}


def act(client, path, action, *rows, **more):
    return client.post(path, {"action": action, "_selected_action": [r.pk for r in rows], **more})


def clerk(*codenames: str) -> Client:
    user = make_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


# --- Invitations ---------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["", "Dora@Example.com"])
def test_make_one(as_super, staff, email, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        page = as_super.post(f"{INVITATIONS}add/", form(email=email)).content.decode()
    invitation = Invitation.objects.get()
    token = page.split("/join#invite=")[1].split('"')[0]
    assert invitation.digest == digest_of(token)
    assert (invitation.email, invitation.inviter) == (email.lower(), staff)
    assert [message.to for message in mail.outbox] == ([["dora@example.com"]] if email else [])
    if email:
        body = mail.outbox[0].body
        assert body.count(f"http://testserver/join#invite={token}") == 2, "in both languages"
    for path in (INVITATIONS, f"{INVITATIONS}{invitation.pk}/change/"):
        later = as_super.get(path)
        assert later.status_code == 200
        assert token not in later.content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"uses": "0"}, "uses"),
        ({"uses": "1001"}, "uses"),
        ({"email": "dora@allowed.com", "uses": "2"}, "uses"),
        ({"email": "dora@other.com"}, "email"),
        ({"expires_at_0": "2020-01-01"}, "expires_at"),
        ({"expires_at_0": "2099-01-01"}, "expires_at"),
    ],
)
def test_wrong_ones(as_super, settings, change, field):
    settings.SIGNUP_DOMAINS = ["allowed.com"]
    response = as_super.post(f"{INVITATIONS}add/", form(**change))
    assert list(response.context["adminform"].form.errors) == [field]
    assert not Invitation.objects.exists()


def test_there_are_never_too_many(as_super, invite):
    old, _token = invite(expires_at=timezone.now() - invitations.KEPT - timedelta(days=1))
    later = timezone.now() + timedelta(days=1)
    Invitation.objects.bulk_create(
        Invitation(digest=str(number), expires_at=later)
        for number in range(invitations.MOST_OPEN - 1)
    )
    assert as_super.post(f"{INVITATIONS}add/", form()).status_code == 200
    response = as_super.post(f"{INVITATIONS}add/", form())
    assert response.context["adminform"].form.non_field_errors()
    assert Invitation.objects.count() == invitations.MOST_OPEN
    assert not Invitation.objects.filter(pk=old.pk).exists()
    with pytest.raises(invitations.TooManyInvitations):
        invite()


def test_used_ones_stay_with_who_joined(as_super, invite, alice):
    long_ago = timezone.now() - invitations.KEPT - timedelta(days=1)
    old, _token = invite(expires_at=long_ago)
    Invitation.objects.update(used=1)
    InvitationUse.objects.create(invitation=old, user=alice)
    invite()
    page = as_super.get(f"{INVITATIONS}{old.pk}/change/").content.decode()
    assert "alice@example.com" in page
    assert "used up" in page
    assert as_super.post(f"{INVITATIONS}{old.pk}/delete/", {"post": "yes"}).status_code == 403
    alice.delete()
    assert Invitation.objects.filter(pk=old.pk).exists()


def test_revoke_and_mail_again(as_super, invite):
    bound, _token = invite(email="dora@example.com")
    free, _token = invite()
    act(as_super, INVITATIONS, "mail_again", bound, free)
    assert [message.to for message in mail.outbox] == [["dora@example.com"]]
    new = mail.outbox[0].body.split("/join#invite=")[1].split()[0]
    assert Invitation.objects.get(pk=bound.pk).digest == digest_of(new) != bound.digest
    act(as_super, INVITATIONS, "revoke", bound, free)
    assert not Invitation.objects.usable().exists()
    act(as_super, INVITATIONS, "mail_again", bound)
    assert len(mail.outbox) == 1


def test_only_superusers_invite_into_groups_with_permissions(db, staff):
    plain, mighty = Group.objects.create(name="Class"), Group.objects.create(name="Admins")
    mighty.permissions.set(Permission.objects.filter(codename="change_user"))
    client = clerk("add_invitation", "view_invitation")
    response = client.post(f"{INVITATIONS}add/", form(groups=[str(mighty.pk)]))
    assert list(response.context["adminform"].form.errors) == ["groups"]
    assert client.post(f"{INVITATIONS}add/", form(groups=[str(plain.pk)])).status_code == 200
    assert list(Invitation.objects.get().groups.all()) == [plain]


@pytest.mark.parametrize("path", [INVITATIONS, f"{INVITATIONS}add/", REQUESTS, f"{REQUESTS}queue/"])
def test_without_the_permission(db, path):
    assert clerk("view_user", "change_user").get(path).status_code == 403


# --- Requests to join ----------------------------------------------------------------------------


def test_approve(as_super, staff, waiting, anonymous, login):
    assert "dora@example.com" in as_super.get(REQUESTS).content.decode()
    act(as_super, REQUESTS, "approve", waiting)
    assert anonymous.post("/accounts/login", login).status_code == 200
    [event] = SecurityEvent.objects.filter(user=waiting, kind="approved")
    assert event.actor == staff
    assert [message.to for message in mail.outbox] == [["dora@example.com"]]
    assert "http://testserver/login" in mail.outbox[0].body
    assert "dora@example.com" not in as_super.get(REQUESTS).content.decode()


def test_decline_asks_for_a_reason(as_super, waiting, staff):
    page = act(as_super, REQUESTS, "decline", waiting)
    assert page.status_code == 200
    waiting.refresh_from_db()
    assert waiting.approval == "waiting"
    act(as_super, REQUESTS, "decline", waiting, reason="Only pupils of our school.")
    waiting.refresh_from_db()
    assert (waiting.approval, waiting.is_active) == ("declined", False)
    assert "Only pupils of our school." in mail.outbox[0].body
    assert "pupils" in LogEntry.objects.get().change_message
    [event] = SecurityEvent.objects.filter(user=waiting, kind="declined")
    assert (event.actor, event.details) == (staff, {})


def test_several_at_once_and_what_others_decided(as_super, staff, waiting):
    eve = make_user("eve", approval="waiting", is_active=False)
    act(as_super, REQUESTS, "approve", waiting, eve)
    assert User.objects.filter(is_active=True, approval="").count() == 3
    assert not decline(eve, actor=staff, reason="Too late.")
    eve.refresh_from_db()
    assert eve.is_active


def test_one_after_another(as_super, staff):
    first, second = (make_user(name, approval="waiting", is_active=False) for name in ("a", "b"))
    page = as_super.get(f"{REQUESTS}queue/", follow=True)
    assert page.redirect_chain[-1][0] == f"{REQUESTS}{first.pk}/change/"
    assert "Approve" in page.content.decode()
    there = act(as_super, REQUESTS, "approve", first, queue=first.pk)
    following = as_super.get(there["Location"])
    assert following["Location"] == f"{REQUESTS}{second.pk}/change/"
    there = act(as_super, REQUESTS, "decline", second, queue=second.pk, reason="No.")
    assert as_super.get(there["Location"])["Location"] == REQUESTS


def test_a_person_without_an_address(as_super, waiting):
    User.objects.filter(pk=waiting.pk).update(email=None)
    act(as_super, REQUESTS, "approve", waiting)
    waiting.refresh_from_db()
    assert waiting.is_active
    assert mail.outbox == []


def test_staff_can_change_their_mind(as_super, waiting, staff):
    decline(waiting, actor=staff, reason="No.")
    act(as_super, REQUESTS, "approve", waiting)
    waiting.refresh_from_db()
    assert (waiting.is_active, waiting.approval) == (True, "")


def test_declined_accounts_refuse_their_address_for_a_while(waiting, staff, anonymous):
    decline(waiting, actor=staff, reason="No.")
    body = {"email": waiting.email, "password": "staple of paper"}
    assert anonymous.post("/accounts/join", body).status_code == 400
    User.objects.filter(pk=waiting.pk).update(decided_at=timezone.now() - KEPT)
    eve = make_user("eve", approval="waiting", is_active=False)
    decline(eve, actor=staff, reason="No.")
    assert not User.objects.filter(pk=waiting.pk).exists()
    assert User.objects.filter(pk=eve.pk).exists()
    assert anonymous.post("/accounts/join", body).status_code == 201


def test_activating_is_not_approving(as_super, waiting):
    act(as_super, "/admin/accounts/user/", "activate", waiting)
    path = f"/admin/accounts/user/{waiting.pk}/change/"
    fields = {"email": waiting.email, "nickname": "", "daily_limit": "", "is_active": "on"}
    response = as_super.post(path, fields)
    assert list(response.context["adminform"].form.errors) == ["is_active"]
    waiting.refresh_from_db()
    assert (waiting.is_active, waiting.approval) == (False, "waiting")


# --- The notice to staff -------------------------------------------------------------------------


def test_who_is_told(waiting, staff, settings, rf):
    group = Group.objects.create(name="Hosts")
    group.permissions.set(Permission.objects.filter(codename="change_joinrequest"))
    host = make_user("host", is_staff=True)
    host.groups.add(group)
    make_user("gone", is_staff=True, is_superuser=True, is_active=False)
    make_user("nobody", is_staff=True)
    make_user("member").groups.add(group)
    assert set(deciders()) == {staff, host}
    settings.SIGNUP_NOTIFY = ["hello@example.org"]
    tell_staff(rf.get("/"))
    assert [message.to for message in mail.outbox] == [["hello@example.org"]]


def test_at_most_one_notice_an_hour(staff, waiting, rf):
    request = rf.get("/")
    for _ in range(3):
        tell_staff(request)
    assert len(mail.outbox) == 1
    [message] = mail.outbox
    assert message.to == [staff.email]
    assert "http://testserver/admin/accounts/joinrequest/" in message.body


def test_a_mail_server_that_is_away(waiting, staff, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert decline(waiting, actor=staff, reason="No.")
    assert "mail decline not sent" in caplog.text
    assert "example.com" not in caplog.text


def test_creating_by_code(staff):
    made, token = create_invitation(inviter=staff, expires_at=timezone.now(), email="A@B.example")
    assert (made.email, made.digest) == ("a@b.example", digest_of(token))
