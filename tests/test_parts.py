"""A part: what an import writes, and what is read back from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.parts import Manifest, read_manifest, read_part, read_rejects, write_part
from workbench.readers import ReadOptions

LOGS = Path(__file__).resolve().parents[2] / "shared" / "logs"


def imported(folder: Path, *paths: Path, known: dict[str, str] | None = None, **options: object) -> Manifest:
    """Import the paths into the part `folder`."""
    return write_part(folder, paths, ReadOptions(**options), known or {}, lambda *_: None, "tester", "I000001")  # type: ignore[arg-type]


def logs(name: str) -> Path:
    path = LOGS / name
    if not path.exists():
        pytest.skip(f"{path} is not there: the real logs are not part of the repository")
    return path


def test_the_agents_log_imports_as_it_is(tmp_path: Path) -> None:
    manifest = imported(tmp_path / "part", logs("agents.parquet"))
    assert (manifest.conversations, manifest.rows_read, manifest.rows_kept, manifest.rows_rejected) == (420, 420, 420, 0)
    assert sum(len(conversation.turns) for conversation in read_part(tmp_path / "part")) == manifest.turns == 15326
    assert read_rejects(tmp_path / "part") == []
    assert read_manifest(tmp_path / "part") == manifest
