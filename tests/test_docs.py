"""What the documents say of files: each file and folder that they name is there."""

import re
from pathlib import Path

import pytest

from tests.support.paths import ROOT

DOCUMENTS = [
    ROOT / "README.md",
    *sorted(ROOT.glob("docs/*.md")),
    ROOT / "data/README.md",
    ROOT / "benchmarks/README.md",
]
NAMED = re.compile(r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|css|toml|txt|ini))`")
FOLDERS = re.compile(r"`((?:[\w.-]+/)+)`")
FOR_PEOPLE_TO_MAKE = {"workbench/text/words/de/refusal.txt", "filler.txt"}
"""Files that a document tells its reader to make."""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_file_that_a_document_names_is_there(document: Path) -> None:
    roots = (ROOT, ROOT / "workbench", document.parent)
    named = set(NAMED.findall(document.read_text("utf-8"))) - FOR_PEOPLE_TO_MAKE
    assert [path for path in sorted(named) if not any((root / path).exists() for root in roots)] == []


def test_the_map_names_every_package_and_no_folder_that_is_not_there() -> None:
    section = (ROOT / "README.md").read_text("utf-8").split("## Where things are")[1].split("\n## ")[0]
    packages = {path.parent.name for path in (ROOT / "workbench").glob("*/__init__.py")}
    folders = {path.removesuffix("/") for path in FOLDERS.findall(section.split("\nA store")[0])}
    assert packages - folders == set()
    assert {path for path in folders if not any((root / path).is_dir() for root in (ROOT, ROOT / "workbench"))} == set()
