"""The group "Reviewers" has what a reviewer needs, and nothing else."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from config.reviewers import NAME, PERMISSIONS, ensure_reviewers
from quotes.models import Quote
from tests.chat.reports import reported
from tests.factories import make_quote, make_user

pytestmark = pytest.mark.django_db


def names(group: Group) -> set[str]:
    return set(group.permissions.values_list("codename", flat=True))


def test_it_is_made_once_with_all_of_its_permissions():
    assert ensure_reviewers()
    group = Group.objects.get(name=NAME)
    assert names(group) == {codename for _app, codename in PERMISSIONS}
    assert len(names(group)) == len(PERMISSIONS)


def test_what_staff_have_changed_in_it_stays():
    ensure_reviewers()
    group = Group.objects.get(name=NAME)
    group.permissions.clear()
    assert not ensure_reviewers()
    assert names(group) == set()


def test_a_member_reviews_lines_and_marks_and_gets_nowhere_else(client, alice):
    ensure_reviewers()
    reviewer = make_user("reviewer", is_staff=True)
    reviewer.groups.add(Group.objects.get(name=NAME))
    client.force_login(reviewer)
    quote, report = make_quote(alice), reported(alice)
    for model, pk in (("quotes_quote", quote.pk), ("chat_markreport", report.pk)):
        assert client.get(reverse(f"admin:{model}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:{model}_change", args=[pk])).status_code == 200
    assert client.get("/admin/quotes/review/").status_code == 200
    form = {
        "action": "decline",
        "reason": "Because",
        "index": 0,
        "_selected_action": quote.pk,
        "seen": f"{quote.pk}:1:pending",
    }
    client.post("/admin/quotes/quote/", form)
    assert Quote.objects.get().reason == "Because"
    for path in ("accounts/user/", "auth/group/", "chat/dailyusage/", "chat/conversation/"):
        assert client.get(f"/admin/{path}").status_code == 403
    assert client.get("/admin/quotes/quote/import/").status_code == 403
    assert client.post(f"/admin/quotes/quote/{quote.pk}/delete/").status_code == 403
    assert client.post(f"/admin/chat/markreport/{report.pk}/delete/").status_code == 403
