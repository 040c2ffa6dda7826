"""Every release since 0.1.0 can be restored by this one, with all that it had stored."""

import json

import pytest
from django.conf import settings
from django.db import connection

from config.backup.manifest import release
from tests.config.backup.databases import check, contents, empty_database, opened, restored
from tests.config.backup.make_release import RELEASES

ARCHIVES = sorted(RELEASES.glob("*.zip"))

# Columns whose values a later migration has changed on purpose, as `table.column`, and tables and
# columns that were dropped; each with the release that did.
CHANGED: set[str] = set()
# This release may have more of them.
GROWING = {"django_content_type", "auth_permission"}


def columns_of_today() -> dict[str, list[str]]:
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415

    from config.backup import rows, tables  # noqa: PLC0415

    loader = MigrationLoader(connection)
    models = tables.models_of(loader, loader.graph.nodes)
    return {name: rows.columns_of(model) for name, model in models.items()}


def by_key(lines, columns, wanted):
    """The wanted columns of each row, by its first column, which is the key."""
    found = {}
    for line in lines:
        values = dict(zip(columns, json.loads(line), strict=True))
        found[values[columns[0]]] = {name: values[name] for name in wanted}
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ARCHIVES, ids=lambda path: path.stem)
def test_an_earlier_release_is_restored(path, tmp_path):
    made = path.read_bytes()
    manifest = check(made)
    assert manifest.release == path.stem
    with empty_database(connection.vendor, tmp_path):
        restored(made)
        now, columns = contents(), columns_of_today()
    with opened(made) as archive:
        for name, table in manifest.tables.items():
            wanted = [column for column in table.columns if f"{name}.{column}" not in CHANGED]
            assert set(wanted) <= set(columns[name]), name
            lines = archive.read(f"tables/{name}.jsonl").splitlines(keepends=True)
            before = by_key(lines, table.columns, wanted)
            after = by_key(now[name], columns[name], wanted)
            if name in GROWING:
                after = {key: after[key] for key in before}
            assert after == before, name


def test_the_version_is_the_same_everywhere():
    text = (settings.BASE_DIR / "pyproject.toml").read_text("utf-8")
    assert f'\nversion = "{release()}"\n' in text
    changelog = (settings.BASE_DIR / "CHANGELOG.md").read_text("utf-8")
    assert changelog.partition("\n## [")[2].startswith(f"{release()}] - ")


def test_a_release_has_its_archive():
    """Once its day stands in the changelog."""
    changelog = (settings.BASE_DIR / "CHANGELOG.md").read_text("utf-8")
    if f"\n## [{release()}] - unreleased\n" not in changelog:
        assert f"{release()}.zip" in {path.name for path in ARCHIVES}
    assert ARCHIVES
