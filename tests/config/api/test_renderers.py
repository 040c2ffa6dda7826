import datetime as dt
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ErrorDetail

from config.api.renderers import JSONRenderer


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, b""),
        ({"대사": "말"}, '{"대사":"말"}'.encode()),
        (gettext_lazy("Korean"), b'"Korean"'),
        (ErrorDetail("no", code="x"), b'"no"'),
        (MappingProxyType({"a": 1}), b'{"a":1}'),
        ({1: (2, 3)}, b'{"1":[2,3]}'),
        ({4}, b"[4]"),
        (
            dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=ZoneInfo("Asia/Seoul")),
            b'"2026-01-02T03:04:05+09:00"',
        ),
    ],
)
def test_render(value, expected):
    assert JSONRenderer().render(value) == expected


def test_what_has_no_json_form():
    with pytest.raises(TypeError) as caught:
        JSONRenderer().render(object())
    assert str(caught.value.__cause__) == "object has no JSON form"
