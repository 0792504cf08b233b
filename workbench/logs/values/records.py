"""What readers take and give: options in; found conversations, repeated rows and rejects out."""

from __future__ import annotations

import itertools
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workbench.conversation import Conversation
from workbench.text.formatting import shortened

LONGEST_VALUE = 2000
"""Characters of a rejected value that are kept."""
MAX_REJECTS = 10_000
MAX_TRACES = 20
_LOG = logging.getLogger(__name__)
_traced = itertools.count()


@dataclass(frozen=True)
class ReadOptions:
    """How to read: a format or `auto`, the bot and the time zone where the log names none, a column mapping."""

    format: str = "auto"
    bot: str | None = None
    timezone: str | None = None
    mapping: Path | None = None


@dataclass(frozen=True)
class Reject:
    """A row, or `rows` of them, that can't be taken. `row` counts from 1; `value` is an excerpt of what was logged."""

    file: str
    row: int
    column: str | None
    reason: str
    value: str
    rows: int = 1


@dataclass(frozen=True)
class Repeat:
    """A row that was already read in this import, word for word."""

    file: str
    row: int


@dataclass
class LoggedConversation:
    """A conversation and where it stands: its first row, and how many rows of the log it took.

    `joined` says that the log itself tells what belongs to it, by a session or an id: not each trace or row by itself.
    """

    conversation: Conversation
    file: str
    row: int
    rows: int = 1
    joined: bool = True


@dataclass
class SourceFile:
    """A file that was read. `rows` are rows of the log in it, `why` says how its format was recognised."""

    name: str
    path: Path
    sha256: str
    bytes: int
    rows: int
    format: str
    why: str


class BadValue(Exception):
    """A logged value that can't be taken: the reader turns it into a `Reject` of its row."""

    def __init__(self, column: str | None, reason: str, value: object = None) -> None:
        super().__init__(f"{column}: {reason}")
        self.column = column
        self.reason = reason
        self.value = value

    def reject(self, file: str, row: int) -> Reject:
        return Reject(file, row, self.column, self.reason, as_logged(self.value))


@contextmanager
def understood(column: str | None = None) -> Iterator[None]:
    """What a row, or the rows of a conversation, are read within: what nobody foresaw rejects them alone.

    The first traces go to the log of the job, for us.
    """
    try:
        yield
    except RecursionError as e:
        raise BadValue(column, "is nested too deeply to be read") from e
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError) as e:
        if next(_traced) < MAX_TRACES:
            _LOG.warning("A row has a shape that is not understood.", exc_info=e)
        raise BadValue(column, f"has a shape that is not understood: {type(e).__name__}: {e}"[:500]) from e


def add_reject(rejects: list[Reject], reject: Reject) -> None:
    """Keep a reject of a file; beyond the first thousands one entry counts the rest, so that memory stays bounded."""
    if len(rejects) <= MAX_REJECTS:
        rejects.append(reject)
        return
    last = rejects[-1]
    reason = "this and all further rows of the file that can't be read, which are not listed one by one"
    rejects[-1] = Reject(last.file, last.row, None, reason, last.value, last.rows + reject.rows)


@contextmanager
def shallower() -> Iterator[None]:
    """Leave some of the stack unused: what is parsed here with success will be so again, from wherever it is called."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit - 100)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def as_logged(value: object) -> str:
    """At most 2,000 characters of a logged value, as a person would look for it in the log."""
    if value is None:
        return ""
    try:
        text = value if isinstance(value, str) else repr(value)
    except (RecursionError, ValueError):
        return "(too deep to show)"
    return shortened(text, LONGEST_VALUE)
