"""Files from a browser, kept in the store until their import ended. Their names come from strangers.

Each upload gets a folder of its own with a name that nobody can guess, store/uploads/<random>/<safe name>.
"""

from __future__ import annotations

import logging
import re
import secrets
import shutil
import threading
import time
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from workbench.errors import Denied, UserError
from workbench.logs.files.find import shown
from workbench.store import Store

LONGEST_NAME = 120
LEFT_OVER = 24 * 3600.0
_POLL_SECONDS = 0.5
_PATH_OR_PATTERN = re.compile(r"[/\\*?]")
_NOT_IN_A_NAME = re.compile(r"[^\w .()+,=@-]")
_log = logging.getLogger(__name__)


class Upload(Protocol):
    """What a browser hands over: a name that it chose, and the bytes."""

    name: str

    def read(self, size: int = -1, /) -> bytes:
        """The next `size` bytes, all of them by default; none at the end."""


def safe_name(name: str) -> str:
    """The name that an upload is kept under: letters, digits and plain punctuation, not hidden, at most 120 characters.

    `Denied` for a name that is none: a path (`../x`, `\\\\host\\x`, a URL) or a pattern (`*`, `?`).
    """
    if _PATH_OR_PATTERN.search(name) or not name.strip(". "):
        _log.warning("Denied an upload named %s", shown(name[:200]))
        raise Denied(f"The file name {shown(name[:200])!r} is a path or a pattern. Upload the file under a plain name.")
    plain = _NOT_IN_A_NAME.sub("_", unicodedata.normalize("NFC", name)).strip(" ").lstrip("._-~ ") or "upload"
    stem, dot, suffix = plain.rpartition(".")
    return plain if len(plain) <= LONGEST_NAME else stem[: LONGEST_NAME - 10] + dot + suffix[-9:]


def take(store: Store, files: Sequence[Upload]) -> list[Path]:
    """Write uploads into the store and give their paths; what an earlier server left behind is removed.

    `Denied` for a name that is none, before anything is written; `UserError` where the disk can't take them.
    """
    names = _each_once([safe_name(file.name) for file in files])
    _sweep(store)
    folder = folder_of(store) / secrets.token_hex(8)
    try:
        folder.mkdir(parents=True, mode=0o700)
        for name, file in zip(names, files, strict=True):
            with (folder / name).open("xb") as out:
                shutil.copyfileobj(file, out, 1 << 20)
    except OSError as e:
        shutil.rmtree(folder, ignore_errors=True)
        raise UserError(
            f"The upload can't be kept in {folder.parent} ({e.strerror}). Free some space, or name the file's path instead."
        ) from e
    return [folder / name for name in names]


def drop_after(ended: Callable[[], bool], paths: Sequence[Path]) -> threading.Thread:
    """Delete what `take` wrote as soon as its import ended, whether somebody watches or not."""

    def wait() -> None:
        with suppress(OSError):  # the job's own folder may be gone by then
            while not ended():
                time.sleep(_POLL_SECONDS)
        for folder in {path.parent for path in paths}:
            shutil.rmtree(folder, ignore_errors=True)

    thread = threading.Thread(target=wait, name="uploads", daemon=True)
    thread.start()
    return thread


def uploaded(store: Store, paths: Sequence[str]) -> list[Path]:
    """Those of the paths that `take` wrote, to be dropped after their import."""
    return [Path(path) for path in paths if Path(path).parent.parent == folder_of(store)]


def as_given(text: str, store: Store) -> str:
    """A message or file name in which an upload stands under the name that it came with."""
    return re.sub(re.escape(str(folder_of(store))) + r"/[0-9a-f]{16}/", "", text)


def folder_of(store: Store) -> Path:
    """Where a store keeps uploads."""
    return store.root.resolve() / "uploads"


def _sweep(store: Store) -> None:
    if folder_of(store).exists():
        for folder in folder_of(store).iterdir():
            if time.time() - folder.stat().st_mtime > LEFT_OVER:
                shutil.rmtree(folder, ignore_errors=True)


def _each_once(names: Sequence[str]) -> list[str]:
    unique: list[str] = []
    for name in names:
        stem, dot, suffix = name.rpartition(".")
        number, free = 1, name
        while free.casefold() in (taken.casefold() for taken in unique):
            number += 1
            free = f"{stem} ({number}){dot}{suffix}"
        unique.append(free)
    return unique
