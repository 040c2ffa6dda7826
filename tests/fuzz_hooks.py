"""What schemathesis does beside its own: each case comes from an address of its own, so that the
limits per address, which have their own tests, do not stand in front of what is tried.
"""

import itertools
from ipaddress import IPv4Address
from typing import Any

import schemathesis

_addresses = itertools.count(int(IPv4Address("10.0.0.1")))


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    case.headers["X-Forwarded-For"] = str(IPv4Address(next(_addresses)))
