"""What the tests of readers and parts share: write a few rows, import them, look at everything that came of it."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.paths import REAL_LOGS
from workbench.conversation.model import Conversation
from workbench.logs.formats import ReadOptions, Reject
from workbench.logs.importing import write_part
from workbench.logs.manifest import Manifest
from workbench.logs.parts import read_part, read_rejects
from workbench.logs.versions import Version

HELLO = [{"role": "user", "content": "hello"}]


def real_log(name: str) -> Path:
    """A file of the real logs, which stand beside the repository."""
    path = REAL_LOGS / name
    if not path.exists():
        pytest.skip(f"{path} is not there: the real logs are not part of the repository")
    return path


def write(path: Path, rows: list[dict[str, Any]], schema: pa.Schema | None = None, **options: Any) -> Path:
    """A file of these rows, Parquet or, by its name, JSON lines (.jsonl), a JSON list (.json), or these gzipped (.gz)."""
    if path.name.endswith((".json", ".jsonl", ".gz")):
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        text = "\n".join(lines) + "\n" if ".jsonl" in path.name else "[" + ",\n ".join(lines) + "]"
        path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    else:
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, **options)
    return path


def chat(conversation_id: Any = "c1", messages: Any = None, **columns: Any) -> dict[str, Any]:
    """A row of a chat log."""
    return {"conversation_id": conversation_id, "messages": HELLO if messages is None else messages, **columns}


def message(
    conversation_id: Any = "c1", turn_index: Any = 0, role: str = "user", content: str = "hello", **columns: Any
) -> dict[str, Any]:
    """A row of a turns log."""
    return {"conversation_id": conversation_id, "turn_index": turn_index, "role": role, "content": content, **columns}


@dataclass
class Imported:
    """An import: what it says, what it kept, what it rejected."""

    manifest: Manifest
    conversations: list[Conversation]
    rejects: list[Reject]

    @property
    def rows(self) -> tuple[int, int, int, int]:
        """Rows read, kept, rejected, duplicate."""
        m = self.manifest
        return m.rows_read, m.rows_kept, m.rows_rejected, m.rows_duplicate

    @property
    def ids(self) -> list[str]:
        return [conversation.conversation_id for conversation in self.conversations]

    @property
    def only(self) -> Conversation:
        (conversation,) = self.conversations
        return conversation

    @property
    def stored(self) -> dict[str, Version]:
        """What a store knows after this import."""
        return {each.key: Version.of(each, self.manifest.rules) for each in self.conversations}


def import_paths(
    folder: Path, *paths: Path | str, stored: dict[str, Version] | None = None, **options: Any
) -> Imported:
    """Import the paths into a new part inside `folder`."""
    part = folder / f"part-{len(list(folder.glob('part-*')))}"
    manifest = write_part(part, paths, ReadOptions(**options), stored or {}, lambda *_: None, "tester", part.name)
    return Imported(manifest, list(read_part(part)), read_rejects(part))


def import_rows(folder: Path, rows: list[dict[str, Any]], schema: pa.Schema | None = None, **options: Any) -> Imported:
    """Import a file of these rows."""
    return import_paths(folder, write(folder / "log.parquet", rows, schema), **options)
