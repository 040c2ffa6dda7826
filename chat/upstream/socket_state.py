"""Whether bytes are waiting on a socket, without blocking."""

import select
import socket
import ssl
from collections.abc import Callable
from typing import Any

from gevent.monkey import get_original

# gevent's own poll would switch to the hub, even for a check that does not wait.
_poll: Callable[[], Any] = get_original("select", "poll")


def is_readable(connected: socket.socket) -> bool:
    """Whether a read would return at once, with bytes or with the end of the file. TLS may hold
    bytes that the socket no longer shows.
    """
    if isinstance(connected, ssl.SSLSocket) and connected.pending():
        return True
    poll = _poll()
    poll.register(connected.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def has_unrequested_bytes(connected: socket.socket) -> bool:
    """Whether a readable, idle connection holds bytes, and not only its end.

    Reads one, because only a read shows whether TLS has data or just a record of its own. So the
    connection must not be used afterwards.
    """
    try:
        connected.settimeout(0)
        return bool(connected.recv(1))
    except OSError:
        return False
