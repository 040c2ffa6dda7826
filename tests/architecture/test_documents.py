"""Documents name only what exists: files, modules, commands, make targets, links and anchors."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT: Path = settings.BASE_DIR
LONGEST_README = 120
PACKAGES = ("accounts", "bench", "chat", "config", "deploy", "fakeopenai", "quotes", "tests")
FOLDERS = (*PACKAGES, "docs", "frontend", "nginx", "src")
ENDINGS = ("py", "md", "conf", "inc", "sh", "service", "yaml", "toml", "ts", "tsx", "txt", "jsonl")
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *(
        ROOT / name
        for name in ("bench/README.md", "frontend/README.md", "quotes/fixtures/README.md")
    ),
]
# The changelog speaks of releases, whose modules may have other names today.
CURRENT = [document for document in DOCUMENTS if document.name != "CHANGELOG.md"]


def named(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def read(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def prose_of(document: Path) -> str:
    """The text without its fenced blocks."""
    return re.sub(r"^( *)```.*?^\1```$", "", read(document), flags=re.DOTALL | re.MULTILINE)


def in_backticks(document: Path) -> list[str]:
    return re.findall(r"`([^`\n]+)`", prose_of(document))


def is_path(text: str) -> bool:
    """A path below one of our folders, with an ending that we know or a slash at its end."""
    folder, slash, _ = text.partition("/")
    has_ending = text.endswith("/") or text.rpartition(".")[2] in ENDINGS
    return (
        bool(re.fullmatch(r"[\w./-]+", text)) and bool(slash) and folder in FOLDERS and has_ending
    )


def is_file_name(text: str) -> bool:
    """A source file without its folder."""
    return bool(re.fullmatch(r"[\w.]+\.(?:py|tsx?)", text)) and not text.startswith(".")


def is_module(text: str) -> bool:
    return bool(re.fullmatch(rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)+", text))


def exists(module: str) -> bool:
    """Whether this is a module, or a name that stands in one."""
    parent, _, name = module.rpartition(".")
    try:
        if find_spec(module):
            return True
    except ModuleNotFoundError:  # the parent is no package
        pass
    source = find_spec(parent) if "." in parent or parent in PACKAGES else None
    if source is None or source.origin is None:
        return False
    return bool(re.search(rf"\b{name}\b", Path(source.origin).read_text(encoding="utf-8")))


def anchors_of(document: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", prose_of(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", CURRENT, ids=named)
def test_every_path_exists(document):
    places = [ROOT, document.parent, ROOT / "frontend"]
    paths = set(filter(is_path, in_backticks(document)))
    assert not {path for path in paths if not any((place / path).exists() for place in places)}


@pytest.mark.parametrize("document", CURRENT, ids=named)
def test_every_file_name_exists(document):
    written_by_make = {"schema.d.ts"}
    names = set(filter(is_file_name, in_backticks(document))) - written_by_make
    places = [ROOT / folder for folder in (*PACKAGES, "frontend/src", "frontend/scripts")]
    assert not {name for name in names if not any(any(place.rglob(name)) for place in places)}


@pytest.mark.parametrize("document", CURRENT, ids=named)
def test_every_module_exists(document):
    modules = set(filter(is_module, in_backticks(document)))
    # `chat.0007` is a migration, `accounts.W001` a system check.
    others = {name for name in modules if re.search(r"\.(?:\d{4}|[WE]\d{3})$", name)}
    assert not {module for module in modules - others if not exists(module)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_link_leads_somewhere(document):
    for target, _, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(#([^)]+))?\)", read(document)):
        linked = document.parent / target if target else document
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors_of(linked), f"{target}#{anchor}"


@pytest.mark.parametrize("document", CURRENT, ids=named)
def test_every_command_exists(document):
    commands = set(re.findall(r"manage\.py ([a-z][a-z_]+)", read(document)))
    assert commands <= set(get_commands())
    targets = set(re.findall(r"^([a-z-]+):.*##", read(ROOT / "Makefile"), re.MULTILINE))
    code = "\n".join(re.findall(r"`[^`]+`", read(document)))
    assert set(re.findall(r"`(?:[\w=]+ )*make ([a-z-]+)", code)) <= targets


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_the_readme_is_short(name):
    assert len(read(ROOT / name).splitlines()) <= LONGEST_README


@pytest.mark.parametrize(
    ("name", "title"), [("README.md", "Map"), ("README.ko.md", "디렉터리 구조")]
)
def test_the_map_of_the_readme_is_true(name, title):
    drawn = read(ROOT / name).split(f"## {title}\n")[1].split("```")[1]
    top, found = "", set()
    for indent, folder in re.findall(r"^( *)(\w+)/ ", drawn, re.MULTILINE):
        top = top if indent else folder
        found.add(f"{top}/{folder}" if indent else folder)
    missing = {path for path in found if not (ROOT / path).is_dir()}
    assert not missing
    assert {"accounts", "chat", "config", "quotes", "frontend", "tests"} <= found


def test_both_readmes_lead_to_each_other_and_to_the_same_pages():
    english, korean = read(ROOT / "README.md"), read(ROOT / "README.ko.md")
    links = [set(re.findall(r"\]\((?!https?:)([^)]+)\)", text)) for text in (english, korean)]
    assert links[0] - {"README.ko.md"} == links[1] - {"README.md"}
    assert "README.ko.md" in links[0]
    assert "README.md" in links[1]


def test_the_index_of_decisions_names_each_once():
    directory = ROOT / "docs" / "adr"
    index = read(directory / "README.md")
    listed = re.findall(r"\((\d{4}-[^)]+)\)", index)
    assert listed == sorted(path.name for path in directory.glob("0*.md"))
