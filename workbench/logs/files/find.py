"""Which files a person means: a file, several, a folder, a glob, and nothing outside of what was named."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from workbench.errors import RefusedFile, UserError

PARQUET_SUFFIXES = (".parquet", ".pq")
JSON_SUFFIXES = (".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz", ".json.gz")
SUFFIXES = (*PARQUET_SUFFIXES, *JSON_SUFFIXES, ".csv", ".tsv")
_UNPACK = "Unpack it; of what is packed, only gzip of JSON is read."
GZIP = f"it is packed with gzip. {_UNPACK}"
_OTHER_KINDS = {
    b"\x1f\x8b": GZIP,
    b"BZh": f"it is packed with bzip2. {_UNPACK}",
    b"\xfd7zXZ": f"it is packed with xz. {_UNPACK}",
    b"\x28\xb5\x2f\xfd": f"it is packed with zstd. {_UNPACK}",
    b"PK\x03\x04": f"it is a zip archive, or a workbook. {_UNPACK}",
}
_EXPORT = "Export it as JSON, CSV or Parquet."
_OTHER_KINDS[b"SQLite format 3\0"] = f"it is a database of SQLite. {_EXPORT}"
_PACKED = (
    *(
        ".zip",
        ".tar",
        ".tgz",
        ".7z",
        ".rar",
        ".zst",
        ".bz2",
        ".xz",
        ".gz",
        ".xlsx",
        ".xls",
        ".db",
        ".sqlite",
        ".sqlite3",
    ),
)
"""The ends of names in a folder behind which logs may lie that are not read: each is told."""
CSV = "it looks like CSV. Name it .csv."
_ENDINGS = ", ".join(SUFFIXES)
_NO_LOGS = frozenset(
    "_SUCCESS _delta_log _metadata _common_metadata _temporary _tmp _spark_metadata _change_data".split()
)  # what Spark and Delta keep beside a table


def shown(path: str | Path) -> str:
    """A path as it may stand in a message: line breaks, escape codes and broken bytes are written out."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in str(path))


def find_files(paths: Sequence[str | Path]) -> tuple[list[Path], list[RefusedFile]]:
    """The log files of the paths, sorted and each once, and what among them is refused.

    A folder, named itself or matched by a pattern, is searched through for Parquet and JSON files, hidden ones left out.
    A link inside a folder or a glob that leads out of it, or nowhere, is refused. UserError when a path matches nothing.
    """
    logs: dict[Path, Path] = {}
    refused: dict[str, RefusedFile] = {}
    for path in paths:
        for item in _matches(path):
            if isinstance(item, RefusedFile):
                refused.setdefault(item.file, item)
            else:
                logs.setdefault(item.resolve(), item)
    return list(logs.values()), list(refused.values())


def _matches(path: str | Path) -> Iterator[Path | RefusedFile]:
    if not str(path).strip():
        raise UserError("An empty path names no log. Name a file or a folder, `.` for the current one.")
    named = Path(path)
    if named.is_dir():
        entries = list(_in_folder(named, named.resolve()))
        if not entries:
            raise UserError(
                f"{shown(path)}: the folder holds no log file ({_ENDINGS}). Name the file, or another folder."
            )
        yield from entries
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
        if hidden(entry.name):
            continue
        if entry.is_symlink():
            yield from _linked(path, root)
        elif entry.is_dir():
            yield from _in_folder(path, root)
        elif entry.name.lower().endswith(SUFFIXES):
            yield _regular(path)
        elif entry.name.lower().endswith(_PACKED):
            kind = other_kind(path) or f"it is packed, or no log. {_UNPACK}"
            yield RefusedFile(shown(path), f"it is not looked into: {kind}")


def hidden(name: str) -> bool:
    """Whether a file or folder of this name is left out of a folder's logs."""
    return name.startswith(".") or name in _NO_LOGS


