"""What every command shares: its options, its output as table or JSON, its errors."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from workbench.store import Store

StoreOption = Annotated[Path, typer.Option("--store", envvar="WORKBENCH_STORE", help="The store's folder.")]


JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, and nothing else.")]


ActorOption = Annotated[str, typer.Option("--actor", help="Who does this; kept with the change.", show_default="you")]


DayOption = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day like 2026-01-31.")]


BotsOption = Annotated[list[str] | None, typer.Option("--bot", help="Only this bot; may be given again.")]


StatusOption = Annotated[list[str] | None, typer.Option("--status", help="Only this status; may be given again.")]


_out = Console(width=None if sys.stdout.isatty() else 160)


@contextmanager
def _bench(store: Path, actor: str | None = None) -> Iterator[Any]:
    """The bench of a command; one that only reads names no actor."""
    from workbench.bench.bench import Bench

    if not store.exists():
        Store(store).require_pointer()
    bench = Bench(Store(store), "" if actor is None else _actor(actor))
    try:
        yield bench
    finally:
        bench.close()


def _print(value: Any, as_json: bool, text: str) -> None:
    if as_json:
        told = json.dumps(value, ensure_ascii=False, default=_jsonable) + "\n"
        sys.stdout.buffer.write(told.encode("utf-8", "backslashreplace"))
    else:
        _out.print(text, markup=False, highlight=False, soft_wrap=True)


def _jsonable(value: Any) -> str:
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else str(value)


def _shown(cell: str | None) -> Any:
    from rich.text import Text

    from workbench.text.escaping import visible

    return Text(visible(cell or ""))


def _table(columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
    table = Table(box=None)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(_shown, row))
    if rows:
        _out.print(table)


def _actor(given: str) -> str:
    if given or (given := os.environ.get("WORKBENCH_ACTOR", "")):
        return given
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a user id without an account, as containers have it
        return "somebody"


def _fail(message: str, code: int) -> int:
    from workbench.text.escaping import visible

    print(visible(message), file=sys.stderr)
    return code
