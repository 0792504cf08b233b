"""Processes of Ray: a cluster of our own, and the workers that are busy under a build."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

STARTS_WITHIN = 180  # s, on a busy machine
_HEAD = ("start", "--head", "--num-cpus=2", "--include-dashboard=false", "--disable-usage-stats", "--block")


@contextmanager
def cluster() -> Iterator[tuple[str, int]]:
    """A cluster with two processors: its address, and the process that holds it together."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("ray")), *_HEAD, f"--port={port}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield f"127.0.0.1:{port}", _head(process, port)
        finally:
            for each in [*descendants(process.pid), process.pid]:
                with suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)


def _head(process: subprocess.Popen[bytes], port: int) -> int:
    """The head's own process, once all of it is up."""
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        heads = [each for each in descendants(process.pid) if "gcs_server" in command_of(each)]
        if heads and any("raylet/raylet" in command_of(each) for each in descendants(process.pid)) and _answers(port):
            time.sleep(5)  # the raylet reports itself to the head
            return heads[0]
        time.sleep(0.5)
    raise AssertionError(f"No Ray cluster within {STARTS_WITHIN} s (exit code {process.returncode}).")


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def busy_workers(process: int) -> list[int]:
    """The workers below a process that work at something."""
    return [each for each in descendants(process) if command_of(each).startswith("ray::Map")]


def descendants(process: int) -> list[int]:
    """The processes that a process started, and those that these did."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                parent = int((folder / "stat").read_text("ascii", "replace").rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(folder.name))
    below, waiting = [], [process]
    while waiting:
        children = parents.get(waiting.pop(), [])
        below += children
        waiting += children
    return below


def command_of(process: int) -> str:
    """The command line of a process, empty where it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_text("utf-8", "replace").replace("\0", " ")
    return ""
