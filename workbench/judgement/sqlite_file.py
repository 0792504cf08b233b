"""The file of an SQLite database: opened only while it is the one that was opened first, and kept from harm where it is not.

SQLite goes on writing into a file that was deleted or moved away, and would lay its old log over a file that took its place.
So whoever is about to read or write asks first whether the path still leads to the open file (`SqliteFile.changed`). The same holds
for the write-ahead log: SQLite goes on writing into one that was deleted, and what it keeps there nobody finds again.
"""

from __future__ import annotations

import ctypes
import io
import os
import shlex
import shutil
import sqlite3
import threading
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.errors import Damaged, UserError
from workbench.judgement.anchor import Anchor, FileIdentity, is_log_of_another, log_of, read_anchor

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
        self._index: FileIdentity | None = None
        self._size = self._written = self._log_size = 0
        self._folder: FileIdentity | None = None
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self.is_given_up = False
        """Whether this process can use the file no more (`require_not_given_up`)."""

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
            raise UserError(
                f"{self.path} is a folder; the judgement store must be a file. Move it away, then restore it. {self.mend()}"
            )
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
                f"events were saved in it. Put the file back, or restore it. {self.mend()}",
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
            self._identity, self._folder = now, FileIdentity.of(self.path.parent)
        with self._lock:
            self._connections = [*filter(_is_open, self._connections), connection]
        connection.execute("pragma foreign_keys = on")
        connection.execute("pragma synchronous = full")
        connection.execute("pragma secure_delete = on")  # what is forgotten leaves no bytes in free pages
        return connection

    def changed(self) -> bool:
        """Whether the path leads elsewhere than to the file that is open, or its log is not the one that is open.

        SQLite deletes a log only when the last connection to its file ends, so ours stays for as long as we have one.
        """
        return self._identity is not None and (FileIdentity.of(self.path) != self._identity or self._lost_its_log)

    @property
    def _lost_its_log(self) -> bool:
        return self._log is not None and FileIdentity.of(log_of(self.path)) != self._log

    def require_not_given_up(self) -> None:
        """`Damaged` where others wrote another log while ours was gone: then this process can use the file no more."""
        if self.is_given_up:
            raise Damaged(
                f"The log of the judgement store {self.path} was deleted while it was in use, and somebody has begun another. Nothing of "
                f"this change was kept. {self.mend()} Then stop this program, and start it again.",
                self.path,
            )

    @property
    def _has_anothers_log(self) -> bool:
        """Whether others wrote into another log of our file.

        One that is empty counts as none for as long as its index is ours: nobody can begin it before what the index tells of is read.
        """
        log = log_of(self.path)
        return FileIdentity.of(_index_of(self.path)) not in (None, self._index) or (
            log.exists() and log.stat().st_size > 0
        )

    def look(self) -> None:
        """Remember how the file is now, after a change of ours, and which log belongs to it."""
        log = log_of(self.path)
        self._log, self._log_size, self._index = FileIdentity.of(log), 0, FileIdentity.of(_index_of(self.path))
        with suppress(OSError):
            status = self.path.stat()
            self._size, self._written = status.st_size, status.st_mtime_ns
            self._log_size = log.stat().st_size

    def check_content(self) -> None:
        """`Damaged` where somebody cut the file or wrote over it in its place; looked at only where it was written to.

        Another process that empties the log into it writes, too, and then all is well.
        """
        try:
            status = self.path.stat()
        except OSError as e:
            raise Damaged(
                f"The judgement store {self.path} is gone ({e.strerror}). Nothing of this change was kept. {self.mend()}",
                self.path,
            ) from e
        self._check_log()
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
                f"kept, and reading may fail. {self.mend()}",
                self.path,
            ) from e
        self._size, self._written = status.st_size, status.st_mtime_ns

    def _check_log(self) -> None:
        """`Damaged` where somebody cut the log: what is written behind the cut, the next start would not find."""
        log = log_of(self.path)
        try:
            size = log.stat().st_size
        except OSError:
            return
        if size >= self._log_size:
            return
        cut = False
        try:
            with closing(self.connect()) as connection:
                _, frames, _ = connection.execute("pragma wal_checkpoint(passive)").fetchone()
                (page,) = connection.execute("pragma page_size").fetchone()
                cut = size < frames * (
                    page + 24
                )  # each frame is a page and what is said of it (sqlite.org/fileformat2.html, 4.1)
        except sqlite3.OperationalError as e:
            cut = e.sqlite_errorname.startswith("SQLITE_IOERR")
        if cut:
            raise Damaged(
                f"The log of the judgement store, {log}, was cut while it was in use. Nothing of this change was kept. {self.mend()}",
                self.path,
            )
        self._log_size = size

    def mend(self) -> str:
        """What puts back what was saved: a copy that holds all of it, where there is one, else the last backup."""
        anchor = read_anchor(self.path)
        copies = sorted(self.path.parent.glob(f"{self.path.name}.replaced-*Z"), reverse=True)
        whole = [copy for copy in copies if anchor and _holds(copy, anchor)]
        if not whole:
            return RESTORE
        return f"All that was saved stands in {whole[0].name}: `python -m workbench restore {shlex.quote(str(whole[0]))}` puts it back."

    def rescue(self, connection: sqlite3.Connection | None) -> str | None:
        """Save what a connection still has open; the name of the copy, None where none could be made.

        Where nothing took the file's place, the copy does. Raises `UserError` where the file is gone and can't be put back.
        """
        if FileIdentity.of(self.path.parent) != self._folder:
            raise UserError(
                f"The folder {self.path.parent} is gone, or is another one than before: it was moved, or its disk is not mounted. Nothing "
                "of this change was kept. Put it back, and all goes on by itself."
            )
        moment = stamp()
        copy = self.path.with_name(f"{self.path.name}.replaced-{moment}")
        if FileIdentity.of(self.path) == self._identity and self._lost_its_log:
            return self._rescue_from_lost_log(connection, copy)
        saved = connection is not None and _saved(connection, copy)
        if FileIdentity.of(log_of(self.path)) == self._log:
            set_log_aside(self.path, f"replaced-{moment}")
        if not self.path.exists():
            if not saved:
                raise Damaged(
                    f"The judgement store {self.path} was deleted or moved away while it was in use, and can't be put back. "
                    f"Nothing of this change was kept. Put the file back, or restore it. {self.mend()}",
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

    def _rescue_from_lost_log(self, connection: sqlite3.Connection | None, copy: Path) -> str | None:
        """Empty the log that only we still see into its file; where others have written another one, save what we see beside it.

        Then what is open is never closed: SQLite empties a log when it closes a file, which would write over what others wrote since.
        """
        if connection is not None and not self._has_anothers_log:
            with suppress(sqlite3.Error):
                (busy, *_) = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
                if not busy:
                    return None
        saved = connection is not None and _saved(connection, copy)
        for each in self._connections:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(each))
        self.is_given_up = True
        return copy.name if saved else None

    def adopt(self) -> None:
        """From now on the file that the path leads to is the one that is open."""
        self._identity, self._folder = FileIdentity.of(self.path), FileIdentity.of(self.path.parent)
        self._log = self._index = None
        self._size = self._written = self._log_size = 0
        self._connections.clear()


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


