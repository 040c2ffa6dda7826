"""A private name is read by the tests of its own module alone: `tests/chat/turns/test_quota.py` may
read those of `chat.turns.quota`. Otherwise a module cannot be changed without reading all tests.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

TESTS: Path = settings.BASE_DIR / "tests"
APPS = ("accounts", "chat", "config", "fakeopenai", "quotes")
DOTTED = re.compile(rf"({'|'.join(APPS)})(\.\w+)*\._[a-z]\w*", re.IGNORECASE)
# Django's documented API, in spite of its name; and a module that Python itself names so.
PUBLIC = {"_meta", "__main__"}
FILES = sorted(path for path in TESTS.rglob("*.py") if path.parent.name != "linear")


def private_names(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Each private name of the product that is imported, read or patched, with its module."""
    imported: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in APPS:
            for alias in node.names:
                imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                if alias.name.startswith("_"):
                    yield str(node.module), alias.name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            if isinstance(node.value, ast.Name) and node.value.id in imported:
                yield imported[node.value.id], node.attr
        elif isinstance(node, ast.Constant) and DOTTED.fullmatch(str(node.value)):
            module, _, name = str(node.value).rpartition(".")
            yield module, name


def is_own(path: Path, module: str) -> bool:
    """Whether a file of tests is by its place for this module, or for its package."""
    parts = path.relative_to(TESTS).with_suffix("").parts
    tested = ".".join([*parts[:-1], parts[-1].removeprefix("test_")])
    return tested.startswith(module) or module.startswith(f"{tested}.")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TESTS)))
def test_private_names_are_read_by_their_own_tests_alone(path):
    found = {
        f"{module}.{name}"
        for module, name in private_names(ast.parse(path.read_text(encoding="utf-8")))
        if name not in PUBLIC and not is_own(path, module)
    }
    assert found == set()


def test_it_finds_them():
    text = (
        "from chat.turns import quota\nfrom chat.live.streams import _lock\nquota._TAKE\n"
        "patch('accounts.tokens._now')\nquota.reserve\npatch('quotes.index')\n"
    )
    assert set(private_names(ast.parse(text))) == {
        ("chat.live.streams", "_lock"),
        ("chat.turns.quota", "_TAKE"),
        ("accounts.tokens", "_now"),
    }
