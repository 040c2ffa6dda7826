"""RFC 7240: what is a preference, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.api.preferences import preferences

TABLE = [
    ("respond-async", {"respond-async": ""}),
    ("Respond-Async", {"respond-async": ""}),
    ("respond-async, wait=10", {"respond-async": "", "wait": "10"}),
    ("wait = 10 ; x=y, respond-async;z", {"wait": "10", "respond-async": ""}),
    ('respond-async=""', {"respond-async": ""}),
    ("respond-async=", {"respond-async": ""}),
    ("respond-async=no", {"respond-async": "no"}),
    ("no-respond-async", {"no-respond-async": ""}),
    ("respond-async-later", {"respond-async-later": ""}),
    ('foo="bar, respond-async"', {"foo": "bar, respond-async"}),
    ('foo="; respond-async", a', {"foo": "; respond-async", "a": ""}),
    ("foo; respond-async", {"foo": ""}),
    ("handling=lenient, handling=strict", {"handling": "lenient"}),
    ("respond async", {}),
    ("=respond-async", {}),
    ("", {}),
    (",,;", {}),
]


@pytest.mark.parametrize(("header", "found"), TABLE)
def test_a_header(header, found):
    assert preferences(header) == found


TOKENS = st.text("abc-!1", min_size=1, max_size=4)
VALUES = st.text("ab ,;=-", max_size=6)
ITEMS = st.dictionaries(TOKENS, VALUES, max_size=4)


@given(ITEMS, st.sampled_from([",", ", ", " , ,"]), st.sampled_from(["", ";p", ' ; p="q,r"']))
def test_what_was_written_is_read(items, comma, parameter):
    header = comma.join(f'{name}="{value}"{parameter}' for name, value in items.items())
    assert preferences(header) == items


@given(st.text(max_size=30))
def test_any_text_is_read(header):
    assert all(name == name.lower() for name in preferences(header))
