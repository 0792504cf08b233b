"""Which files a person means: a file, several, a folder, a glob, and nothing outside of what was named."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.errors import RefusedFile, UserError

PARQUET_SUFFIXES = (".parquet", ".pq")
JSON_SUFFIXES = (".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz", ".json.gz")
SUFFIXES = PARQUET_SUFFIXES + JSON_SUFFIXES


def shown(path: str | Path) -> str:
    """A path as it may stand in a message: line breaks, escape codes and broken bytes are written out."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in str(path))


def find_files(paths: Sequence[str | Path]) -> tuple[list[Path], list[RefusedFile]]:
    """The log files of the paths, sorted and each once, and what among them is refused.

    A folder is searched through for Parquet and JSON files, hidden ones left out. A link inside a folder or a glob that leads
    out of it, or nowhere, is refused. UserError when a path matches nothing.
    """
    found: dict[Path, Path] = {}
    refused: list[RefusedFile] = []
    for path in paths:
        for item in _matches(path):
            if isinstance(item, RefusedFile):
                refused.append(item)
            else:
                found.setdefault(item.resolve(), item)
    return list(found.values()), refused


def _matches(path: str | Path) -> Iterator[Path | RefusedFile]:
    named = Path(path)
    if named.is_dir():
        found = list(_in_folder(named, named.resolve()))
        if not found:
            raise UserError(
                f"{shown(path)}: the folder holds no log file ({', '.join(SUFFIXES)}). Name the file, or another folder."
            )
        yield from found
    elif os.path.lexists(named):
        yield _regular(named)
    elif glob.has_magic(str(path)):
        yield from _globbed(str(path))
    else:
        raise UserError(f"{shown(path)}: there is no such file or folder. Check the path.")


def _in_folder(folder: Path, root: Path) -> Iterator[Path | RefusedFile]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as e:
        yield RefusedFile(shown(folder), f"the folder can't be read ({e.strerror}). Check its permissions.")
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith((".", "_")):
            continue
        if entry.is_symlink():
            yield from _linked(path, root)
        elif entry.is_dir():
            yield from _in_folder(path, root)
        elif entry.name.lower().endswith(SUFFIXES):
            yield _regular(path)


def _linked(path: Path, root: Path) -> Iterator[Path | RefusedFile]:
    """A link inside a folder: what it leads to inside the folder is found there anyway."""
    if not path.exists():
        if path.name.lower().endswith(SUFFIXES):
            yield RefusedFile(shown(path), "a link that leads nowhere.")
    elif not path.resolve().is_relative_to(root):
        yield RefusedFile(shown(path), "a link that leads out of the named folder. Name its target itself to read it.")


def _globbed(pattern: str) -> Iterator[Path | RefusedFile]:
    fixed = Path(*_until_magic(Path(pattern).parts)).resolve()
    found = sorted(Path(match) for match in glob.glob(pattern, recursive=True))
    if not found:
        raise UserError(
            f"{shown(pattern)}: nothing matches. Check the pattern; quote it so that the shell leaves it alone."
        )
    for path in found:
        if path.is_dir() and not path.is_symlink():
            continue
        if not path.resolve().is_relative_to(fixed):
            yield RefusedFile(
                shown(path), "a link that leads out of the named folder. Name its target itself to read it."
            )
        elif not path.is_dir():
            yield _regular(path)


def _until_magic(parts: tuple[str, ...]) -> list[str]:
    kept: list[str] = []
    for part in parts:
        if glob.has_magic(part):
            break
        kept.append(part)
    return kept or ["."]


def _regular(path: Path) -> Path | RefusedFile:
    if not path.exists():
        return RefusedFile(shown(path), "a link that leads nowhere.")
    return path if path.is_file() else RefusedFile(shown(path), "this is no regular file.")


def is_json(path: Path) -> bool:
    """Whether a file is to be read as JSON: its first bytes say so, else its name. OSError where it can't be read."""
    with path.open("rb") as file:
        head = file.read(64)
    if head.startswith(b"PAR1") or path.name.lower().endswith(PARQUET_SUFFIXES):
        return False
    named = path.name.lower().endswith(JSON_SUFFIXES)
    return named or head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"["))
