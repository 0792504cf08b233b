"""What can go wrong, in one small tree.

Every message names what was found, where, and what to try. `UserError` ends a command with exit 2,
any other `WorkbenchError` with exit 1; neither ever reaches a person as a traceback.
"""

from __future__ import annotations

import shutil
from errno import EDQUOT, ENOSPC
from pathlib import Path


class WorkbenchError(Exception):
    """Something went wrong on our side, and we can say what."""


class UserError(WorkbenchError):
    """The person can mend it: a wrong path, a wrong name, a value that does not fit."""


class RefusedFile(UserError):
    """A whole input file can't be taken.

    `file` is the path as the person gave it, `reason` one sentence that says what was found and what to try.
    """

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file
        self.reason = reason

    def __reduce__(self) -> tuple[type[RefusedFile], tuple[str, str]]:
        return RefusedFile, (self.file, self.reason)  # it may come from another process


class StoreMissing(UserError):
    """There is no store, or it holds no snapshot yet."""


class EvidenceGone(UserError):
    """The store has imports, but no snapshot that shows them."""


class ModelMissing(UserError):
    """The embedding model is not there, or is not the one it should be."""


class Damaged(UserError):
    """The judgement store's `file` is no database any more."""

    def __init__(self, message: str, file: Path) -> None:
        super().__init__(message)
        self.file = file


class ShortHistory(UserError):
    """The judgement store holds less than was saved in it, so nothing is written before somebody decides."""


class Conflict(UserError):
    """Somebody else changed the same thing first."""


class Denied(UserError):
    """This role may not do that."""


FULL = (
    "The disk is full, so nothing more can be written; what was saved is safe, and reading, searching and exporting to another "
    "disk work as before. Free some space and try again: nothing needs a restart."
)
"""What is said wherever a full disk stops something, as it is nobody's mistake in the program."""
_FULL_SIGNS = ("no space left on device", "database or disk is full", "disk quota exceeded")


def full_disk(folder: Path, needs: int = 0) -> str:
    """What is said of the full disk that a folder is on: how much is free there, and about how much (bytes) is needed."""
    try:
        free = f" {folder} has {_megabytes(shutil.disk_usage(folder).free)} free"
    except OSError:
        return FULL
    return f"{FULL}{free}" + (f"; this needs about {_megabytes(needs)}." if needs else ".")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def is_disk_full(problem: BaseException | None) -> bool:
    """Whether a problem, or what it came from, is a full disk; DuckDB, Arrow and SQLite tell it in words only."""
    while problem is not None:
        if isinstance(problem, OSError) and problem.errno in (ENOSPC, EDQUOT):
            return True
        if any(sign in str(problem).lower() for sign in _FULL_SIGNS):
            return True
        problem = problem.__cause__ or problem.__context__
    return False