def _is_open(connection: sqlite3.Connection) -> bool:
    try:
        return connection.total_changes >= 0
    except sqlite3.ProgrammingError:
        return False


def _index_of(database: Path) -> Path:
    return database.with_name(f"{database.name}-shm")


def _holds(copy: Path, anchor: Anchor) -> bool:
    """Whether a copied database holds the event that was saved last."""
    try:
        with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute("select hash from events where sequence = ?", (anchor.sequence,)).fetchone()
    except sqlite3.Error:
        return False
    return row is not None and row[0] == anchor.hash


class _Bytes(io.RawIOBase):
    """Reads a descriptor from its beginning, and does not close it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._place = descriptor, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._place = offset
        return offset

    def readinto(self, buffer: Any) -> int:
        chunk = os.pread(self._descriptor, len(buffer), self._place)
        buffer[: len(chunk)] = chunk
        self._place += len(chunk)
        return len(chunk)


_DESCRIPTORS: dict[FileIdentity, int] = {}


def bytes_of_database(file: Path) -> io.BufferedReader:
    """A file of a database that may be open here, as bytes.

    Its descriptor is kept: when a process closes any descriptor of a file, POSIX has it lose all its locks on that, and another
    process would take the database for unused and delete the log under us (sqlite.org/howtocorrupt.html, 2.2).
    """
    status = file.stat()
    identity = FileIdentity(status.st_dev, status.st_ino)
    if identity not in _DESCRIPTORS:
        _DESCRIPTORS[identity] = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    return io.BufferedReader(_Bytes(_DESCRIPTORS[identity]))


def values_of_database(file: Path) -> str:
    """All texts that the tables of a database hold, a line each; nothing where it can't be read, or is no database."""
    lines: list[str] = []
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection,
    ):
        for (table,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
            for row in connection.execute(f'select * from "{table}"'):  # a name of its own catalogue
                lines += [value for value in row if isinstance(value, str)]
    return "\n".join(lines)


def set_log_aside(database: Path, ending: str) -> None:
    """Give a database's write-ahead log and its index other names, so that SQLite lays them over no other file."""
    for tail in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.replace(database.with_name(database.name + tail), database.with_name(f"{database.name}.{ending}{tail}"))


def stamp() -> str:
    """Now, as it stands in names of copies."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
