"""Rows into files that people and programs open: one target a module, one table of what can become what.

Rows are dataclasses of `workbench.bench`, masked before they come here.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

from workbench.bench.failure_rows import FailureRow, LabelRow
from workbench.bench.score_rows import ScoreRow
from workbench.bench.search_rows import SearchRow
from workbench.errors import UserError
from workbench.exports.bundle import write_files, zipped
from workbench.exports.delimited import read_csv, write_csv
from workbench.exports.github import github_files
from workbench.exports.jira import jira_files
from workbench.exports.json_text import write_json, write_jsonl
from workbench.exports.langfuse import write_langfuse
from workbench.exports.markdown import write_markdown
from workbench.exports.otel import write_otel
from workbench.exports.phoenix import phoenix_files
from workbench.exports.promptfoo import write_promptfoo
from workbench.exports.spreadsheet import write_xlsx
from workbench.judgement.taxonomy import CauseRow
from workbench.reports.bots import BotRow
from workbench.reports.health_rows import HealthWeekRow, ReleaseRow
from workbench.reports.inventory import InventoryRow
from workbench.reports.scorecards import SignalRow
from workbench.reports.silent_harm import HarmRow
from workbench.review.blind_rounds import VoteRow
from workbench.review.failure_modes import ModeCount
from workbench.store import whole_file

__all__ = ["COLUMNS", "FORMATS", "export", "export_bytes", "read_csv", "refuse_unknown"]

_CLUSTER_COLUMNS = (
    "cluster kind name keywords theme size failure_rate rate_low rate_high trend status escalating severity bot "
    "signature root_cause root_cause_source owner first_seen last_seen examples"
)
_TICKET_COLUMNS = (
    "ticket title status severity cause discipline owner due bots clusters conversations users failures eligible "
    "failure_rate rate_low rate_high trend first_seen last_seen fixed_release fixed_date ticket_key tracker_state fingerprint "
    "suspects examples description acceptance regression remedy created_by created_at link"
)
_EVAL_COLUMNS = (
    "id conversation_id bot release started_at cluster cluster_name kind ticket root_cause root_cause_source severity tags "
    "failing_turn check messages logged documents"
)
_MOVE_COLUMNS = (
    "list cluster name bot status owner severity root_cause escalating failures failures_before now_failures now_eligible "
    "before_failures before_eligible p first_seen last_before"
)
_BOT_WEEK_COLUMNS = (
    "bot owner conversations weeks_before conversations_before failures analysed failures_before analysed_before failing_change "
    "contained known contained_before known_before contained_change"
)
COLUMNS: dict[str, Sequence[str]] = {
    "failures": [field.name for field in fields(FailureRow) if field.name != "key"],
    "labels": [field.name for field in fields(LabelRow) if field.name not in ("key", "said_of")],
    "clusters": _CLUSTER_COLUMNS.split(),
    "suspected": [*_CLUSTER_COLUMNS.split(), "suspected"],
    "tickets": _TICKET_COLUMNS.split(),
    "evals": _EVAL_COLUMNS.split(),
    "bots": [field.name for field in fields(BotRow)],
    "botweeks": _BOT_WEEK_COLUMNS.split(),
    "inventory": [field.name for field in fields(InventoryRow)],
    "harm": [field.name for field in fields(HarmRow) if field.name != "key"],
    "imports": (
        "import_id created_at actor format files sha256 rows_read rows_kept rows_rejected rows_duplicate conversations turns"
    ).split(),
    "likely": ("conversation_id", "started_at", "learned", "request", "spoke"),
    "moves": _MOVE_COLUMNS.split(),
    "modes": [field.name for field in fields(ModeCount)],
    "rejects": ("file", "row", "column", "reason", "value", "rows"),
    "releases": [field.name for field in fields(ReleaseRow)],
    "scores": [field.name for field in fields(ScoreRow)],
    "search": [field.name for field in fields(SearchRow) if field.name != "key"],
    "signals": [field.name for field in fields(SignalRow)],
    "taxonomy": [field.name for field in fields(CauseRow) if field.name != "version"],
    "votes": [field.name for field in fields(VoteRow)],
    "weeks": [field.name for field in fields(HealthWeekRow)],
}
FORMATS: dict[str, Sequence[str]] = {
    "failures": ("csv", "xlsx", "json", "jsonl"),
    "labels": ("csv", "xlsx", "json", "jsonl"),
    "clusters": ("csv", "json"),
    "suspected": ("csv", "json"),
    "tickets": ("csv", "xlsx", "json", "markdown", "jira", "github"),
    "evals": ("jsonl", "promptfoo"),
    "bots": ("csv", "json"),
    "botweeks": ("csv", "xlsx", "json"),
    "inventory": ("csv", "xlsx", "json"),
    "harm": ("csv", "xlsx", "json"),
    "imports": ("csv", "json"),
    "likely": ("csv", "xlsx", "json"),
    "moves": ("csv", "xlsx", "json"),
    "modes": ("csv", "xlsx", "json"),
    "rejects": ("csv", "json"),
    "releases": ("csv", "xlsx", "json"),
    "taxonomy": ("csv", "xlsx", "json"),
    "scores": ("langfuse", "phoenix", "otel"),
    "search": ("csv", "xlsx", "json", "jsonl"),
    "signals": ("csv", "xlsx", "json"),
    "votes": ("csv", "xlsx", "json", "jsonl"),
    "weeks": ("csv", "xlsx", "json"),
}


def export(kind: str, format: str, rows: Iterable[object], out: str | Path, raw: bool = False) -> list[Path]:
    """Write `rows` to the file `out`, all of it or nothing, and give the files written.

    `raw` is CSV for programs: no BOM, no guards. *jira* beyond 250 tickets goes on in `NAME-2.csv` …; *github* and *phoenix*
    take a folder; each takes a .zip. Raises `UserError` for a kind or format that there isn't, and where `out` can't be written.
    """
    refuse_unknown(kind, format)
    if format in _BUNDLES:
        return write_files(_BUNDLES[format](list(rows)), Path(out), folder=format in FOLDERS)
    write = _writer(kind, format, raw)
    with whole_file(Path(out)) as file:
        write(rows, file)
    return [Path(out)]


def export_bytes(kind: str, format: str, rows: Iterable[object], raw: bool = False) -> bytes:
    """The same file as bytes, for a download; what makes several files is a zip of them."""
    refuse_unknown(kind, format)
    if format in _BUNDLES:
        files = _BUNDLES[format](list(rows))
        return next(iter(files.values())) if format == "jira" and len(files) == 1 else zipped(files)
    write, file = _writer(kind, format, raw), io.BytesIO()
    write(rows, file)
    return file.getvalue()


def refuse_unknown(kind: str, format: str) -> None:
    """Raise `UserError`, with the choices, for a kind or format that there isn't."""
    if kind not in FORMATS:
        raise UserError(f"There is no export of {kind!r}. Choose one of: {', '.join(FORMATS)}.")
    if format not in FORMATS[kind]:
        raise UserError(f"{kind} can't be exported as {format!r}. Choose one of: {', '.join(FORMATS[kind])}.")


def _jira(rows: Sequence[Any]) -> dict[str, bytes]:
    files = jira_files(rows)
    return {"tickets.csv" if place == 1 else f"tickets-{place}.csv": data for place, data in enumerate(files, 1)}


_BUNDLES: Mapping[str, Callable[[Sequence[Any]], dict[str, bytes]]] = {
    "jira": _jira,
    "github": github_files,
    "phoenix": phoenix_files,
}
FOLDERS = frozenset({"github", "phoenix"})
"""What becomes a folder of files."""


def _writer(kind: str, format: str, raw: bool) -> Callable[[Iterable[object], BinaryIO], None]:
    columns = COLUMNS[kind]
    writers: dict[str, Callable[[Iterable[object], BinaryIO], None]] = {
        "csv": lambda rows, file: write_csv(rows, columns, file, raw),
        "xlsx": lambda rows, file: write_xlsx(rows, columns, file, kind),
        "json": lambda rows, file: write_json(rows, [*columns, "evidence"] if kind == "tickets" else columns, file),
        "jsonl": lambda rows, file: write_jsonl(rows, columns, file),
        "markdown": write_markdown,
        "promptfoo": write_promptfoo,
        "langfuse": write_langfuse,
        "otel": write_otel,
    }
    return writers[format]
