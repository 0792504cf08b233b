"""What readers take and give: options in; found conversations, repeated rows and rejects out."""

from __future__ import annotations

import itertools
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
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
    """How to read a log."""

    format: str = "auto"
    """The name of a format, or `auto`."""
    bot: str | None = None
    """The bot where the log names none."""
    timezone: str | None = None
    """The time zone of times that name none; None for UTC."""
    mapping: Path | None = None
    """The file of a column mapping."""
    today: datetime | None = None
    """What today is at least, naive UTC: this machine's clock may be behind what the store has seen."""
    scrub: bool = False
    """Whether all that is taken in is masked first, for good."""


@dataclass(frozen=True)
class Reject:
    """A row, or several, that can't be taken."""

    file: str
    """The name of the file."""
    row: int
    """The first of the rows, from 1."""
    column: str | None
    """The column that stands in the way; None for the whole row."""
    reason: str
    """What is wrong with it, as the end of a sentence that begins with the column."""
    value: str
    """An excerpt of what was logged."""
    rows: int = 1
    """How many rows this stands for."""


@dataclass(frozen=True)
class Repeat:
    """A row that was already read in this import, word for word."""

    file: str
    """The name of the file."""
    row: int
    """The row, from 1."""


@dataclass
class LoggedConversation:
    """A conversation and where it stands in the log."""

    conversation: Conversation
    """The conversation."""
    file: str
    """The name of the file of its first row."""
    row: int
    """Its first row, from 1."""
    rows: int = 1
    """How many rows of the log it took."""
    joined: bool = True
    """Whether the log itself says what belongs to it, by a session or an id: not each trace or row by itself."""


@dataclass
class SourceFile:
    """A file that was read."""

    name: str
    """Its name in messages."""
    path: Path
    """Where it lies on this machine."""
    sha256: str
    """The digest of its bytes, in hexadecimal."""
    bytes: int
    """Its size as it lies there, packed or not."""
    rows: int
    """Rows of the log in it, rejects too."""
    format: str
    """The format in which it was read."""
    why: str
    """How that was recognised."""


class BadValue(Exception):
    """A logged value that can't be taken: the reader turns it into a `Reject` of its row."""

    def __init__(self, column: str | None, reason: str, value: object = None) -> None:
        super().__init__(f"{column}: {reason}")
        self.column = column
        self.reason = reason
        self.value = value

    def reject(self, file: str, row: int) -> Reject:
        """The reject of this row of a file, by its column and reason."""
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
