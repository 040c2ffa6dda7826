"""One use, many joins at once: exactly one account, on both databases."""

from functools import partial

import pytest
from rest_framework.test import APIClient

from accounts.joining.approval import approve, decline
from accounts.joining.models import InvitationUse
from accounts.models import SecurityEvent, User
from tests.accounts.conftest import SESSION, Browser
from tests.accounts.joining.conftest import JOIN, fields, mailed_key
from tests.concurrently import at_once
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)
SIGNUP = f"{SESSION}/auth/signup"
THREADS = 8


def people(number, token):
    return [fields(f"person-{n}@example.com", invitation=token) for n in range(number)]


@pytest.mark.parametrize("uses", [1, 3])
def test_joins_at_once(settings, invite, uses):
    settings.SIGNUP = "invite"
    settings.ACCOUNT_RATE_LIMITS = {}
    invitation, token = invite(uses=uses)
    bodies = people(THREADS, token)
    by_token = [partial(APIClient().post, JOIN, body) for body in bodies[: THREADS // 2]]
    by_session = [partial(Browser().send, "POST", SIGNUP, body) for body in bodies[THREADS // 2 :]]
    answers = at_once(*by_token, *by_session)
    made = [answer for answer in answers if answer.status_code in {200, 201}]
    refused = [answer.json()["code"] for answer in answers if answer not in made]
    assert refused == ["signup_invite"] * (THREADS - uses)
    assert len(made) == uses
    assert User.objects.filter(email__startswith="person-").count() == uses
    assert InvitationUse.objects.count() == uses
    invitation.refresh_from_db()
    assert invitation.used == uses


def test_who_comes_too_late_waits_where_staff_approve(settings, invite):
    settings.SIGNUP = "approval"
    settings.ACCOUNT_RATE_LIMITS = {}
    _invitation, token = invite()
    answers = at_once(*[partial(APIClient().post, JOIN, body) for body in people(4, token)])
    assert sorted(answer.status_code for answer in answers) == [201, 202, 202, 202]
    assert User.objects.filter(approval="waiting", is_active=False).count() == 3


def test_links_of_mails_opened_at_once(settings, invite):
    settings.SIGNUP, settings.ACCOUNT_EMAIL_VERIFICATION = "invite", "mandatory"
    settings.ACCOUNT_RATE_LIMITS = {}
    _invitation, token = invite()
    keys = []
    for body in people(4, token):
        assert APIClient().post(JOIN, body).status_code == 202
        keys.append(mailed_key())
    path = f"{SESSION}/auth/email/verify"
    answers = at_once(*[partial(Browser().send, "POST", path, {"key": key}) for key in keys])
    assert sorted(answer.status_code for answer in answers) == [401, 403, 403, 403]
    assert InvitationUse.objects.count() == 1


def test_decisions_at_once(staff):
    for _ in range(4):
        dora = make_user(approval="waiting", is_active=False)
        decided = at_once(
            partial(approve, dora, actor=staff, base="http://testserver"),
            partial(decline, dora, actor=staff, reason="No."),
        )
        dora.refresh_from_db()
        kinds = set(SecurityEvent.objects.filter(user=dora).values_list("kind", flat=True))
        # A person who was declined first may be approved after it; never the other way round.
        assert decided[0]
        assert (dora.is_active, dora.approval) == (True, "")
        assert kinds == ({"approved", "declined"} if decided[1] else {"approved"})
