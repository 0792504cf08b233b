"""What a backup's file holds: what it says of itself, and its way out of the file, each part checked."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.errors import UserError, WorkbenchError, is_disk_full
from workbench.judgement.migrations import HEAD

FORMAT = 1
MANIFEST, JUDGEMENT = "manifest.json", "judgement.db"
CHUNK = 1 << 20
FILE = re.compile(r"judgement\.db|erased\.json|mappings/[\w-]+\.toml|parts/I\d+/[\w.-]+")
"""How the files in a backup are called."""
_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True)
class Contents:
    """What a backup holds."""

    format: int = FORMAT
    """The backup's own version."""
    made_at: str = ""
    """When, ISO text in UTC."""
    made_by: str = ""
    """Who made it."""
    schema: str = ""
    """Judgement's migration."""
    events: int = 0
    """How many."""
    broken: str | None = None
    """What was wrong with the chain when it was made."""
    imports: list[str] = field(default_factory=list)
    """Those that come with it."""
    files: dict[str, dict[str, str | int]] = field(default_factory=dict)
    """{name: {"sha256", "bytes"}}."""


def is_backup(file: Path) -> bool:
    """Whether a file is a backup, of whatever version."""
    try:
        with zipfile.ZipFile(file) as archive:
            return JUDGEMENT in archive.namelist() and isinstance(json.loads(archive.read(MANIFEST)), dict)
    except Exception:  # zipfile and its decompressors raise whatever they like over bytes that are not theirs
        return False


def is_database(file: Path) -> bool:
    """Whether a file is an SQLite database."""
    try:
        with file.open("rb") as opened:
            return opened.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False


def copied(file: Path, draft: Path) -> Contents:
    """Copy a database, with what its log holds, into an empty folder."""
    try:
        with (
            closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(draft / JUDGEMENT)) as target,
        ):
            source.backup(target)
    except sqlite3.Error as e:
        raise UserError(f"{file} is a damaged database ({e}). Nothing was restored.") from e
    when = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return Contents(FORMAT, when.strftime("%Y-%m-%dT%H:%M:%SZ"), "the workbench", HEAD, files={JUDGEMENT: {}})


def unpacked(file: Path, draft: Path) -> Contents:
    """Unpack a backup into an empty folder, and check that each file is there as it was written."""
    with opened(file) as archive:
        contents = _contents(file, archive)
        for name, stated in contents.files.items():
            if not FILE.fullmatch(name):
                raise UserError(f"{file} holds {name!r}, which belongs to no backup. Nothing was restored.")
            target = draft / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if _unpack(archive, name, target, int(stated["bytes"])) != stated["sha256"]:
                raise UserError(f"{file} is damaged: {name} is not as it was written. Nothing was restored.")
    if JUDGEMENT not in contents.files:
        raise UserError(f"{file} holds no {JUDGEMENT}, so it is no backup. Nothing was restored.")
    return contents


@contextmanager
def opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except FileNotFoundError as e:
        raise UserError(f"There is no file {file}.") from e
    except OSError as e:
        if is_disk_full(e):
            raise
        raise UserError(f"{file} can't be restored ({e.strerror or e}). Nothing was restored.") from e
    except WorkbenchError:
        raise
    except Exception as e:  # zipfile and its decompressors raise whatever they like: it is encrypted, unknown, cut
        raise UserError(f"{file} is no backup, or a damaged one ({e}). Nothing was restored.") from e


def _contents(file: Path, archive: zipfile.ZipFile) -> Contents:
    try:
        raw = json.loads(archive.read(MANIFEST))
        contents = Contents(**{field.name: raw[field.name] for field in fields(Contents)})
    except (ValueError, TypeError) as e:
        raise UserError(f"{file} is no backup: its {MANIFEST} can't be read ({e}). Nothing was restored.") from e
    if wrong := _ill_typed(contents):
        raise UserError(f"{file} is no backup: its {MANIFEST} says {wrong}. Nothing was restored.")
    if contents.format > FORMAT or contents.schema > HEAD:
        raise UserError(
            f"{file} was made by a newer workbench (schema {contents.schema}, this one knows {HEAD}). "
            "Restore it with that version."
        )
    return contents


def _ill_typed(contents: Contents) -> str | None:
    """What in a manifest is no such thing as it should be."""
    kinds: dict[str, Any] = {"format": int, "events": int, "broken": str | None, "imports": list, "files": dict}
    for name, value in vars(contents).items():
        if not isinstance(value, kinds.get(name, str)):
            return f"{name}: {value!r}"
    for part in contents.imports:
        if not isinstance(part, str):
            return f"imports: {part!r}"
    for name, stated in contents.files.items():
        if not (
            isinstance(stated, dict) and isinstance(stated.get("sha256"), str) and isinstance(stated.get("bytes"), int)
        ):
            return f"{name}: {stated!r}"
    return None


def _unpack(archive: zipfile.ZipFile, name: str, target: Path, size: int) -> str:
    """Unpack one file, no more of it than its size says; the SHA-256 of what came."""
    digest, left = hashlib.sha256(), size + 1
    with archive.open(name) as source, target.open("xb") as out:
        while left > 0 and (chunk := source.read(min(CHUNK, left))):
            out.write(chunk)
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()
