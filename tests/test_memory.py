"""Limits of memory, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from workbench.memory import MEMORY_EXIT, resident_bytes

LIMITED = """
import sys
from pathlib import Path
from workbench.memory import limit_memory
limit_memory(200 << 20, Path(sys.argv[1]))
"""


def run_limited(reason: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process that may use 200 MB."""
    return subprocess.run(
        [sys.executable, "-c", LIMITED + code, str(reason)], capture_output=True, text=True, timeout=60
    )


def test_work_within_the_limit_goes_on(tmp_path: Path) -> None:
    done = run_limited(tmp_path / "reason", "print(len(bytearray(50 << 20)))")
    assert (done.returncode, done.stdout) == (0, f"{50 << 20}\n")


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA counts mappings on Linux only")
def test_an_allocation_beyond_the_limit_fails_and_can_be_said(tmp_path: Path) -> None:
    done = run_limited(tmp_path / "reason", "try:\n bytearray(400 << 20)\nexcept MemoryError:\n print('too large')")
    assert (done.returncode, done.stdout) == (0, "too large\n")


def test_memory_that_slips_through_ends_the_process_with_a_reason(tmp_path: Path) -> None:
    shared = "import mmap, time\nmemory = mmap.mmap(-1, 300 << 20)\nfor at in range(0, 300 << 20, 4096): memory[at] = 1\ntime.sleep(30)"
    done = run_limited(tmp_path / "reason", shared)
    assert done.returncode == MEMORY_EXIT
    assert (tmp_path / "reason").read_text().endswith("MB of memory, and 200 MB are allowed")


def test_this_process_uses_memory() -> None:
    assert 10 << 20 < resident_bytes() < 100 << 30
