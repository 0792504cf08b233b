"""Whether a part's files are as its import wrote them: the SHA-256 of each, as its manifest has it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.logs.parts import MEND, REJECTS_FILE, Part, read_manifest, run_files


def checksum(file: Path) -> str:
    """The SHA-256 of a file, 64 hex digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def checksums(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of a part that can't be made again from its others, by name."""
    rejects = folder / REJECTS_FILE
    return {file.name: checksum(file) for file in [*run_files(folder), *([rejects] if rejects.exists() else [])]}


def damaged_files(folder: Path) -> list[Path]:
    """The files of a part that are gone, can't be read, or are not as they were written; a part of before there were checksums has none."""
    return [folder / name for name, stated in read_manifest(folder).sha256.items() if not _is(folder / name, stated)]


def require_whole(parts: Iterable[Part]) -> None:
    """`WorkbenchError` that names the files of these parts which are not as they were written, with the mend."""
    for part in parts:
        if damaged := damaged_files(part.folder):
            raise WorkbenchError(
                f"The import {part.import_id} is damaged: {', '.join(map(str, damaged))} "
                f"{'is' if len(damaged) == 1 else 'are'} not as written. {MEND}"
            )


def _is(file: Path, stated: str) -> bool:
    try:
        return checksum(file) == stated
    except OSError:
        return False
