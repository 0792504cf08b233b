"""What can go wrong, in one small tree.

Every message names what was found, where, and what to try. `UserError` ends a command with exit 2,
any other `WorkbenchError` with exit 1; neither ever reaches a person as a traceback.
"""

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


class StoreMissing(UserError):
    """There is no store, or it holds no snapshot yet."""


class ModelMissing(UserError):
    """The embedding model is not there, or is not the one it should be."""


class Damaged(UserError):
    """The judgement store's `file` is no database any more."""

    def __init__(self, message: str, file: Path) -> None:
        super().__init__(message)
        self.file = file


class Conflict(UserError):
    """Somebody else changed the same thing first."""


class Denied(UserError):
    """This role may not do that."""
