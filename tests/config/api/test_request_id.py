import logging
import re

import pytest

from config.api.request_id import RequestIdFilter, current_request_id


@pytest.mark.parametrize("given", ["abc", "A.b_c-1", "x" * 64])
def test_a_plain_id_is_taken(anonymous, given):
    response = anonymous.get("/health/live", headers={"X-Request-ID": given})
    assert response["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\nb", 'a"b', "대사"])
def test_any_other_is_replaced(anonymous, given):
    response = anonymous.get("/health/live", headers={"X-Request-ID": given})
    assert re.fullmatch(r"[0-9a-f]{32}", response["X-Request-ID"])


def test_each_request_has_its_own(anonymous):
    first, second = (anonymous.get("/health/live")["X-Request-ID"] for _ in range(2))
    assert first != second
    assert current_request_id() == "-"


def test_log_records_carry_it():
    record = logging.makeLogRecord({})
    assert RequestIdFilter().filter(record)
    assert vars(record)["request_id"] == "-"


def test_a_record_keeps_the_id_that_it_has():
    record = logging.makeLogRecord({"request_id": "abc"})
    RequestIdFilter().filter(record)
    assert vars(record)["request_id"] == "abc"
