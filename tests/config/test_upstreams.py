"""The TOML of `UPSTREAMS`, in a file or in the variable: what it gives, and the one line for each
thing that is wrong in it.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from environs import EnvError

from config import upstreams
from config.upstreams import ServedModel, Server
from tests.config.conftest import complaint

WHOLE = """
[[server]]
name = "near"
base_url = "http://127.0.0.1:11434/v1/"
key_env = "NEAR_KEY"
label = "Our own machine"
priority = 2
weight = 3
sticky = false
max_at_once = 4
requests_per_minute = 60
tokens_per_minute = 90000
first_byte_timeout = 20
groups = ["staff"]
reasoning = true

[[server.model]]
name = "small"
served_as = "llama3.2:3b"
max_context = 8192
limit_parameter = "max_completion_tokens"
temperature = false
system_role = "developer"
vision = true

[[server.model]]
name = "large"
groups = ["research", "staff"]

[[server]]
name = "far"
base_url = "https://api.example.com/v1"
key_file = "far.key"

[[server.model]]
name = "large"

[[server.model]]
name = "vectors"
embeddings = true

[[server]]
name = "board"
"""


def file_of(folder: Path, content: str) -> str:
    (folder / "servers.toml").write_text(content, encoding="utf-8")
    return "servers.toml"


def read(folder: Path, content: str, **variables: str) -> tuple[upstreams.Servers, bool]:
    file = file_of(folder, content)
    return upstreams.read(file, base=folder, secret=lambda name: variables.get(name, ""))


def test_what_it_gives(tmp_path):
    (tmp_path / "far.key").write_text("far-secret\n")
    servers, board_is_last = read(tmp_path, WHOLE, NEAR_KEY="near-secret")
    small = ServedModel(
        name="small",
        served_as="llama3.2:3b",
        groups=frozenset({"staff"}),
        max_context=8192,
        limit_parameter="max_completion_tokens",
        takes_temperature=False,
        system_role="developer",
        capabilities=frozenset({"vision", "reasoning"}),
    )
    large = ServedModel(
        name="large",
        served_as="large",
        groups=frozenset({"research", "staff"}),
        capabilities=frozenset({"reasoning"}),
    )
    near = Server(
        name="near",
        base_url="http://127.0.0.1:11434/v1",
        models=(small, large),
        key="near-secret",
        label="Our own machine",
        priority=2,
        weight=3,
        is_sticky=False,
        max_at_once=4,
        requests_per_minute=60,
        tokens_per_minute=90000,
        first_byte_timeout=20,
    )
    far = Server(
        name="far",
        base_url="https://api.example.com/v1",
        models=(
            ServedModel(name="large", served_as="large"),
            ServedModel(name="vectors", served_as="vectors", embeds=True),
        ),
        key="far-secret",
    )
    assert servers == (near, far)
    assert board_is_last
    assert upstreams.names_of(servers) == ["small", "large"]
    assert upstreams.names_of(servers, embeds=True) == ["vectors"]
    assert upstreams.groups_of(servers) == {"small": frozenset({"staff"})}
    assert upstreams.default_model(servers) == "large"
    assert upstreams.capabilities_of(servers, "large") == []
    assert upstreams.capabilities_of(servers, "small") == ["vision", "reasoning"]
    assert "secret" not in repr(servers)


@pytest.mark.parametrize("before", ["", "\n", "  ", "# Our servers\r\n"])
def test_the_variable_itself_has_it(tmp_path, before):
    (tmp_path / "far.key").write_text("far-secret\n")
    given = upstreams.read(before + WHOLE, base=tmp_path, secret=lambda _name: "near-secret")
    assert given == read(tmp_path, WHOLE, NEAR_KEY="near-secret")


def test_without_a_file(tmp_path):
    assert upstreams.read("", base=tmp_path, secret=str) == ((), False)
    assert upstreams.default_model(()) == "board"


SERVER = '[[server]]\nname = "a"\nbase_url = "http://127.0.0.1/v1"\n'
MODEL = '[[server.model]]\nname = "m"\n'
FILE = 'Environment variable "UPSTREAMS" names a file '
TEXT = 'Environment variable "UPSTREAMS" holds a text '
IN_A = "UPSTREAMS, server 1 ('a')"

WRONG = {
    "": f"{FILE}that has no [[server]] with a base_url: ",
    '[[server]]\nname = "board"': f"{FILE}that has no [[server]] with a base_url: ",
    "server = 3": f"{FILE}that has no [[server]] with a base_url: ",
    "[[server": f"{FILE}that is no TOML: ",
    "[[servers]]\n": f'{FILE}that has an unknown key "servers" beside [[server]]: ',
    "server = [3]": "UPSTREAMS, server 1: must be a table",
    f"[[server]]\n{MODEL}": 'UPSTREAMS, server 1: has no "name"',
    f'[[server]]\nname = "A b"\n{MODEL}': "UPSTREAMS, server 1 ('A b'): \"name\" must be ",
    f'[[server]]\nname = "a"\n{MODEL}': f'{IN_A}: has no "base_url"',
    SERVER: f'{IN_A}: has no "model"',
    f"{SERVER}model = []": f'{IN_A}: "model" must be one or more [[server.model]]',
    f"{SERVER}model = [1]": f"{IN_A}, model 1: must be a table",
    f"{SERVER}[[server.model]]": f'{IN_A}, model 1: has no "name"',
    f"{SERVER}{MODEL}{MODEL}": f"{IN_A}: two models are named 'm'",
    f"{SERVER}{MODEL}wieght = 1": f"{IN_A}, model 1: unknown key 'wieght'; known are name,",
    f"{SERVER}wieght = 1\n{MODEL}": f"{IN_A}: unknown key 'wieght'; known are name, base_url,",
    f'{SERVER}key = "sk-1"\n{MODEL}': f"{IN_A}: a key does not belong in this file",
    f'{SERVER}key_env = "NONE"\n{MODEL}': f"{IN_A}: its key_env names a variable that is not set",
    f'{SERVER}key_file = "none"\n{MODEL}': f"{IN_A}: key_file names a file that cannot be read",
    f'{SERVER}key_env = "X"\nkey_file = "x"\n{MODEL}': f"{IN_A}: has both a key_env and a key_file",
    f'{SERVER}weight = "3"\n{MODEL}': f'{IN_A}: "weight" must be a whole number from 1 to 1000',
    f"{SERVER}weight = 0\n{MODEL}": f'{IN_A}: "weight" must be a whole number from 1 to 1000',
    f"{SERVER}priority = true\n{MODEL}": f'{IN_A}: "priority" must be a whole number, 1 or more',
    f"{SERVER}max_at_once = 1.5\n{MODEL}": (
        f'{IN_A}: "max_at_once" must be a whole number, 1 or more'
    ),
    f"{SERVER}chunk_timeout = 0\n{MODEL}": f'{IN_A}: "chunk_timeout" must be seconds, more than 0',
    f"{SERVER}sticky = 1\n{MODEL}": f'{IN_A}: "sticky" must be true or false',
    f'{SERVER}groups = "g"\n{MODEL}': f'{IN_A}: "groups" must be a list of names of groups',
    f"{SERVER}groups = []\n{MODEL}": f'{IN_A}: "groups" must be a list of names of groups',
    f"{SERVER}vision = 1\n{MODEL}": f'{IN_A}: "vision" must be true or false',
    f"{SERVER}name2 = 2020-01-01\n{MODEL}": f"{IN_A}: unknown key 'name2'",
    f"{SERVER}label = 2020-01-01\n{MODEL}": f'{IN_A}: "label" must be a text',
    f'{SERVER}{MODEL}system_role = "user"': f'{IN_A}, model 1: "system_role" must be system or ',
    f'{SERVER}{MODEL}limit_parameter = "n"': f'{IN_A}, model 1: "limit_parameter" must be ',
    f"{SERVER}{MODEL}max_context = 10": f'{IN_A}, model 1: "max_context" must be a whole number',
    f"{SERVER}{MODEL}max_at_once = 1": f"{IN_A}, model 1: unknown key 'max_at_once'",
    f'{SERVER}[[server.model]]\nname = "board"': f'{IN_A}, model 1: "name" must have at most 100',
    f'{SERVER}[[server.model]]\nname = "a,b"': f'{IN_A}, model 1: "name" must have at most 100',
    f"{SERVER}{MODEL}{SERVER}{MODEL}": f"{FILE}in which two servers are named 'a'",
    f'[[server]]\nname = "board"\n{SERVER}{MODEL}': "UPSTREAMS, server 1 ('board'): the b",
    f'{SERVER}{MODEL}[[server]]\nname = "board"\nweight = 2': "UPSTREAMS, server 2 ('board'): ",
    '[[server]]\nname = "a"\nbase_url = "ftp://x"\n'
    + MODEL: f'{IN_A}: "base_url" invalid: Must be',
    '[[server]]\nname = "a"\nbase_url = "http://k@x"\n' + MODEL: (
        f'{IN_A}: "base_url" invalid: Must have no user or password: a key is named by key_env'
    ),
}


@pytest.mark.parametrize("content", WRONG)
def test_what_is_wrong_is_told_in_one_line(tmp_path, content):
    with pytest.raises(EnvError) as told:
        read(tmp_path, content, X="x")
    line = str(told.value)
    assert line.startswith(WRONG[content])
    assert "\n" not in line


@pytest.mark.parametrize("content", [content for content in WRONG if content])
def test_the_variable_itself_has_the_same_checks(tmp_path, content):
    with pytest.raises(EnvError) as told:
        upstreams.read(
            f"{content}\n", base=tmp_path, secret=lambda name: name.lower() if name == "X" else ""
        )
    line = str(told.value)
    assert line.startswith(WRONG[content].replace(FILE, TEXT).removesuffix(": "))
    assert "\n" not in line


# A file or a variable is named by the key itself, or the variable has one by mistake.
KEY = "gsk_0123456789abcdef0123456789abcdef"
MISPLACED = [
    f'{SERVER}key = "{KEY}"\n{MODEL}',
    f'{SERVER}key_env = "{KEY}"\n{MODEL}',
    f'{SERVER}key_env = "sk-{KEY}"\n{MODEL}',
    f'{SERVER}key_file = "{KEY}"\n{MODEL}',
    f"{SERVER}key_env = {KEY}\n{MODEL}",
    f'{SERVER}{MODEL}key = "{KEY}"',
    SERVER.replace("http://", f"http://{KEY}@") + MODEL,
    SERVER.replace("/v1", f"/v1?key={KEY}") + MODEL,
]


@pytest.mark.parametrize("content", MISPLACED)
def test_no_error_shows_a_key_of_the_text(tmp_path, content):
    for given in (content, file_of(tmp_path, content)):
        with pytest.raises(EnvError) as told:
            upstreams.read(given, base=tmp_path, secret=lambda _name: "")
        assert KEY not in str(told.value)


@pytest.mark.parametrize(
    "given", [KEY, f'server = [{{name = "a", key = "{KEY}/x"}}]', f"[server] key={KEY}.toml"]
)
def test_what_is_no_path_is_not_shown(tmp_path, given):
    with pytest.raises(EnvError) as told:
        upstreams.read(given, base=tmp_path, secret=str)
    assert str(told.value).startswith('Environment variable "UPSTREAMS" must be the path of')
    assert KEY not in str(told.value)


def test_a_text_that_is_too_large(tmp_path):
    with pytest.raises(EnvError, match=r"holds a text that has more than 262144 bytes$"):
        upstreams.read("\n" * (upstreams.MAX_BYTES + 1), base=tmp_path, secret=str)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(EnvError, match="names a file that cannot be read: No such file"):
        upstreams.read("none.toml", base=tmp_path, secret=str)


def test_a_file_that_is_too_large(tmp_path):
    with pytest.raises(EnvError, match="has more than 262144 bytes"):
        read(tmp_path, "#" * (upstreams.MAX_BYTES + 1))


def test_a_model_for_questions_here_and_for_vectors_there(tmp_path):
    other = SERVER.replace('"a"', '"b"')
    with pytest.raises(EnvError, match="'m' is for embeddings at one server only"):
        read(tmp_path, f"{SERVER}{MODEL}{other}{MODEL}embeddings = true")


def start_with(folder: Path, content: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Reads all settings in a process of its own, and prints some."""
    (folder / "servers.toml").write_text(content, encoding="utf-8")
    show = (
        "from config import settings as s; "
        "print(s.DEFAULT_MODEL, s.CHAT_MODELS, s.FALLBACK_TO_BOARD, repr(s.OPENAI_BASE_URL))"
    )
    env = {
        "DEBUG": "true",
        "DAESA_DOTENV": "",
        "DATA_DIR": str(folder),
        "UPSTREAMS": str(folder / "servers.toml"),
        **variables,
    }
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", show],
        cwd=django_settings.BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_the_settings_are(tmp_path):
    (tmp_path / "far.key").write_text("far-secret\n")
    # The key of one server may be in the variable of the single one.
    content = WHOLE.replace("NEAR_KEY", "OPENAI_API_KEY")
    done = start_with(tmp_path, content, OPENAI_API_KEY="near")
    assert (done.stderr, done.stdout) == ("", "large ['small', 'large'] True ''\n")


