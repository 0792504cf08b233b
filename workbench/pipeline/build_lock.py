"""The one builder of a store: a lock that the operating system frees, and beside it a file that says who holds it.

build.lock     locked by the builder; freed by the system when the builder ends, however it ends
builder.json   who builds, from which machine, and a count that goes up while the builder lives

Where a store lies on storage that several machines share, the lock alone can fail both ways: some storage lets two machines hold
it at once, some keeps it for a machine that is gone. The count tells a builder that lives from one that died.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from workbench.dates import utc_now
from workbench.errors import UserError
from workbench.store import Store, write_json

BEAT = 5.0
"""Seconds between two counts of a builder."""
SILENCE = 60.0
"""Seconds without a count after which a builder counts as dead."""
_POLL = 0.5


@dataclass(frozen=True)
class Builder:
    """Who builds a store."""

    host: str
    """The name of the machine."""
    process: int
    """The number of the process there."""
    since: str
    """When it began, UTC to the minute."""
    beat: int = 0
    """How often it reported that it lives."""

    @classmethod
    def own(cls) -> Builder:
        """This process."""
        return cls(socket.gethostname(), os.getpid(), f"{utc_now():%Y-%m-%d %H:%M} UTC")

    @property
    def is_here(self) -> bool:
        """Whether it is of this machine, where the lock itself tells whether it lives."""
        return self.host == socket.gethostname()

    def __str__(self) -> str:
        return f"process {self.process} on {self.host}, since {self.since}"


def builder_of(root: Path) -> Builder | None:
    """Who says that it builds the store in the folder `root`; None where nobody does."""
    try:
        raw = json.loads(_file(root).read_text("utf-8"))
        return Builder(str(raw["host"]), int(raw["process"]), str(raw["since"]), int(raw["beat"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def reporting_builder(store: Store) -> Builder | None:
    """The builder of a store that reported lately, by the storage's clock and ours; None where none did."""
    try:
        silent = time.time() - _file(store.root).stat().st_mtime
    except OSError:
        return None
    return builder_of(store.root) if silent < SILENCE else None


@contextmanager
def sole_builder(store: Store, waiting: Callable[[str], None], silence: float = SILENCE) -> Iterator[None]:
    """Be the one builder of a store while this is open.

    `waiting` is called once with who builds, before waiting for that. Raises `UserError` where the storage still keeps the lock
    for a machine that has been silent for `silence` seconds, with what to delete, and where the store can't be written.
    """
    root = store.root
    lock = FileLock(root / "build.lock")
    _take(lock, root, waiting, silence)
    own, done = Builder.own(), threading.Event()
    try:
        write_json(_file(root), asdict(own))
        threading.Thread(target=_report, args=(root, own, done), name="builder's count", daemon=True).start()
        yield
    finally:
        done.set()
        with suppress(OSError):
            _file(root).unlink()
        lock.release()


def _take(lock: FileLock, root: Path, waiting: Callable[[str], None], silence: float) -> None:
    """Hold the lock, with nobody else of another machine still building."""
    asked = False
    watch = _Watch(root)
    while True:
        held = _tried(lock)
        builder = watch.look()
        if held and (builder is None or builder.is_here or watch.silent > silence):
            return
        if held:  # this storage gives its lock to two machines, or that builder died just now: its count will tell
            lock.release()
        elif builder and not builder.is_here and watch.silent > silence:
            raise UserError(
                f"The store {root} is locked by a build that is gone: {builder}, has not reported for "
                f"{watch.silent / 60:.0f} minutes, but the storage still keeps its lock. If that machine is down, delete "
                f"{root / 'build.lock'} and {_file(root)}, and try again."
            )
        if not asked:
            waiting(str(builder) if builder else "another process")
            asked = True
        time.sleep(_POLL)


class _Watch:
    """How long a store's builder has not counted, by our own clock: those of two machines may differ."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: Builder | None = None
        self._at = time.monotonic()

    def look(self) -> Builder | None:
        """The builder now."""
        builder = builder_of(self._root)
        if builder != self._seen:
            self._seen, self._at = builder, time.monotonic()
        return builder

    @property
    def silent(self) -> float:
        """Seconds for which what was seen has not changed."""
        return time.monotonic() - self._at


def _tried(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    except OSError as e:
        folder = Path(lock.lock_file).parent
        raise UserError(
            f"The store {folder} can't be written from here ({e.strerror}). Build, and split clusters, on the machine that builds it."
        ) from e
    return True


def _report(root: Path, own: Builder, done: threading.Event) -> None:
    beat = 0
    while not done.wait(BEAT):
        beat += 1
        with suppress(OSError):  # a full disk ends the build where it writes, and not here
            write_json(_file(root), asdict(own) | {"beat": beat})


def _file(root: Path) -> Path:
    return root / "builder.json"


@contextmanager
def preview_place(store: Store, places: int, waiting: Callable[[], None]) -> Iterator[None]:
    """One of this machine's places for previews of a store's logs; `waiting` is called while others take all of them.

    The locks lie outside of the store, as a preview changes nothing in it.
    """
    folder = Path(tempfile.gettempdir()) / f"workbench-previews-{os.getuid() if hasattr(os, 'getuid') else 0}"
    folder.mkdir(mode=0o700, exist_ok=True)
    name = hashlib.sha256(str(store.root.resolve()).encode()).hexdigest()[:16]
    locks = [FileLock(folder / f"{name}-{place}.lock") for place in range(places)]
    while True:
        for lock in locks:
            try:
                taken = lock.acquire(timeout=0)
            except Timeout:
                continue
            with taken:
                yield
                return
        waiting()
        time.sleep(_POLL)
