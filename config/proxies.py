"""By which proxy a URL is reached. Every HTTP client of Daesa follows these rules.

`http_proxy` is for URLs with http://, `https_proxy` for https://, and `all_proxy` for those of the
two without a proxy of their own. `no_proxy` lists the hosts that are reached directly, by commas or
spaces: a name stands for itself and the names below it (with or without `.` or `*.` before it), an
address for itself, a network such as 10.0.0.0/8 for its addresses, `*` for all; each may have a
port. Names in lower case take precedence over those in upper case.
"""

import ipaddress
import os
import re
from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes, urlsplit
from urllib.request import getproxies_environment

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_PORTS = {"http": 80, "https": 443}
_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")
_ENTRY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]+)(?::(?P<port>\d{1,5}))?")
_NAME = re.compile(r"(?:\*?\.)?(?P<name>[\w-]+(?:\.[\w-]+)*)\.?")


class BadProxy(ValueError):  # noqa: N818
    """Says in one line what a variable must be, without its value, which may have a password."""

    def __init__(self, variable: str, needed: str) -> None:
        super().__init__(f'Environment variable "{_spelling(variable)}" {needed}')


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy, and the variable that names it. `user` and `password` are decoded; both are
    empty without authentication.
    """

    host: str
    port: int
    user: bytes
    password: bytes
    variable: str

    @property
    def address(self) -> str:
        """The URL without user and password."""
        return f"http://{self._place}"

    @property
    def url(self) -> str:
        """The URL with user and password."""
        if not self.user:
            return self.address
        return f"http://{quote(self.user, safe='')}:{quote(self.password, safe='')}@{self._place}"

    def headers(self) -> dict[str, str]:
        """Basic authentication (RFC 7617), if there is a user."""
        if not self.user:
            return {}
        credentials = b64encode(self.user + b":" + self.password).decode()
        return {"Proxy-Authorization": f"Basic {credentials}"}

    @property
    def _place(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def proxy_for(url: str) -> Proxy | None:
    """The proxy by which an http:// or https:// URL is reached; None: directly.

    Raises `BadProxy` if the variable that applies, or `no_proxy`, cannot be understood.
    """
    proxies, target = getproxies_environment(), urlsplit(url)
    scheme = target.scheme if proxies.get(target.scheme) else "all"
    value = proxies.get(scheme)
    if target.scheme not in _PORTS or not value:
        return None
    host, port = (target.hostname or "").rstrip("."), target.port or _PORTS[target.scheme]
    entries = re.findall(r"[^\s,]+", proxies.get("no", ""))
    if any([_covers(entry, host, port) for entry in entries]):  # noqa: C419 - all are checked
        return None
    return _read(value, f"{scheme}_proxy")


def _read(value: str, variable: str) -> Proxy:
    value = value if "://" in value else f"http://{value}"
    try:
        parts = urlsplit(value)
        port = 80 if parts.port is None else parts.port
    except ValueError:
        raise _unclear(variable) from None
    if parts.scheme == "https" or parts.scheme.startswith("socks"):
        raise BadProxy(
            variable,
            f"names a proxy that is reached by {parts.scheme}://; only http:// is supported",
        )
    has_more = parts.path.strip("/") or parts.query or parts.fragment
    if parts.scheme != "http" or not parts.hostname or not port or has_more or _BLANK.search(value):
        raise _unclear(variable)
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    return Proxy(
        host=parts.hostname,
        port=port,
        user=unquote_to_bytes(user),
        password=unquote_to_bytes(password),
        variable=_spelling(variable),
    )


def _covers(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    known, only_port = _parse_entry(entry)
    if only_port not in {None, port}:
        return False
    if isinstance(known, str):
        return f".{host}".lower().endswith(f".{known}".lower())
    address = _network(host)
    return address is not None and address[0] in known


def _parse_entry(entry: str) -> tuple[_Network | str, int | None]:
    """A network (an address is one) or a name, and the port if there is one."""
    if network := _network(entry):
        return network, None
    if found := _ENTRY.fullmatch(entry):
        host, port = found["host"], int(found["port"]) if found["port"] else None
        if network := _network(host.strip("[]")):
            return network, port
        if name := _NAME.fullmatch(host):
            return name["name"], port
    raise BadProxy("no_proxy", f'has "{entry[:100]}", which is neither a host nor a network')


def _network(text: str) -> _Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _unclear(variable: str) -> BadProxy:
    return BadProxy(variable, "must be like http://user:password@host:3128, with %40 for @")


def _spelling(variable: str) -> str:
    return variable if os.environ.get(variable) else variable.upper()