def _linked(path: Path, root: Path) -> Iterator[Path | RefusedFile]:
    """A link inside a folder. What it leads to inside the folder is found there anyway, unless it has no log's name there."""
    named_so = path.name.lower().endswith(SUFFIXES)
    target = path.resolve()
    if not path.exists():
        if named_so:
            yield RefusedFile(shown(path), "a link that leads nowhere.")
    elif not target.is_relative_to(root):
        yield RefusedFile(shown(path), "a link that leads out of the named folder. Name its target itself to read it.")
    elif named_so and not target.is_dir():
        is_listed = target.name.lower().endswith(SUFFIXES) and not any(map(hidden, target.relative_to(root).parts))
        if not is_listed:
            yield _regular(path)


def _globbed(pattern: str) -> Iterator[Path | RefusedFile]:
    fixed = Path(*_until_magic(Path(pattern).parts)).resolve()
    matches = sorted(Path(match) for match in glob.glob(pattern, recursive=True))
    entries = [item for path in matches for item in _matched(path, fixed)]
    if not matches:
        raise UserError(
            f"{shown(pattern)}: nothing matches. Check the pattern; quote it so that the shell leaves it alone."
        )
    if not entries:
        raise UserError(f"{shown(pattern)}: only folders match, and they hold no log file ({_ENDINGS}). Name others.")
    yield from entries


def _matched(path: Path, fixed: Path) -> Iterator[Path | RefusedFile]:
    """What a match of a pattern means, as if it were named itself; but it may not lead out of where the pattern begins."""
    if not path.resolve().is_relative_to(fixed):
        yield RefusedFile(shown(path), "a link that leads out of the named folder. Name its target itself to read it.")
    elif path.is_dir():
        yield from _in_folder(path, fixed)
    else:
        yield _regular(path)


def folders_of(path: Path, named: Sequence[str | Path]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The folders of the path under which a file was found, and those between; the first that fits of the `named` ones."""
    for each in named:
        root = Path(each)
        if not os.path.lexists(root) and glob.has_magic(str(each)):
            root = Path(*_until_magic(root.parts))
        if path != root and path.is_relative_to(root):
            return root.parts, path.relative_to(root).parts[:-1]
    return path.parts[:-1], ()


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


def other_kind(path: Path) -> str | None:
    """What a file that can't be read as Parquet or JSON seems to be, and what to do with it; None where nothing tells."""
    with path.open("rb") as file:
        head = file.read(4096)
    for magic, kind in _OTHER_KINDS.items():
        if head.startswith(magic):
            return kind
    if head[257:262] == b"ustar":
        return f"it is a tar archive. {_UNPACK}"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:64].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<?xml")):
        return f"it is {'XML' if start.startswith(b'<?xml') else 'HTML'}. {_EXPORT}"
    first, second = (*head.decode("utf-8-sig", "replace").splitlines()[:2], "", "")[:2]
    fields = any(0 < first.count(comma) <= second.count(comma) for comma in ",;\t")
    return CSV if fields and not set("{[\0") & set(first) else None


def is_parquet(path: Path) -> bool:
    """Whether a file begins as Parquet does, whatever its name. OSError where it can't be read."""
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def is_json(path: Path) -> bool:
    """Whether a file is to be read as JSON: its first bytes say so, else its name. OSError where it can't be read."""
    if is_parquet(path):
        return False
    with path.open("rb") as file:
        head = file.read(64)
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"[")) or path.name.lower().endswith(
        JSON_SUFFIXES
    )


def last_changed(files: Iterable[Path]) -> datetime:
    """When the latest of these files was last changed, naive UTC; 1970 where nobody knows. Today is no earlier than that."""
    latest = 0.0
    for file in files:
        with suppress(OSError):
            latest = max(latest, file.stat().st_mtime)
    try:
        return datetime.fromtimestamp(latest, UTC).replace(tzinfo=None)
    except (OverflowError, ValueError):
        return datetime(1970, 1, 1)
