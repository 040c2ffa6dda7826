"""The rows of `SignInSource`: bounded in number, without addresses, deleted when old."""

import re
import time
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from accounts.limits import password_attempts
from accounts.models import SignInSource
from tests.accounts.limits.attempts import (
    HOME,
    PROFILE,
    fail,
    failures,
    known_browser,
    sign_in,
)
from tests.factories import PASSWORD

pytestmark = pytest.mark.usefixtures("no_rate_limits")


def test_rows_of_unknown_addresses_are_bounded(alice):
    fail(email="alice@example.com")
    assert sign_in(ip=HOME).status_code == 200
    for number in range(60):
        fail(email=f"p{number}@example.com")
    # As if so many rows had been written since.
    SignInSource.objects.update(id=F("id") - password_attempts.MOST_UNOWNED)
    for number in range(60, 120):
        fail(email=f"p{number}@example.com")
    assert SignInSource.objects.filter(user=None, pk__lte=0).count() < 100
    assert SignInSource.objects.filter(user=None, pk__gt=0).count() == 120
    assert failures()[""] == 1
    assert SignInSource.objects.of(alice.email).exclude(signed_in_at=None).count() == 1


def test_known_sources_are_bounded(alice):
    most = password_attempts.MOST_KNOWN
    yesterday = timezone.now() - timedelta(days=1)
    SignInSource.objects.bulk_create(
        SignInSource(
            address=SignInSource.digest(alice.email),
            source=f"{kind}{number}",
            user=alice,
            signed_in_at=yesterday,
        )
        for kind in most
        for number in range(most[kind])
    )
    for number in range(2):
        assert sign_in(ip=f"203.0.113.{number}").status_code == 200
        known_browser(alice)
    for kind in most:
        known = SignInSource.objects.filter(source__startswith=kind).exclude(signed_in_at=None)
        assert known.count() == most[kind]
        assert known.filter(signed_in_at__gt=yesterday).count() >= 2


def test_old_failures_of_unknown_sources_are_flushed(alice):
    assert sign_in(ip=HOME).status_code == 200
    fail()
    fail(email="nobody@example.com")
    with time_machine.travel(time.time() + 31 * 86400):
        call_command("flush_tokens")
    assert failures("nobody@example.com") == {}
    assert failures() == {"": 1, "network": 0}


def test_rows_have_no_addresses(alice):
    fail()
    known_browser(alice)
    for row in SignInSource.objects.values_list("address", "source"):
        assert not re.search(r"alice|example|203\.0", " ".join(row))


def test_leaving_deletes_the_rows(alice, client_for):
    known_browser(alice)
    alice.refresh_from_db()
    assert client_for(alice).delete(PROFILE, {"password": PASSWORD}).status_code == 204
    assert SignInSource.objects.exclude(user=None).count() == 0
