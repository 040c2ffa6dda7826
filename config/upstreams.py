"""The servers that UPSTREAMS names, in a TOML file or by itself, as checked values. Each raises
`EnvError` with one line that says where what is wrong. It shows no values that could be keys, such
as a key that was written in place of the name of its variable or file.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from environs import EnvError, ValidationError

from config import environment, secret_files

BOARD = "board"  # the name of the board model, which needs no server
CAPABILITIES = ("vision", "tools", "reasoning")
MAX_BYTES = 256 * 1024
LONGEST_NAME = 100  # of a model

_SERVER_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,49}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST = 2**31 - 1
_NOT_OF_A_PATH = re.compile(r"[\s\"'=]")
_NO_PATH = (
    'Environment variable "UPSTREAMS" must be the path of a TOML file that can be read, or TOML '
    "that begins with [[server]] or has several lines"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedModel:
    """A model at a server. `name` is the public one, `served_as` the one of the server. `groups`
    are those whose members may use it there; without any, everybody may. `max_context` is 0 where
    it is not known. `embeds`: it makes vectors and answers no questions.
    """

    name: str
    served_as: str
    groups: frozenset[str] = frozenset()
    max_context: int = 0
    limit_parameter: str = ""
    takes_temperature: bool = True
    system_role: str = "system"
    capabilities: frozenset[str] = frozenset()
    embeds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A model server. A lower `priority` is asked earlier. Limits are 0, and times None, where the
    file has none. `label` is what users see of it. `is_sticky`: conversations stay with it.
    """

    name: str
    base_url: str
    models: tuple[ServedModel, ...]
    key: str = field(default="", repr=False)
    label: str = ""
    priority: int = 1
    weight: int = 1
    is_sticky: bool = True
    max_at_once: int = 0
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    connect_timeout: float | None = None
    first_byte_timeout: float | None = None
    chunk_timeout: float | None = None


Servers = tuple[Server, ...]
Secret = Callable[[str], str]
Check = Callable[[Any], bool]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and value.isprintable()


