"""The anchor: how far the history had come when it was last saved, noted beside an SQLite database and not in it.

A database that lost its end is whole in itself: its chain holds, only shorter. So the last event's number and hash stand in a
file of their own, written through to the disk before a change counts as saved, and compared whenever somebody opens or writes.
The chain and the anchor detect accidents. Against people who can write both, the anchor is sealed with a key that lies
elsewhere, where one is named (`WORKBENCH_JUDGEMENT_KEY`).
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from workbench.errors import UserError, full_disk, is_disk_full

KEY_FILE = "WORKBENCH_JUDGEMENT_KEY"
"""The variable that names the file of the key by which the anchor is sealed; it should lie outside the store."""
_SIZE = 512
"""Bytes of the file, always the same: one sector, which a disk writes whole or not at all."""


@dataclass(frozen=True)
class FileIdentity:
    """Which file stood at a path: another one that takes its place has another number."""

    device: int
    """The number of its file system."""
    number: int
    """Its number (inode) there."""

    @classmethod
    def of(cls, path: Path) -> FileIdentity | None:
        """What stands at a path now; None where nothing does."""
        try:
            status = path.stat()
        except OSError:
            return None
        return cls(status.st_dev, status.st_ino)


@dataclass(frozen=True)
class Anchor:
    """How far the history had come."""

    sequence: int = 0
    """The last event that was saved; 0 before the first."""
    hash: str = ""
    """Its hash in the chain."""
    database: FileIdentity | None = None
    """The file that it was saved in."""
    log: FileIdentity | None = None
    """The write-ahead log beside that."""
    log_changed: int = 0
    """When that log was last changed, in nanoseconds since 1970."""
    seal: str = ""
    """HMAC-SHA256 (RFC 2104) of sequence and hash by the key, 64 hex digits; empty without a key."""

    @property
    def broken_seal(self) -> bool:
        """Whether a key is named that this wasn't sealed with."""
        key = _key()
        return key is not None and not hmac.compare_digest(self.seal, _seal(key, self.sequence, self.hash))


def is_sealed() -> bool:
    """Whether a key is named, so that every anchor must be sealed by it."""
    return _key() is not None


def anchor_file(database: Path) -> Path:
    """Where the anchor of a database lies: judgement.head beside judgement.db."""
    return database.with_suffix(".head")


def read_anchor(database: Path) -> Anchor | None:
    """The anchor of a database; None where there is none, or it is damaged: then nothing it says counts."""
    try:
        return _parsed(anchor_file(database).read_bytes())
    except OSError:
        return None


def anchor_damage(database: Path) -> str | None:
    """What is wrong with the anchor of a database that has events, in a sentence; None where nothing is."""
    file = anchor_file(database)
    if file.is_dir():
        return f"{file} is a folder, so nothing can be saved; it must be a file. Move it away."
    if file.exists() and not os.access(file, os.W_OK):
        return f"{file} can't be written, so nothing can be saved. Check its permissions."
    if read_anchor(database) is not None:
        return None
    return (
        f"{file} is {'damaged' if file.exists() else 'gone'}, so nobody can tell whether the history lost its end. Where nothing is missed, "
        "`python -m workbench doctor --accept-history` makes it anew, as the next change does."
    )


class AnchorLease:
    """The anchor while a change is made: nobody else notes another meanwhile."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._file: int | None = None

    def take(self) -> Anchor | None:
        """The anchor as it is, held until the lease ends; None where there is none yet."""
        file = anchor_file(self._database)
        try:
            self._file = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as e:
            raise UserError(
                full_disk(file.parent)
                if is_disk_full(e)
                else f"{file} can't be written ({e.strerror}): it says how far the history has come. Check its permissions."
            ) from e
        fcntl.flock(self._file, fcntl.LOCK_EX)
        return _parsed(os.pread(self._file, _SIZE, 0))

    def keep(self, sequence: int, hash: str) -> None:
        """Note, through to the disk, what is saved now."""
        if self._file is None:
            return
        log, key = log_of(self._database), _key()
        changed = 0
        with suppress(OSError):
            changed = log.stat().st_ctime_ns
        anchor = Anchor(
            sequence,
            hash,
            FileIdentity.of(self._database),
            FileIdentity.of(log),
            changed,
            _seal(key, sequence, hash) if key else "",
        )
        written = json.dumps(asdict(anchor) | {"check": _check(anchor)})
        os.pwrite(self._file, written.ljust(_SIZE - 1).encode() + b"\n", 0)
        os.fdatasync(self._file)

    def end(self) -> None:
        """Let others at it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


@contextmanager
def anchor_lease(database: Path) -> Iterator[AnchorLease]:
    """A lease on the anchor of a database, which ends with this."""
    lease = AnchorLease(database)
    try:
        yield lease
    finally:
        lease.end()


def log_of(database: Path) -> Path:
    """Where SQLite keeps the write-ahead log of a database."""
    return database.with_name(f"{database.name}-wal")


def is_log_of_another(database: Path, anchor: Anchor) -> bool:
    """Whether the write-ahead log at hand belongs to the file that stood here before, and not to the one that stands here now.

    SQLite would not notice, and write the old file's pages into the new one. A store that was copied as a whole has another
    log, too.
    """
    log = log_of(database)
    if anchor.log is None or FileIdentity.of(database) == anchor.database or FileIdentity.of(log) != anchor.log:
        return False
    return log.stat().st_ctime_ns == anchor.log_changed


def _parsed(raw: bytes) -> Anchor | None:
    try:
        fields = json.loads(raw)
        database, log = (FileIdentity(**fields[name]) if fields[name] else None for name in ("database", "log"))
        anchor = Anchor(
            int(fields["sequence"]), str(fields["hash"]), database, log, int(fields["log_changed"]), str(fields["seal"])
        )
    except (ValueError, TypeError, KeyError):
        return None
    return anchor if fields.get("check", _check(anchor)) == _check(anchor) else None  # an older program wrote no check


def _check(anchor: Anchor) -> int:
    """What tells a flipped bit of the anchor itself from a history that lost something (CRC-32)."""
    return zlib.crc32(json.dumps(asdict(anchor)).encode())


def _key() -> bytes | None:
    name = os.environ.get(KEY_FILE)
    if not name:
        return None
    try:
        key = Path(name).read_bytes().strip()
    except OSError as e:
        raise UserError(f"The key of the history can't be read from {name} ({e.strerror}). Mend {KEY_FILE}.") from e
    if len(key) < 16:
        raise UserError(f"The key of the history in {name} is too short. Make one of at least 16 random bytes.")
    return key


def _seal(key: bytes, sequence: int, hash: str) -> str:
    return hmac.new(key, f"{sequence}:{hash}".encode(), hashlib.sha256).hexdigest()
