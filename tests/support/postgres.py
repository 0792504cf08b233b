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

import sqlalchemy as sa

# The server ends when our end of the pipe closes, also where we are killed.
_KEEPER = '"$0" -D "$1" -w -l "$1/log" -o "$2" start >/dev/null && echo ready; read _; "$0" -D "$1" -m immediate stop >/dev/null'


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
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory() as name:
        if user:
            shutil.chown(name, user)
        data = f"{name}/data"
        create = [str(_program("initdb")), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run(create, check=True, capture_output=True, user=user)
        options = f"-c listen_addresses= -c unix_socket_directories={name}"
        keeper = ["sh", "-c", _KEEPER, str(_program("pg_ctl")), data, options]
        pipe = subprocess.PIPE
        with subprocess.Popen(keeper, stdin=pipe, stdout=pipe, text=True, start_new_session=True, user=user) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                raise RuntimeError(Path(data, "log").read_text("utf-8"))
            yield f"postgresql+psycopg://postgres@/postgres?host={name}"
            process.stdin.close()


def _program(name: str) -> Path | None:
    """A program of the server; Debian keeps them off the PATH."""
    found = shutil.which(name)
    packaged = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return Path(found) if found else packaged[-1] if packaged else None


def emptied(address: str) -> str:
    """The same database with nothing in it."""
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        connection.execute(sa.text("drop schema public cascade"))
        connection.execute(sa.text("create schema public"))
    engine.dispose()
    return address
