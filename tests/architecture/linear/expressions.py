"""Every expression of the product: compiled ones in its modules, in containers, in classes, in the
validators of serializers and models, in its routes, and those that functions give to `re` at once.
"""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from django.core.validators import RegexValidator
from django.db.models import Model
from django.urls import get_resolver
from rest_framework.serializers import Serializer

PACKAGES = ("config", "accounts", "chat", "quotes")
_ROOT = Path(__file__).resolve().parents[3]
_CALLS = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}

Found = dict[str, "re.Pattern[Any]"]


def modules() -> Iterator[ModuleType]:
    for package in PACKAGES:
        found = pkgutil.walk_packages([str(_ROOT / package)], f"{package}.")
        for name in sorted(module.name for module in found):
            if ".migrations" not in name and not name.endswith((".conf", "__main__")):
                yield importlib.import_module(name)


def compiled() -> Found:
    """By a name that says where it is."""
    found: Found = {}
    for module in modules():
        for name, value in vars(module).items():
            if not name.startswith("__"):
                found |= dict(_within(f"{module.__name__}.{name}", value, module.__name__))
    found |= {f"route {one.pattern}": one for one in _routes(get_resolver().url_patterns)}
    return found


def _within(name: str, value: Any, module: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    if isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, RegexValidator):
        yield name, value.regex
    elif isinstance(value, dict) and depth < 4:
        for key, inner in value.items():
            yield from _within(f"{name}[{key!r}]", inner, module, depth + 1)
    elif isinstance(value, (list, tuple, set, frozenset)) and depth < 4:
        for place, inner in enumerate(value):
            yield from _within(f"{name}[{place}]", inner, module, depth + 1)
    elif isinstance(value, type) and value.__module__ == module:
        yield from _of_class(name, value, module)


def _of_class(name: str, kind: type, module: str) -> Iterator[tuple[str, Any]]:
    for attribute, value in vars(kind).items():
        if not isinstance(value, type):
            yield from _within(f"{name}.{attribute}", value, module, depth=2)
    fields: dict[str, Any] = {}
    if issubclass(kind, Serializer):
        fields = dict(kind().fields)
    elif issubclass(kind, Model):
        fields = {field.name: field for field in kind._meta.get_fields()}
    for field, value in fields.items():
        for place, validator in enumerate(getattr(value, "validators", ())):
            yield from _within(f"{name}.{field}[{place}]", validator, module)


def _routes(patterns: Any) -> Iterator["re.Pattern[str]"]:
    for one in patterns:
        regex = getattr(one.pattern, "regex", None)
        if isinstance(regex, re.Pattern) and "admin" not in regex.pattern:
            yield regex
        if hasattr(one, "url_patterns") and one.app_name != "admin":
            yield from _routes(one.url_patterns)


def given_at_once() -> Found:
    """What functions give to `re` as a literal. Whatever else they give it is a failure: it would
    be tested nowhere.
    """
    found: Found = {}
    for path in sorted(path for name in PACKAGES for path in (_ROOT / name).rglob("*.py")):
        tree = ast.parse(path.read_text())
        for call in _calls_in_functions(tree):
            if _is_of_re(call):
                where, first = f"{path.relative_to(_ROOT)}:{call.lineno}", call.args[0]
                assert isinstance(first, ast.Constant), f"{where}: name the expression"
                found[where] = re.compile(first.value)
    return found


def _is_of_re(call: ast.Call) -> bool:
    made = call.func
    return (
        isinstance(made, ast.Attribute)
        and isinstance(made.value, ast.Name)
        and made.value.id == "re"
        and made.attr in _CALLS
    )


def _calls_in_functions(tree: ast.Module) -> set[ast.Call]:
    """What is called at the level of a module has its value there, where it is found."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    inside = (node for node in ast.walk(tree) if isinstance(node, functions))
    each = (node for function in inside for node in ast.walk(function))
    return {node for node in each if isinstance(node, ast.Call)}