def test_settings_of_a_variable_or_of_its_file(start, tmp_path):
    """As compose and systemd hand them over."""
    key = tmp_path / "far.key"
    key.write_text("far-secret\n")
    content = WHOLE.replace("far.key", str(key))
    file = tmp_path / "handed_over"
    file.write_text(content)
    by_value = start(DEBUG="true", UPSTREAMS=content, NEAR_KEY="near-secret")
    assert [server.key for server in by_value["UPSTREAMS"]] == ["near-secret", "far-secret"]
    assert by_value["CHAT_MODELS"] == ["small", "large"]
    by_file = start(UPSTREAMS="", UPSTREAMS_FILE=str(file))
    assert by_file["UPSTREAMS"] == by_value["UPSTREAMS"]
    both = complaint(start, UPSTREAMS=content)
    assert both.endswith('variables "UPSTREAMS" and "UPSTREAMS_FILE" are both set')


OTHERS = [
    ("OPENAI_BASE_URL", "http://127.0.0.1/v1", 's "UPSTREAMS" and "OPENAI_BASE_URL" are both set'),
    ("CHAT_MODELS", "x", " \"CHAT_MODELS\" names 'x', which no server of UPSTREAMS has"),
    (
        "GLOSS_MODEL",
        "vectors",
        " \"GLOSS_MODEL\" names 'vectors', which no server of UPSTREAMS has",
    ),
    ("EMBEDDING_MODEL", "m", " \"EMBEDDING_MODEL\" names 'm', which no server of UPSTREAMS has"),
    (
        *("DEFAULT_MODEL", "small"),
        ' "DEFAULT_MODEL" must be a model that UPSTREAMS limits to no group',
    ),
]


@pytest.mark.parametrize(("name", "value", "line"), OTHERS)
def test_settings_that_do_not_go_with_it(tmp_path, name, value, line):
    (tmp_path / "far.key").write_text("far-secret\n")
    done = start_with(tmp_path, WHOLE, NEAR_KEY="near", **{name: value})
    assert (done.returncode, done.stderr) == (1, f"daesa: Environment variable{line}\n")
