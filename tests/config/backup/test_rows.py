"""The same rows are the same bytes on both databases, whatever their order there."""

import json

import pytest

from accounts.models import RevokedToken, SecurityEvent
from chat.models import Lease
from config.backup import rows
from tests.config.backup.sample import LATE
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_texts_are_in_the_order_of_their_bytes():
    keys = ["b", "B", "a", "Z", "가", "é", "_", "1", "10", "9", "😀", "\uffff"]
    for key in keys:
        RevokedToken.objects.create(jti=key, expires_at=LATE)
    found = [json.loads(line)[0] for line in rows.lines_of(RevokedToken, page=2)]
    assert found == sorted(keys, key=str.encode)


def test_json_has_one_spelling():
    details = {"b": 1.0, "a": [1e3, 1.5, {"d": 1, "c": -0.0}]}
    SecurityEvent.objects.create(user=make_user(), kind="joined", details=details, created_at=LATE)
    [line] = [line for line in rows.lines_of(SecurityEvent) if b"2038" in line]
    assert b'{"a":[1000,1.5,{"c":0,"d":1}],"b":1}' in line
    assert b'"2038-01-19T03:14:08.000001+00:00"' in line


def test_no_key_is_given_by_a_table_whose_rows_have_names():
    assert rows.last_key(Lease) is None
    rows.set_last_key(Lease, 5)
    assert Lease.objects.count() == 0
