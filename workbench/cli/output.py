"""What every command shares: its options, its output as table or JSON, its errors."""

from __future__ import annotations

import getpass
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from workbench.errors import UserError
from workbench.store import Store, with_store_named

if TYPE_CHECKING:
    from rich.text import Text

    from workbench.bench.bench import Bench

_named: list[Path] = []
"""The store that a command was given, for what is said of its errors."""


def _remember(store: Path) -> Path:
    _named[:] = [store]
    return store


StoreOption = Annotated[
    Path, typer.Option("--store", envvar="WORKBENCH_STORE", help="The store's folder.", callback=_remember)
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, and nothing else.")]
ActorOption = Annotated[str, typer.Option("--actor", help="Who does this; kept with the change.", show_default="you")]
DayOption = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day like 2026-01-31.")]
BotsOption = Annotated[list[str] | None, typer.Option("--bot", help="Only this bot; may be given again.")]
TierOption = Annotated[
    str, typer.Option("--tier", help="failing, or suspected: what nothing proves, which no rate counts.")
]
StatusOption = Annotated[list[str] | None, typer.Option("--status", help="Only this status; may be given again.")]


def require_tier(tier: str) -> None:
    """`UserError` for a tier that there isn't."""
    if tier not in ("failing", "suspected"):
        raise UserError(f"There is no tier {tier!r}. Choose failing or suspected.")


console = Console(width=None if sys.stdout.isatty() else 160)
"""Where tables and texts for a person go; wide where no terminal tells its width."""


@contextmanager
def open_bench(store: Path, actor: str | None = None, recover: bool = True) -> Iterator[Bench]:
    """The bench of a command; one that only reads names no actor, one that must not write at all does not `recover`."""
    from workbench.bench.bench import Bench

    Store(store).require_there()
    bench = Bench(Store(store), "" if actor is None else actor_name(actor), recover)
    try:
        yield bench
    finally:
        bench.close()


def print_result(value: Any, as_json: bool, text: str) -> None:
    """One JSON document of `value` on standard output, or `text` for a person."""
    if as_json:
        document = json.dumps(value, ensure_ascii=False, default=_jsonable)
        document = _STEERS.sub(lambda match: f"\\u{ord(match[0]):04x}", document) + "\n"
        sys.stdout.buffer.write(document.encode("utf-8", "backslashreplace"))
    else:
        console.print(text, markup=False, highlight=False, soft_wrap=True)


_STEERS = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
"""What JSON may hold as it is, and a terminal obeys: C1 controls, and what turns the reading order. It stands there as JSON escapes it."""


def _jsonable(value: Any) -> str:
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else str(value)


def cell_text(cell: str | None) -> Text:
    """A cell whose control characters are spelled out, so that log text can't steer the terminal."""
    from rich.text import Text

    from workbench.text.escaping import visible

    return Text(visible(cell or ""))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
    """Rows under their columns; nothing where there are none."""
    table = Table(box=None)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(cell_text, row))
    if rows:
        console.print(table)


def actor_name(given: str) -> str:
    """Who acts: as `given`, or as the environment names them, or by their account."""
    if given or (given := os.environ.get("WORKBENCH_ACTOR", "")):
        return given
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a user id without an account, as containers have it
        return "somebody"


def print_error(message: str, code: int) -> int:
    """A message on standard error; the exit code is handed back."""
    from workbench.text.escaping import visible
    from workbench.text.masking import mask

    message = with_store_named(message, _named[0]) if _named else message
    print(visible(mask(message)), file=sys.stderr)
    return code
