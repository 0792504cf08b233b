"""What a process that reads much, and what others wrote, may take of memory, and how it frees it."""

from __future__ import annotations

import gc
import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY_EXIT = 86  # the exit code of a process that its watchdog ended
_PAUSE = 0.1
_STATUS = Path("/proc/self/status")


def limit_memory(limit: int, reason: Path) -> None:
    """Keep this process, from now on, within `limit` bytes of resident memory.

    RLIMIT_DATA makes an allocation fail early, so that most code can say what was too large: it counts what is mapped,
    not what is used, so it is set to `limit` beyond what is mapped now. RLIMIT_AS would count address space that
    nobody uses and end healthy processes. What slips through, a watchdog ends with exit code `MEMORY_EXIT`, after
    writing one sentence to the file `reason`.
    """
    if sys.platform.startswith("linux"):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        allowed = data_bytes() + limit
        resource.setrlimit(
            resource.RLIMIT_DATA, (allowed if hard == resource.RLIM_INFINITY else min(allowed, hard), hard)
        )
    threading.Thread(target=_watch, args=(limit, reason), name="memory watchdog", daemon=True).start()


def _watch(limit: int, reason: Path) -> None:
    while True:
        used = resident_bytes()
        if used > limit:
            reason.write_text(
                f"it needed {used >> 20:,} MB of memory, and {limit >> 20:,} MB are allowed", encoding="utf-8"
            )
            os._exit(MEMORY_EXIT)
        time.sleep(_PAUSE)


@contextmanager
def memory_ceiling(extra: int) -> Iterator[None]:
    """Let this process allocate no more than `extra` bytes beyond what it has: Arrow and Python then say so, and live.

    RLIMIT_DATA works so on Linux only; elsewhere the checks on each decoded batch stand alone.
    """
    if not sys.platform.startswith("linux"):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    ceiling = data_bytes() + extra
    limits = [limit for limit in (soft, hard, ceiling) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def resident_bytes() -> int:
    """Bytes of memory that this process has in use (where there is no /proc: the most it ever had)."""
    if _STATUS.exists():
        return _status("VmRSS:")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def data_bytes() -> int:
    """Bytes of private memory that this process has mapped, which is what RLIMIT_DATA counts; 0 where unknown."""
    return _status("VmData:") if _STATUS.exists() else 0


def _status(name: str) -> int:
    for line in _STATUS.read_text("ascii", "replace").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look for cyclic garbage rarely: conversations and what is found in them make none, and looking through them again and
    again takes a sixth of an import's time and half of reading what was judged before."""
    threshold = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*threshold)
