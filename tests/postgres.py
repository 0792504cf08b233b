"""A PostgreSQL server of our own, in a temporary folder, reached by its socket; for tests and benchmarks."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def missing() -> str | None:
    """What keeps us from starting a server here, and what to do; None where nothing does."""
    if importlib.util.find_spec("psycopg") is None:
        return "psycopg is missing: pip install -r requirements-postgres.txt"
    if _program("initdb") is None:
        return "PostgreSQL is missing: apt-get install postgresql"
    return None


@contextmanager
def serving() -> Iterator[str]:
    """A fresh server; the address of its one database. The server refuses root, so Debian's own user runs it then."""
    user = {"user": "postgres"} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory() as name:
        if user:
            shutil.chown(name, **user)
        data = f"{name}/data"
        create = [str(_program("initdb")), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run(create, check=True, capture_output=True, **user)
        options = f"-c listen_addresses= -c unix_socket_directories={name}"
        server = [str(_program("pg_ctl")), "-D", data, "-w", "-l", f"{name}/log"]
        subprocess.run([*server, "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, **user)
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={name}"
        finally:
            subprocess.run([*server, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, **user)


def _program(name: str) -> Path | None:
    """A program of the server; Debian keeps them off the PATH."""
    found = shutil.which(name)
    packaged = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return Path(found) if found else packaged[-1] if packaged else None
