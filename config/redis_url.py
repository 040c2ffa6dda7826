"""Redis as REDIS_URL names it: one server (`redis://`, `rediss://` with TLS, `unix://`), or the
master that a group of Sentinels names (`redis+sentinel://`, `rediss+sentinel://`).

    redis+sentinel://user:password@host:26379,host:26379/service/0?sentinel_password=…

The part before `@` is for Redis. Options after `?` are redis-py's, and `sentinel_username` and
`sentinel_password`. TLS trusts the system's authorities (SSL_CERT_FILE replaces them) and those in
REDIS_CA_FILE.
"""

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from django.conf import settings

if TYPE_CHECKING:
    from redis import ConnectionPool, Redis

SCHEMES = ("redis://", "rediss://", "unix://", "redis+sentinel://", "rediss+sentinel://")
_SENTINEL = "+sentinel"
_SENTINEL_PORT = 26379
_OF_SENTINEL = ("sentinel_username", "sentinel_password")
# Without a check of the certificate, TLS does not protect the password: any machine on the way
# could answer as Redis.
_UNCHECKED = {"ssl_cert_reqs": {"none", "optional"}, "ssl_check_hostname": {"false", "0", "no"}}


def client(url: str, **options: Any) -> "Redis":
    """A client with connections of its own, which are closed with it. `options` are redis-py's, for
    Redis and Sentinel alike; those of the URL take precedence.
    """
    from redis import Redis  # noqa: PLC0415

    return Redis.from_pool(connection_pool(url, **options))


def connection_pool(url: str, **options: Any) -> "ConnectionPool":
    """As `client`, for callers that make their own client."""
    from redis import ConnectionPool  # noqa: PLC0415 - settings check a URL without a Redis

    of_server = _tls(url) | options
    if _SENTINEL not in url.partition("://")[0]:
        return ConnectionPool.from_url(url, **of_server)
    return _sentinel_pool(url, of_server)


def problem_of(url: str) -> str:
    """Why the URL cannot be used, or "". Quotes no part of the URL, which has a password."""
    try:
        return _problem_of(url)
    except ValueError:
        return "Must be a URL in which other characters of a password are written like %40"


def _problem_of(url: str) -> str:
    query = parse_qs(urlsplit(url).query)
    if any(values[0].lower() in _UNCHECKED.get(name, ()) for name, values in query.items()):
        return "TLS must check the server's certificate; REDIS_CA_FILE names its authority"
    if _SENTINEL in urlsplit(url).scheme:
        if not (
            _service_and_number(url)[0] and all(host for host, _ in sentinels(url) or [("", 0)])
        ):
            return "Must be like redis+sentinel://host:26379,host:26379/service/0"
        url = _plain(url)
    parts = urlsplit(url)
    if parts.scheme != "unix":
        number = parts.path.strip("/")
        if not parts.hostname or parts.port == 0 or (number and not number.isdecimal()):
            return "Must be like redis://host:6379/0"
    _parsed(url)
    return ""


def sentinels(url: str) -> list[tuple[str, int]]:
    """The host and port of each Sentinel in the URL."""
    hosts = urlsplit(url).netloc.rpartition("@")[2]
    found = [urlsplit(f"//{host}") for host in hosts.split(",") if host]
    return [(unquote(part.hostname or ""), part.port or _SENTINEL_PORT) for part in found]


def _sentinel_pool(url: str, of_server: dict[str, Any]) -> "ConnectionPool":
    from redis import sentinel as untyped  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    query = {name: value[0] for name, value in parse_qs(urlsplit(url).query).items()}
    of_sentinel = {name.removeprefix("sentinel_"): query.get(name) for name in _OF_SENTINEL}
    given = _parsed(_plain(url))
    is_secure = given.pop("connection_class", None) is not None
    for name in ("host", "port"):
        given.pop(name, None)
    options = {"ssl": is_secure, **of_server, **given}
    shared = {name: value for name, value in options.items() if name.startswith(("ssl", "socket_"))}
    sentinel: Any = untyped
    group = sentinel.Sentinel(
        sentinels(url),
        # Without retries: where a Sentinel does not answer, the next one is asked at once.
        sentinel_kwargs={**shared, **of_sentinel, "retry": Retry(NoBackoff(), 0)},
        **options,
    )
    service, _ = _service_and_number(url)
    return cast("ConnectionPool", group.master_for(service).connection_pool)


def _plain(url: str) -> str:
    """The URL as if the master were asked directly, for redis-py's parser."""
    parts = urlsplit(url)
    user, at, _ = parts.netloc.rpartition("@")
    _, number = _service_and_number(url)
    query = {
        name: values[0]
        for name, values in parse_qs(parts.query).items()
        if name not in _OF_SENTINEL
    }
    scheme = parts.scheme.removesuffix(_SENTINEL)
    return f"{scheme}://{user}{at}master/{quote(number)}?{urlencode(query)}"


def _service_and_number(url: str) -> tuple[str, str]:
    service, _, number = urlsplit(url).path.strip("/").partition("/")
    return unquote(service), number or "0"


def _parsed(url: str) -> dict[str, Any]:
    """As redis-py understands the URL of one server. Raises ValueError."""
    from redis import connection as untyped  # noqa: PLC0415

    connection: Any = untyped
    return dict(connection.parse_url(url))


def _tls(url: str) -> dict[str, Any]:
    is_secure = url.startswith("rediss")
    return {"ssl_ca_certs": settings.REDIS_CA_FILE} if is_secure and settings.REDIS_CA_FILE else {}
