"""The file of an SQLite database: opened only while it is the one that was opened first, and kept from harm where it is not.

SQLite goes on writing into a file that was deleted or moved away, and would lay its old log over a file that took its place.
So whoever is about to read or write asks first whether the path still leads to the open file (`SqliteFile.changed`).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from workbench.errors import Damaged, UserError
from workbench.judgement.anchor import FileIdentity, is_log_of_another, log_of, read_anchor

SECONDS_TO_WAIT_FOR_A_WRITER = 30
ROOM = 36_864
"""Bytes that reading takes on the disk: 32 KB for the index of the log, and a page."""
RESTORE = "`python -m workbench restore FILE` puts the last backup back."


class SqliteFile:
    """One SQLite file that a process has open. Raises `Damaged` where it is gone or empty though something was saved in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._identity: FileIdentity | None = None
        self._log: FileIdentity | None = None
        self._size = self._written = 0

    def check(self, anew: bool = False) -> None:
        """See that the file can be opened, or made: `UserError` where not, with what to do.

        Where one with saved events is gone, none is made unless `anew`.
        """
        folder = self.path.parent
        if not folder.is_dir():
            raise UserError(
                f"There is no folder {folder} for the judgement store. Make it, or name another with --store."
            )
        if self.path.is_dir():
            raise UserError(f"{self.path} is a folder; the judgement store must be a file. Move it away.")
        # SQLite writes beside the file too, so the folder must be writable even where the file is.
        for path in (folder, *([self.path] if self.path.exists() else [])):
            if not os.access(path, os.W_OK):
                raise UserError(
                    f"The judgement store {self.path} can't be written: {path} is read-only. "
                    "Check its permissions, or name another store with --store."
                )
        self._keep_room()
        anchor = read_anchor(self.path)
        if anchor is None or anchor.sequence == 0:
            return
        if anew and not self.path.exists():
            return
        if not self.path.exists() or self.path.stat().st_size == 0:
            raise Damaged(
                f"The judgement store {self.path} is {'empty' if self.path.exists() else 'gone'}, though {anchor.sequence:,} "
                f"events were saved in it. Put the file back, or {RESTORE}",
                self.path,
            )
        if is_log_of_another(self.path, anchor):
            set_log_aside(self.path, f"replaced-{stamp()}")

    def _keep_room(self) -> None:
        """Keep as much of the disk as reading takes, for when it is full: SQLite can't even read without its index of the log."""
        kept = self.path.with_suffix(".room")
        with suppress(OSError):
            free = shutil.disk_usage(self.path.parent).free
            if free < ROOM:
                kept.unlink()
            elif free > 100 * ROOM and not kept.exists():
                kept.write_bytes(bytes(ROOM))

    def is_out_of_room(self) -> bool:
        """Whether the disk is as full as makes SQLite say that it can't read or write."""
        try:
            return shutil.disk_usage(self.path.parent).free < ROOM
        except OSError:
            return False

    def connect(self) -> sqlite3.Connection:
        """A connection to the file that was opened first, which the first connection makes where there is none."""
        before = FileIdentity.of(self.path)
        if self._identity is not None and before != self._identity:
            raise sqlite3.OperationalError(f"{self.path} is another file than before")
        mode = "rwc" if self._identity is None else "rw"
        address = f"{self.path.absolute().as_uri()}?mode={mode}"
        connection = sqlite3.connect(
            address, uri=True, timeout=SECONDS_TO_WAIT_FOR_A_WRITER, check_same_thread=False, isolation_level=None
        )
        if (now := FileIdentity.of(self.path)) != before and before is not None:
            connection.close()
            raise sqlite3.OperationalError(f"{self.path} was replaced just now")
        if self._identity is None:
            self._identity = now
        connection.execute("pragma foreign_keys = on")
        connection.execute("pragma synchronous = full")
        connection.execute("pragma secure_delete = on")  # what is forgotten leaves no bytes in free pages
        return connection

    def changed(self) -> bool:
        """Whether the path leads elsewhere than to the file that is open."""
        return self._identity is not None and FileIdentity.of(self.path) != self._identity

    def look(self) -> None:
        """Remember how the file is now, after a change of ours, and which log belongs to it."""
        with suppress(OSError):
            status = self.path.stat()
            self._size, self._written = status.st_size, status.st_mtime_ns
        self._log = FileIdentity.of(log_of(self.path))

    def check_content(self) -> None:
        """`Damaged` where somebody cut the file or wrote over it in its place; looked at only where it was written to.

        Another process that empties the log into it writes, too, and then all is well.
        """
        status = self.path.stat()
        if self._size == 0 or (status.st_size, status.st_mtime_ns) == (self._size, self._written):
            return
        try:
            if status.st_size == 0:  # opening it would have SQLite delete the log
                raise sqlite3.DatabaseError("it is empty")
            with closing(self.connect()) as connection:
                (finding,) = connection.execute("pragma quick_check(1)").fetchone()
            if finding != "ok":
                raise sqlite3.DatabaseError(finding.splitlines()[-1])
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as e:
            raise Damaged(
                f"The judgement store {self.path} was cut or written over while it was in use ({e}). Nothing of this change was "
                f"kept, and reading may fail. {RESTORE}",
                self.path,
            ) from e
        self._size, self._written = status.st_size, status.st_mtime_ns

    def rescue(self, connection: sqlite3.Connection | None) -> str | None:
        """Save what a connection still has open; the name of the copy, None where none could be made.

        Where nothing took the file's place, the copy does. Raises `UserError` where the file is gone and can't be put back.
        """
        moment = stamp()
        copy = self.path.with_name(f"{self.path.name}.replaced-{moment}")
        saved = connection is not None and _saved(connection, copy)
        if FileIdentity.of(log_of(self.path)) == self._log:
            set_log_aside(self.path, f"replaced-{moment}")
        if not self.path.exists():
            if not saved:
                raise Damaged(
                    f"The judgement store {self.path} was deleted or moved away while it was in use, and can't be put back. "
                    f"Nothing of this change was kept. Put the file back, or {RESTORE}",
                    self.path,
                )
            try:
                os.link(copy, self.path)
            except FileExistsError:  # somebody put one there just now: that one counts, and the copy stays
                pass
            else:
                copy.unlink()
                copy = self.path
        return copy.name if saved else None

    def adopt(self) -> None:
        """From now on the file that the path leads to is the one that is open."""
        self._identity = FileIdentity.of(self.path)
        self._size = self._written = 0


def _saved(connection: sqlite3.Connection, copy: Path) -> bool:
    """Copy a database to a new file; whether that is whole. Nothing is left of one that is not."""
    try:
        with closing(sqlite3.connect(copy)) as target:
            connection.backup(target)
            if target.execute("pragma quick_check(1)").fetchone() == ("ok",):
                return True
    except (sqlite3.Error, OSError):
        pass
    with suppress(OSError):
        copy.unlink()
    return False


def set_log_aside(database: Path, ending: str) -> None:
    """Give a database's write-ahead log and its index other names, so that SQLite lays them over no other file."""
    for tail in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.replace(database.with_name(database.name + tail), database.with_name(f"{database.name}.{ending}{tail}"))


def stamp() -> str:
    """Now, as it stands in names of copies."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
