"""Validators of environment variables, and readers of those that set several settings. All raise
with one line that says what the variable must be.
"""

import contextlib
import ipaddress
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import dj_database_url
import dj_email_url
from django.core.management.utils import get_random_secret_key
from environs import Env, EnvError, ValidationError, validate

from accounts.addresses.canonical_form import canonical
from config import redis_url, secret_files
from config.proxies import BadProxy, proxy_for

_ENDPOINT = re.compile(r"/(completions|models|embeddings|responses)/*$")


class Variables(Env):
    """environs' reader, and `secret` for what may also come from a file (config.secret_files)."""

    def secret(
        self,
        name: str,
        default: str | None = "",
        *,
        validate: Callable[[str], None] = lambda _value: None,
    ) -> str:
        """With None for the default, the variable must be set. An error does not show the value."""
        value = secret_files.value_of(name, lambda variable: str(self.str(variable, ""))) or default
        if value is None:
            raise EnvError(f'Environment variable "{name}" not set')
        try:
            validate(value)
        except ValidationError as error:
            why = error.messages[0]
            raise EnvError(f'Environment variable "{name}" invalid: {why}') from error
        return value


def variables() -> Variables:
    """The reader of variables, with `names` for lists."""
    env = Variables()
    env.add_parser("names", names)
    env.add_parser("cosine", cosine)
    return env


def one_of(*choices: str) -> validate.OneOf:
    return validate.OneOf(choices, error="Must be one of: {choices}.")


def time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("Must be the name of a time zone, such as Asia/Seoul.")


def redis(url: str) -> None:
    """An empty value is valid."""
    if not url:
        return
    if not (url.startswith(redis_url.SCHEMES) and len(url) > url.index("://") + 3):
        raise ValidationError(f"Must be a URL that starts with {' or '.join(redis_url.SCHEMES)}")
    if problem := redis_url.problem_of(url):
        raise ValidationError(problem)


def readable_file(path: str) -> None:
    """An empty value is valid."""
    if path and not (Path(path).is_file() and os.access(path, os.R_OK)):
        raise ValidationError("Must be a file that the server can read")


def base_url(url: str, *, key_goes: str = "goes into OPENAI_API_KEY") -> None:
    """What stands before `/chat/completions`; an empty value is valid."""
    if not url:
        return
    try:
        parts = urlsplit(url)
        is_url = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url or re.search(r"[\s\x00-\x1f\x7f]", url):
        raise ValidationError("Must be a URL that starts with http:// or https://, without spaces")
    if "?" in url or "#" in url:
        raise ValidationError("Must end with its path: a query (?api-version=) is not supported")
    if "@" in parts.netloc:
        raise ValidationError(f"Must have no user or password: a key {key_goes}")
    if _ENDPOINT.search(parts.path):
        raise ValidationError("Must be only what stands before /chat/completions or /models")


def names(given: str | list[str], check: Callable[[list[str]], None] | None = None) -> list[str]:
    """A list with commas, or the default. Spaces around a name, and empty names, do not count."""
    if isinstance(given, str):
        given = [name for part in given.split(",") if (name := part.strip())]
    if check:
        check(given)
    return given


def cosine(given: str) -> float | None:
    """A number from 0 to 1, or None for an empty text."""
    if not given.strip():
        return None
    try:
        number = float(given)
    except ValueError as error:
        raise ValidationError("Must be a number from 0 to 1.") from error
    if not 0 <= number <= 1:
        raise ValidationError("Must be a number from 0 to 1.")
    return number


def offered(models: list[str], default: str) -> list[str]:
    """The models with the default one, which is the first where they do not name it."""
    return models if default in models else [default, *models]


def check_proxy(url: str) -> None:
    """Raises for a proxy of the environment by which the upstream could not be reached."""
    try:
        proxy_for(url)
    except BadProxy as error:
        raise EnvError(str(error)) from error


def origins(urls: list[str]) -> None:
    for url in urls:
        if not re.fullmatch(r"https?://[^/?#\s]+", url):
            raise ValidationError("Must be origins such as https://daesa.example, without a path")


def networks(networks: list[str]) -> None:
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise ValidationError("Must be networks such as 10.0.0.0/8 or ::1") from error


def check_processes(count: int, redis_url: str) -> None:
    """Only through Redis do processes share streams and counts of sign-in attempts."""
    if count > 1 and not redis_url:
        raise EnvError('Environment variable "WEB_CONCURRENCY" above 1 needs "REDIS_URL"')


