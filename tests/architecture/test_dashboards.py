"""The dashboard and the alerts ask for metrics and labels that /metrics has, in expressions that
Prometheus accepts; and its own tests of the alerts hold.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from prometheus_client import REGISTRY

from config import metrics, watch  # noqa: F401 - they define all of them
from config.api import responses  # noqa: F401
from tests.fleet.servers import program

DEPLOY: Path = settings.BASE_DIR / "deploy"
ALERTS = DEPLOY / "prometheus" / "alerts.yml"
RULE_TESTS = sorted(ALERTS.parent.glob("*_test.yml"))
DASHBOARD = DEPLOY / "grafana" / "daesa.json"
OF_PROMETHEUS = {"job", "instance", "le"}
VARIABLES = {"$__rate_interval": "5m", "$job": ".*", "$instance": ".*"}


def exported() -> dict[str, set[str]]:
    """Each name of a sample, with the labels that it has."""
    found = {}
    for collector in set(REGISTRY._names_to_collectors.values()):
        labels = set(getattr(collector, "_labelnames", ()))
        for name in REGISTRY._get_names(collector):
            found[name] = labels
    return found


def panels() -> list[dict[str, Any]]:
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def expressions_of_dashboard() -> list[str]:
    found = [target["expr"] for panel in panels() for target in panel["targets"]]
    for variable, value in VARIABLES.items():
        found = [expression.replace(variable, value) for expression in found]
    return found


def expressions_of_alerts() -> list[str]:
    text = ALERTS.read_text(encoding="utf-8")
    return [
        " ".join(found.split())
        for found in re.findall(r"expr: (?:\|\n)?(.*?)\n +(?:for|labels):", text, re.DOTALL)
    ]


def asked(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Each metric, and the labels by which it is chosen."""
    for name, matchers in re.findall(r"(daesa_\w+)(?:\{([^}]*)\})?", expression):
        yield name, set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", matchers))


def grouped(expression: str) -> set[str]:
    lists = re.findall(r"\b(?:by|on|without|ignoring) \(([^)]*)\)", expression)
    return {name.strip() for names in lists for name in names.split(",")}


@pytest.mark.parametrize("expressions", [expressions_of_dashboard, expressions_of_alerts])
def test_each_metric_is_exported_with_its_labels(expressions):
    known, found = exported(), expressions()
    assert len(found) >= 20
    for expression in found:
        metrics_asked = dict(asked(expression))
        assert metrics_asked or "up{" in expression
        assert set(metrics_asked) <= set(known), expression
        labels = set().union(*(known.get(name, set()) for name in metrics_asked)) | OF_PROMETHEUS
        for chosen in metrics_asked.values():
            assert chosen <= labels, expression
        assert grouped(expression) <= labels, expression


def test_each_metric_is_shown_or_watched():
    asked_for = " ".join([*expressions_of_dashboard(), *expressions_of_alerts()])
    families = {family.name for family in REGISTRY.collect() if family.name.startswith("daesa_")}
    assert len(families) >= 30
    assert {name for name in families if name not in asked_for} == set()


def test_panels_have_ids_of_their_own_and_do_not_overlap():
    ids = [panel["id"] for panel in panels()]
    assert len(set(ids)) == len(ids)
    cells = [
        (x, y)
        for at in (panel["gridPos"] for panel in panels())
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24


def test_prometheus_accepts_the_rules_and_their_tests_hold():
    promtool("check", "rules", "alerts.yml")
    promtool("test", "rules", *(path.name for path in RULE_TESTS))


def test_prometheus_accepts_the_expressions_of_the_dashboard(tmp_path):
    rules = [
        {"record": f"panel:{number}", "expr": expression}
        for number, expression in enumerate(expressions_of_dashboard())
    ]
    file = tmp_path / "rules.yml"  # JSON is YAML
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    promtool("check", "rules", str(file))


def test_every_alert_is_tried():
    names = set(re.findall(r"alert: (\w+)", ALERTS.read_text(encoding="utf-8")))
    tried = "".join(path.read_text(encoding="utf-8") for path in RULE_TESTS)
    assert {name for name in names if f'alertname="{name}"' not in tried} == set()


def promtool(*arguments: str) -> None:
    found = program("promtool", "prometheus")
    done = subprocess.run(  # noqa: S603
        [found, *arguments], cwd=ALERTS.parent, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