def _is_number(value: object, *, least: int, most: int = _MOST) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_time(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= _MOST


def _is_name_there(value: object) -> bool:
    return _is_text(value) and len(str(value)) <= 200  # noqa: PLR2004 - of Reply.served_as


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _are_names(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


_TEXT = (_is_text, "a text")
_FLAG = (_is_flag, "true or false")
_SECONDS = (_is_time, "seconds, more than 0")
_FROM_1 = (partial(_is_number, least=1), "a whole number, 1 or more")
_LIMIT_NAMES = ("max_tokens", "max_completion_tokens")
_ROLES = ("system", "developer")

# What each key must be, and the words for it. A server may have those of its models, as defaults.
_OF_BOTH: dict[str, tuple[Check, str]] = {
    "groups": (_are_names, "a list of names of groups"),
    "max_context": (partial(_is_number, least=1024), "a whole number, 1024 or more"),
    "limit_parameter": (_LIMIT_NAMES.__contains__, " or ".join(_LIMIT_NAMES)),
    "temperature": _FLAG,
    "system_role": (_ROLES.__contains__, " or ".join(_ROLES)),
    **dict.fromkeys(CAPABILITIES, _FLAG),
}
_OF_MODEL: dict[str, tuple[Check, str]] = {
    "name": _TEXT,
    "served_as": (_is_name_there, "a text of at most 200 characters"),
    "embeddings": _FLAG,
    **_OF_BOTH,
}
_OF_SERVER: dict[str, tuple[Check, str]] = {
    "name": (
        lambda value: isinstance(value, str) and bool(_SERVER_NAME.fullmatch(value)),
        "1 to 50 small letters, digits and - _ .",
    ),
    "base_url": _TEXT,
    "key_env": (
        lambda value: isinstance(value, str) and bool(_VARIABLE.fullmatch(value)),
        "the name of a variable",
    ),
    "key_file": _TEXT,
    "label": _TEXT,
    "priority": _FROM_1,
    "weight": (partial(_is_number, least=1, most=1000), "a whole number from 1 to 1000"),
    "sticky": _FLAG,
    "max_at_once": _FROM_1,
    "requests_per_minute": _FROM_1,
    "tokens_per_minute": _FROM_1,
    "connect_timeout": _SECONDS,
    "first_byte_timeout": _SECONDS,
    "chunk_timeout": _SECONDS,
    "model": (
        lambda value: isinstance(value, list) and bool(value),
        "one or more [[server.model]]",
    ),
    **_OF_BOTH,
}
_KEPT = (
    *("label", "priority", "weight", "max_at_once", "requests_per_minute", "tokens_per_minute"),
    *("connect_timeout", "first_byte_timeout", "chunk_timeout"),
)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the TOML stands: in a file, or in the variable itself. Relative paths in it start at
    `folder`. No error shows the text, since a key may have got into it.
    """

    folder: Path
    file: Path | None = None

    def wrong(self, what: str) -> EnvError:
        """`what` follows "a file" or "a text"."""
        where, end = ("names a file", f": {self.file}") if self.file else ("holds a text", "")
        return EnvError(f'Environment variable "UPSTREAMS" {where} {what}{end}')


def read(given: str, *, base: Path, secret: Secret) -> tuple[Servers, bool]:
    """The servers in their order, and whether the board stands at their end. `given` is the TOML
    itself if it has several lines or begins with `[[`, else the path of its file; nothing gives no
    servers. Relative paths start at `base`; `secret` reads a variable that has a key.
    """
    if not given:
        return (), False
    is_text = "\n" in given or given.lstrip().startswith("[[")
    file = None if is_text else base / Path(given).expanduser()
    source = _Source(file.parent if file else base, file)
    content = _content(file, given) if file else given.encode(errors="surrogateescape")
    entries = _entries(content, source)
    board_is_last = entries[-1] == {"name": BOARD}
    if board_is_last:
        entries.pop()
    servers = tuple(
        _server(entry, number, folder=source.folder, secret=secret)
        for number, entry in enumerate(entries, start=1)
    )
    _check_names(servers, source)
    return servers, board_is_last


def _in(where: str, what: str) -> EnvError:
    return EnvError(f"UPSTREAMS, {where}: {what}")


def _content(file: Path, given: str) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        is_like_a_path = "/" in given or given.endswith(".toml")
        if not is_like_a_path or _NOT_OF_A_PATH.search(given):
            raise EnvError(_NO_PATH) from None
        why = f"that cannot be read: {error.strerror}"
        raise _Source(file.parent, file).wrong(why) from error


def _entries(content: bytes, source: _Source) -> list[Any]:
    if len(content) > MAX_BYTES:
        raise source.wrong(f"that has more than {MAX_BYTES} bytes")
    try:
        parsed = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise source.wrong(f"that is no TOML: {' '.join(str(error).split())}") from error
    for key in parsed.keys() - {"server"}:
        raise source.wrong(f'that has an unknown key "{key}" beside [[server]]')
    entries = parsed.get("server")
    if not isinstance(entries, list) or not entries or entries == [{"name": BOARD}]:
        raise source.wrong("that has no [[server]] with a base_url")
    return entries


def _server(entry: Any, number: int, *, folder: Path, secret: Secret) -> Server:
    where = f"server {number}"
    if isinstance(entry, dict) and isinstance(entry.get("name"), str):
        where += f" ({entry['name'][:50]!r})"
    if isinstance(entry, dict) and entry.get("name") == BOARD:
        raise _in(where, "the board must be last, and have no other key")
    _check_keys(entry, _OF_SERVER, where, needed=("name", "base_url", "model"))
    defaults = {name: entry[name] for name in _OF_BOTH if name in entry}
    models = [_model(one, defaults, where, place) for place, one in enumerate(entry["model"], 1)]
    for model in models:
        if [one.name for one in models].count(model.name) > 1:
            raise _in(where, f"two models are named {model.name!r}")
    return Server(
        name=entry["name"],
        base_url=_base_url(entry["base_url"], where),
        models=tuple(models),
        key=_key(entry, where, folder=folder, secret=secret),
        is_sticky=entry.get("sticky", True),
        **{name: entry[name] for name in _KEPT if name in entry},
    )


def _check_keys(
    entry: Any, known: Mapping[str, tuple[Check, str]], where: str, *, needed: Iterable[str]
) -> None:
    if not isinstance(entry, dict):
        raise _in(where, "must be a table")
    if "key" in entry:
        raise _in(
            where,
            'a key does not belong in this file: name its variable by "key_env", or a '
            'file that holds it by "key_file"',
        )
    for name in entry:
        if name not in known:
            raise _in(where, f"unknown key {name!r}; known are {', '.join(known)}")
        check, words = known[name]
        if not _passes(check, entry[name]):
            raise _in(where, f'"{name}" must be {words}')
    for name in needed:
        if name not in entry:
            raise _in(where, f'has no "{name}"')


def _passes(check: Check, value: object) -> bool:
    return isinstance(value, (str, int, float, list)) and check(value)


def _model(entry: Any, defaults: Mapping[str, Any], where: str, number: int) -> ServedModel:
    where += f", model {number}"
    _check_keys(entry, _OF_MODEL, where, needed=("name",))
    given = {**defaults, **entry}
    name = given["name"]
    if name == BOARD or name != name.strip() or len(name) > LONGEST_NAME or "," in name:
        raise _in(
            where,
            f'"name" must have at most {LONGEST_NAME} characters, without commas and '
            f'outer spaces, and not be "{BOARD}"',
        )
    return ServedModel(
        name=name,
        served_as=given.get("served_as", name),
        groups=frozenset(given.get("groups", ())),
        max_context=given.get("max_context", 0),
        limit_parameter=given.get("limit_parameter", ""),
        takes_temperature=given.get("temperature", True),
        system_role=given.get("system_role", "system"),
        capabilities=frozenset(one for one in CAPABILITIES if given.get(one)),
        embeds=given.get("embeddings", False),
    )


def _base_url(url: str, where: str) -> str:
    try:
        environment.base_url(url, key_goes="is named by key_env")
        environment.check_proxy(url)
    except ValidationError as error:
        raise _in(where, f'"base_url" invalid: {error.messages[0]}') from error
    return url.rstrip("/")


def _key(entry: Mapping[str, Any], where: str, *, folder: Path, secret: Secret) -> str:
    variable, file = entry.get("key_env"), entry.get("key_file")
    if variable and file:
        raise _in(where, "has both a key_env and a key_file")
    if file:
        try:
            path = folder / Path(file).expanduser()
            return secret_files.content_of("key_file", path, shows_path=False)
        except EnvError as error:
            raise _in(where, str(error)) from error
    if not variable:
        return ""
    if not (key := secret(variable).strip()):
        raise _in(where, "its key_env names a variable that is not set")
    return key


def _check_names(servers: Servers, source: _Source) -> None:
    names = [server.name for server in servers]
    for name in names:
        if names.count(name) > 1:
            raise source.wrong(f"in which two servers are named {name!r}")
    kinds: dict[str, bool] = {}
    for server in servers:
        for model in server.models:
            if kinds.setdefault(model.name, model.embeds) != model.embeds:
                raise source.wrong(f"in which {model.name!r} is for embeddings at one server only")


def names_of(servers: Servers, *, embeds: bool = False) -> list[str]:
    """The public names of the models that answer questions, or of those that make vectors."""
    models = (model for server in servers for model in server.models)
    return list(dict.fromkeys(model.name for model in models if model.embeds == embeds))


def groups_of(servers: Servers) -> dict[str, frozenset[str]]:
    """The groups of each model that no server has for everybody."""
    found: dict[str, list[frozenset[str]]] = {}
    for server in servers:
        for model in server.models:
            found.setdefault(model.name, []).append(model.groups)
    return {name: frozenset().union(*given) for name, given in found.items() if all(given)}


def label_of(servers: Servers, name: str) -> str:
    """What users see of a server: nothing where it has no label, or is not there any more."""
    return next((server.label for server in servers if server.name == name), "")


def capabilities_of(servers: Servers, name: str) -> list[str]:
    """What the model can do at all of its servers, so that it does not matter which one answers."""
    models = [model for server in servers for model in server.models if model.name == name]
    return [one for one in CAPABILITIES if models and all(one in m.capabilities for m in models)]


def default_model(servers: Servers) -> str:
    """The first model that is for everybody."""
    limited = groups_of(servers)
    return next((name for name in names_of(servers) if name not in limited), BOARD)


def check_alone(servers: Servers, base_url: str) -> None:
    if servers and base_url:
        raise EnvError('Environment variables "UPSTREAMS" and "OPENAI_BASE_URL" are both set')


def check_models(servers: Servers, **named: str | Sequence[str]) -> None:
    """Each setting (`CHAT_MODELS=[…]`) names only models that a server has; the default one is for
    everybody.
    """
    if not servers:
        return
    for setting, names in named.items():
        served = names_of(servers, embeds=setting == "EMBEDDING_MODEL")
        for name in [names] if isinstance(names, str) else names:
            if name and name not in {*served, BOARD}:
                raise EnvError(
                    f'Environment variable "{setting}" names {name!r}, which no server of '
                    "UPSTREAMS has"
                )
    if named.get("DEFAULT_MODEL") in groups_of(servers):
        raise EnvError(
            'Environment variable "DEFAULT_MODEL" must be a model that UPSTREAMS limits to no group'
        )