def pool_share(workers: int) -> int:
    """The default of DATABASE_POOL: PostgreSQL allows 100 connections by default, of which some are
    left for commands, backups and the next release's workers.
    """
    return max(1, min(20, 80 // workers))


def check_preload(preload: bool, include_subdomains: bool) -> None:  # noqa: FBT001
    """Browsers' preload list requires it."""
    if preload and not include_subdomains:
        raise EnvError('Environment variable "HSTS_PRELOAD" needs "HSTS_INCLUDE_SUBDOMAINS"')


# The names are those of `chat.upstream.parameters`, which settings cannot import.
_PARAMETERS = {"max_tokens", "max_completion_tokens", "temperature", "stream_options", "stream"}


def unsupported_parameters(entries: list[str], *, models: list[str]) -> frozenset[tuple[str, str]]:
    """(model, parameter) for entries such as `temperature` and `o3=temperature`; the model "" is
    every one.
    """
    parts = [entry.rpartition("=") for entry in entries]
    pairs = frozenset((model, parameter) for model, _, parameter in parts)
    for model, parameter in pairs:
        if parameter not in _PARAMETERS or (model and model not in models):
            raise EnvError(
                'Environment variable "UPSTREAM_UNSUPPORTED_PARAMETERS" must be like '
                "max_tokens,o3=temperature: parameters of requests, each with or without one of "
                "CHAT_MODELS"
            )
    return pairs


def email(url: str) -> dict[str, Any]:
    """Django's mail settings for a URL."""
    try:
        mail: dict[str, Any] = dict(dj_email_url.parse(url))
        mail["EMAIL_BACKEND"]  # missing where the scheme is unknown
    except (KeyError, ValueError) as error:
        raise EnvError(
            'Environment variable "EMAIL_URL" must be like submission://user:password@host:587'
        ) from error
    return mail


def check_review_emails(wanted: bool, email_url: str) -> None:  # noqa: FBT001
    if wanted and not email_url:
        raise EnvError('Environment variable "REVIEW_EMAILS" needs "EMAIL_URL"')


def plan_models(names: list[str], *, offered: list[str], default: str) -> list[str]:
    """The models of which a group's plan says who may use them."""
    if not set(names) <= set(offered) - {default}:
        raise EnvError(
            'Environment variable "PLAN_MODELS" must be some of CHAT_MODELS, without DEFAULT_MODEL'
        )
    return names


def quote_by_id_except(names: list[str], *, offered: list[str]) -> list[str]:
    """The models whose prompt does not mention quoting by ids."""
    if not set(names) <= set(offered):
        raise EnvError('Environment variable "QUOTE_BY_ID_EXCEPT" must be some of CHAT_MODELS')
    return names


def follow_ups(is_on: bool, *, title_model: str) -> bool:  # noqa: FBT001 - what the variable says
    """Whether answers get questions to follow, by the model that also makes titles."""
    if is_on and not title_model:
        raise EnvError('Environment variable "FOLLOW_UPS" needs "TITLE_MODEL"')
    return is_on


_CACHES = {"off", "exact", "near"}


def answer_cache(entries: list[str], *, offered: list[str], embedding_model: str) -> dict[str, str]:
    """Which stored answers each model's questions take, of entries such as `exact` (all models) and
    `o3=off`. Models that take none are left out.
    """
    parts = [entry.rpartition("=") for entry in entries]
    modes = {model.strip(): mode.strip() for model, _, mode in parts}
    if not (set(modes) <= {"", *offered} and set(modes.values()) <= _CACHES):
        raise EnvError(
            'Environment variable "ANSWER_CACHE" must be off, exact or near, or like '
            "exact,o3=off with some of CHAT_MODELS"
        )
    if "near" in modes.values() and not embedding_model:
        raise EnvError('Environment variable "ANSWER_CACHE" can be near with "EMBEDDING_MODEL"')
    chosen = {model: modes.get(model, modes.get("", "off")) for model in offered}
    return {model: mode for model, mode in chosen.items() if mode != "off"}


def signup_domains(names: list[str], *, verification: str) -> list[str]:
    """Domains in the form in which addresses are stored; a leading full stop stays."""
    if names and verification != "mandatory":
        # Anybody can type an address of any domain.
        raise EnvError(
            'Environment variable "SIGNUP_DOMAINS" needs "EMAIL_VERIFICATION" to be mandatory'
        )
    domains = [_domain(name) for name in names]
    if not all(domains):
        raise EnvError(
            'Environment variable "SIGNUP_DOMAINS" must be domains such as example.com, or '
            ".example.com with its subdomains"
        )
    return list(dict.fromkeys(domains))


def _domain(name: str) -> str:
    """The stored form, or "" where the name is no domain."""
    dot = "." if name.startswith(".") else ""
    domain = canonical(f"x@{name.removeprefix('.')}").rpartition("@")[2]
    labels = domain.split(".")
    is_domain = (
        "@" not in name
        and len(labels) > 1
        and all(
            label.isascii() and label.replace("-", "").isalnum() and label == label.strip("-")
            for label in labels
        )
    )
    return dot + domain if is_domain else ""


def addresses(given: list[str]) -> None:
    for address in given:
        local, _at, domain = address.partition("@")
        if not (local and domain) or "@" in domain or address.split() != [address]:
            raise ValidationError("Must be addresses such as staff@example.com")


def make_private(directory: Path) -> None:
    """Creates a missing directory with access for its owner only. An existing one is left alone:
    other programs of the site may need access (see config.checks).
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def development_secret(path: Path) -> str:
    """A secret generated once per data directory, so that sessions survive a restart."""
    with contextlib.suppress(FileExistsError):
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(get_random_secret_key())
    return path.read_text()


def fallback_secrets(former: list[str], *, current: str, is_checked: bool) -> list[str]:
    """The values that SECRET_KEY had before, which still verify what they have signed."""
    if any(is_checked and _is_weak(secret) for secret in former) or current in former:
        raise EnvError(
            'Environment variable "SECRET_KEY_FALLBACKS" must be former values of SECRET_KEY '
            "(comma-separated), each a random text of at least 50 characters"
        )
    return former


def _is_weak(secret: str) -> bool:
    return len(secret) < 50 or len(set(secret)) < 5 or secret.startswith("change-me")  # noqa: PLR2004


def production_secret(secret: str) -> str:
    if _is_weak(secret):
        raise EnvError(
            'Environment variable "SECRET_KEY" must be a random text of at least 50 characters '
            "(or set DEBUG=true on a machine of your own)"
        )
    return secret


def check_pgbouncer(wanted: bool, database: dict[str, Any]) -> None:  # noqa: FBT001
    if wanted and not database["ENGINE"].endswith("postgresql"):
        raise EnvError(
            'Environment variable "DATABASE_PGBOUNCER" needs a PostgreSQL "DATABASE_URL"'
        )


def time_limits(*, lock: float, statement: float, idle: float) -> dict[str, int]:
    """PostgreSQL's settings for limits in seconds: in milliseconds, without those that are 0."""
    limits = {
        "lock_timeout": lock,
        "statement_timeout": statement,
        "idle_in_transaction_session_timeout": idle,
    }
    return {name: round(limit * 1000) for name, limit in limits.items() if limit}


def as_options(limits: dict[str, int]) -> str:
    """As options of a PostgreSQL connection; without any the text is empty, and a connection has no
    options.
    """
    return " ".join(f"-c {name}={limit}" for name, limit in limits.items())


def database(url: str, *, data_dir: Path, pool: int, limits: str) -> dict[str, Any]:
    """Django's database settings for a URL, with options for correctness under load. `limits` as
    from `as_options`.
    """
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError as error:
        raise _bad_database_url() from error
    if database["ENGINE"] == "django.db.backends.sqlite3":
        return _sqlite(database, data_dir=data_dir)
    if database["ENGINE"] == "django.db.backends.postgresql":
        return _postgresql(database, pool=pool, limits=limits)
    raise _bad_database_url()


def _sqlite(database: dict[str, Any], *, data_dir: Path) -> dict[str, Any]:
    _touch_privately(str(database["NAME"]))
    return {
        **database,
        "ENGINE": "config.db.sqlite",
        "TEST": {"NAME": data_dir / "test.sqlite3"},  # a file, because tests use threads
        "OPTIONS": {
            # IMMEDIATE takes the write lock at the start of a transaction, where the busy timeout
            # applies. Upgrading later would fail with "database is locked".
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


# A peer that is gone without a word is noticed within a minute, and not after Linux's two hours. Of
# libpq (Database Connection Control Functions); in seconds, the last in milliseconds.
_NETWORK = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def _postgresql(database: dict[str, Any], *, pool: int, limits: str) -> dict[str, Any]:
    options = {**_NETWORK, **database.get("OPTIONS", {})}
    return {
        **database,
        "ENGINE": "config.db.postgresql",
        # They outlive their statement: a lost one cannot be executed again, and behind PgBouncer
        # another client may get its connection. Daesa itself uses none, allauth does for one row.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {
            **options,
            "POOL_SIZE": pool,
            "POOL_PATIENCE": 30.0,
            "TIME_LIMITS": limits,
        },
        "TEST": {"NAME": f"test_daesa{os.environ.get('DAESA_TEST_SUFFIX', '')}"},
    }


def _touch_privately(name: str) -> None:
    """Creates a missing database file with access for its owner only; SQLite gives the WAL files
    the same mode. If it fails, SQLite itself reports the reason.
    """
    if name == ":memory:" or name.startswith("file:"):
        return
    with contextlib.suppress(OSError):
        Path(name).touch(mode=0o600, exist_ok=False)


def _bad_database_url() -> EnvError:
    return EnvError(
        'Environment variable "DATABASE_URL" must be like postgres://user:password@host:5432/name '
        "or sqlite:////path/to/file"
    )
