"""What the papers of the house say is so."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

ROOT: Path = settings.BASE_DIR
READ = """
import json
from pathlib import Path
from config import settings
named = {name: value for name, value in vars(settings).items() if name.isupper()}
print(json.dumps(named, default=lambda v: str(v) if isinstance(v, Path) else type(v).__name__))
"""


def settings_with(directory: Path, dotenv: str) -> dict[str, object]:
    """All settings of a production start with this `.env` and a secret."""
    (directory / "env").write_text(dotenv, encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "DAESA_DOTENV": str(directory / "env"),
        "DATA_DIR": str(directory),
        "SECRET_KEY": settings.SECRET_KEY,
    }
    output = subprocess.run(  # noqa: S603
        [sys.executable, "-c", READ], cwd=ROOT, env=environment, capture_output=True, check=True
    ).stdout
    return json.loads(output)


def test_the_values_of_the_example_are_the_defaults(tmp_path):
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    uncommented = re.sub(r"^# (?=[A-Z_]+=)", "", example, flags=re.MULTILINE)
    assert uncommented.count("\nPORT=8000\n") == 1
    assert settings_with(tmp_path, uncommented) == settings_with(tmp_path, "")


def test_links_between_documents_lead_somewhere():
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("bench/*.md")]
    assert len(documents) > 5
    for document in documents:
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_index_of_decisions_names_each_once():
    directory = ROOT / "docs" / "adr"
    index = (directory / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"\((\d{4}-[^)]+)\)", index)
    assert listed == sorted(path.name for path in directory.glob("0*.md"))


def test_the_readme_names_each_target_and_each_module_of_its_map():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", readme)) <= targets
    map_of_the_house = readme.split("## A map of the house")[1].split("###")[0]
    for name in re.findall(r"^([a-z/]+)/ ", map_of_the_house, re.MULTILINE):
        assert (ROOT / name).is_dir(), name
    for name in re.findall(r"\b([a-z]+\.py)\b", map_of_the_house):
        assert (ROOT / "chat" / name).is_file(), name
