"""Rows into files that people and programs open: one target a module, one table of what can become what.

Rows are dataclasses of `workbench.views`, masked before they come here.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import BinaryIO

from workbench.errors import UserError
from workbench.exports.delimited import read_csv, write_csv
from workbench.exports.json_text import write_json, write_jsonl
from workbench.exports.markdown import write_markdown
from workbench.exports.spreadsheet import write_xlsx
from workbench.exports.whole_file import whole_file
from workbench.views import FailureRow, LabelRow, SearchRow

__all__ = ["COLUMNS", "FORMATS", "export", "export_bytes", "read_csv"]

_CLUSTER_COLUMNS = (
    "cluster kind name keywords theme size failure_rate rate_low rate_high trend status escalating severity bot "
    "signature root_cause root_cause_source owner first_seen last_seen examples"
)
_TICKET_COLUMNS = (
    "ticket title status severity cause owner due bots clusters failures eligible failure_rate rate_low rate_high trend "
    "first_seen last_seen fixed_release fixed_date ticket_key examples description acceptance created_by created_at link"
)
COLUMNS: dict[str, Sequence[str]] = {
    "failures": [field.name for field in fields(FailureRow)],
    "labels": [field.name for field in fields(LabelRow)],
    "clusters": _CLUSTER_COLUMNS.split(),
    "tickets": _TICKET_COLUMNS.split(),
    "rejects": ("file", "row", "column", "reason", "value", "rows"),
    "search": [field.name for field in fields(SearchRow) if field.name != "key"],
}
FORMATS: dict[str, Sequence[str]] = {
    "failures": ("csv", "xlsx", "json", "jsonl"),
    "labels": ("csv", "xlsx", "json", "jsonl"),
    "clusters": ("csv", "json"),
    "tickets": ("csv", "xlsx", "json", "markdown"),
    "rejects": ("csv", "json"),
    "search": ("csv", "xlsx", "json", "jsonl"),
}


def export(kind: str, format: str, rows: Iterable[object], out: str | Path, raw: bool = False) -> None:
    """Write `rows` to the file `out`, all of it or nothing; `raw` is CSV for programs: no BOM, no guards.

    Raises `UserError` for a kind or format that there isn't, and where `out` can't be written.
    """
    write = _writer(kind, format, raw)
    with whole_file(Path(out)) as file:
        write(rows, file)


def export_bytes(kind: str, format: str, rows: Iterable[object], raw: bool = False) -> bytes:
    """The same file as bytes, for a download."""
    write, file = _writer(kind, format, raw), io.BytesIO()
    write(rows, file)
    return file.getvalue()


def _writer(kind: str, format: str, raw: bool) -> Callable[[Iterable[object], BinaryIO], None]:
    if kind not in FORMATS:
        raise UserError(f"There is no export of {kind!r}. Choose one of: {', '.join(FORMATS)}.")
    if format not in FORMATS[kind]:
        raise UserError(f"{kind} can't be exported as {format!r}. Choose one of: {', '.join(FORMATS[kind])}.")
    columns = COLUMNS[kind]
    writers: dict[str, Callable[[Iterable[object], BinaryIO], None]] = {
        "csv": lambda rows, file: write_csv(rows, columns, file, raw),
        "xlsx": lambda rows, file: write_xlsx(rows, columns, file, kind),
        "json": lambda rows, file: write_json(rows, [*columns, "evidence"] if kind == "tickets" else columns, file),
        "jsonl": lambda rows, file: write_jsonl(rows, columns, file),
        "markdown": write_markdown,
    }
    return writers[format]
