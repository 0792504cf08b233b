"""Tables that open what they list, and the downloads under them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from workbench.bench import wording
from workbench.bench.failure_rows import LabelRow, MemberRow
from workbench.exports import FORMATS, export_bytes
from workbench.exports.jira import CHUNK
from workbench.judgement.taxonomy import DISPOSITION_TITLES
from workbench.text.escaping import visible
from workbench.ui.shared.focus import opened_cell
from workbench.ui.shared.session import taxonomy

ROW_HEIGHT = 36
DOWNLOADS = {
    "csv": ("CSV", "text/csv", "csv"),
    "xlsx": ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "json": ("JSON", "application/json", "json"),
    "jsonl": ("JSON Lines", "application/jsonl", "jsonl"),
    "markdown": ("Markdown", "text/markdown", "md"),
    "jira": ("Jira (CSV)", "text/csv", "csv"),
    "github": ("GitHub (zip)", "application/zip", "zip"),
    "promptfoo": ("promptfoo tests", "application/json", "json"),
}
"""Each format as people call it, its MIME type and the ending of its files."""
_text = st.column_config.TextColumn


def member_table(name: str, rows: Sequence[MemberRow], version: str) -> MemberRow | None:
    """Failing conversations; the row that was picked."""
    return mark_members(name, rows, version, many=False)[0]


def mark_members(
    name: str, rows: Sequence[MemberRow], version: str, many: bool = True
) -> tuple[MemberRow | None, list[MemberRow]]:
    """Failing conversations: the row that was picked, and with `many` those marked by their boxes."""
    causes = taxonomy()
    shown = [
        {
            "Started": row.started_at,
            "What was asked": visible(row.request_excerpt),
            "What came back where it failed": visible(row.reply_excerpt),
            "Signals": wording.signal_titles(row.signals),
            "Outcome": visible(row.outcome or ""),
            "Root cause": sourced(causes.title(row.root_cause), row.root_cause_source),
            "A person said": visible(wording.said_by_readers(row.agreed, row.read_by)),
            "Score": row.score,
            "Release": visible(row.release or ""),
            "Cluster": row.cluster,
            "Strand": visible(row.strand or ""),
            "Conversation": visible(row.conversation_id),
        }
        for row in rows
    ]
    config = {
        "Started": st.column_config.DatetimeColumn(width=125, format="D MMM YYYY, HH:mm"),
        "What was asked": _text(width=330),
        "What came back where it failed": _text(width=260),
        "Signals": st.column_config.ListColumn(width=220),
        "A person said": _text(
            width=120, help="What readers found. The next analysis counts it; until then it only stands here."
        ),
        "Root cause": _text(
            width=150, help="A person said it of this conversation, or of its cluster; in brackets: suggested."
        ),
        "Score": st.column_config.NumberColumn(width=60, format="%.1f", help="Signals added up; no probability."),
        "Cluster": _text(width=80),
    }
    picked, marked = pick_and_mark(name, shown, config, version, tallest=12, many=many)
    return (None if picked is None else rows[picked]), [rows[place] for place in marked]


def label_table(rows: Sequence[LabelRow], version: str) -> tuple[LabelRow | None, list[LabelRow]]:
    """Labelled failures with who said what: the row that was picked, and those marked by their boxes."""
    causes = taxonomy()
    shown = [
        {
            "Root cause": causes.title(row.root_cause) or DISPOSITION_TITLES.get(row.disposition or "", ""),
            "Said of": wording.SAID_OF.get(row.said_of or "", ""),
            "Sev.": row.severity or "",
            "What was asked": visible(row.request_excerpt),
            "Cluster": row.cluster,
            "Cluster name": visible(row.cluster_name or ""),
            "By": visible(row.labelled_by or ""),
            "Read by": visible(", ".join(row.read_by)),
            "When": row.labelled_at,
            "Note": visible(row.note or ""),
            "Contributing": [causes.title(code) for code in row.contributing],
            "Status": row.status or "",
            "Bot": visible(row.bot),
            "Conversation": visible(row.conversation_id),
        }
        for row in rows
    ]
    config = {
        "Root cause": _text(width=140),
        "Said of": _text(width=120),
        "Sev.": _text(width=50),
        "What was asked": _text(width=300),
        "Cluster": _text(width=80),
        "Cluster name": _text(width=240),
        "When": st.column_config.DatetimeColumn(width=130, format="D MMM YYYY, HH:mm"),
        "Note": _text(width=200),
    }
    picked, marked = pick_and_mark("labels", shown, config, version, tallest=16, many=True)
    return (None if picked is None else rows[picked]), [rows[place] for place in marked]


def downloads(kind: str, rows: Callable[[], Sequence[Any]], key: str, label: str = "Download") -> None:
    """A menu of the formats that this kind of row is exported in; the file, named by `key`, is made on the click."""
    with st.popover(label, icon=":material/download:", key=f"download_{key}"):
        for name in FORMATS[kind]:
            title, mime, ending = DOWNLOADS[name]
            if name == "jira" and len(rows()) > CHUNK:
                title, mime, ending = "Jira (CSVs, zip)", "application/zip", "zip"
            st.download_button(
                title,
                data=_exporter(kind, name, rows),
                file_name=f"{key}.{ending}" if (name, ending) != ("jira", "csv") else f"{key}-jira.csv",
                mime=mime,
                key=f"download_{key}_{name}",
                on_click="ignore",
                width="stretch",
            )


def _exporter(kind: str, name: str, rows: Callable[[], Sequence[Any]]) -> Callable[[], bytes]:
    return lambda: export_bytes(kind, name, rows())


def pick(name: str, shown: list[dict[str, Any]], config: dict[str, Any], version: str, tallest: int) -> int | None:
    """Draw rows, any cell or box of which can be picked; the picked row's index."""
    return pick_and_mark(name, shown, config, version, tallest, many=False)[0]


def pick_and_mark(
    name: str, shown: list[dict[str, Any]], config: dict[str, Any], version: str, tallest: int, many: bool
) -> tuple[int | None, list[int]]:
    """Draw rows: the index of the row that was picked, and with `many` those of the rows marked by their boxes."""
    touched = draw(name, shown, config, version, tallest, many)
    return touched.opened, touched.marked


@dataclass(frozen=True)
class Touched:
    """What somebody did with a table's rows, by their index."""

    opened: int | None
    """The row that was clicked, or that Enter was pressed on."""
    pointed: int | None
    """The row that the arrows went to, or that was clicked."""
    marked: list[int]
    """The rows whose boxes are marked."""
    column: str | None = None
    """The column of the cell that was opened."""


def draw(
    name: str,
    shown: list[dict[str, Any]],
    config: dict[str, Any],
    version: str,
    tallest: int,
    many: bool,
    order: Sequence[str] | None = None,
) -> Touched:
    """Draw rows, at most `tallest` without scrolling, in the columns of `order`; with `many` they have boxes.

    A click opens a row, and Enter where the arrows went; the arrows alone don't. The key holds a hash of what is shown: Streamlit keeps
    a selection by position, and would act on the wrong row after the data or the filters changed.
    """
    digest = hashlib.blake2b(repr((version, shown)).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    key = f"{name}_{digest}"
    state = st.dataframe(
        shown,
        key=key,
        hide_index=True,
        column_config=config,
        column_order=order,
        on_select="rerun",
        selection_mode=["multi-row", "single-cell"] if many else "single-cell",
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (min(max(len(shown), 1), tallest) + 1) + 2,
        placeholder="",
        alt=name,
    )
    pointed = next(((row, column) for row, column in state["selection"]["cells"]), None)
    opened = opened_cell(key, pointed)
    rows = range(len(shown))
    return Touched(
        opened=opened[0] if opened and opened[0] in rows else None,
        pointed=pointed[0] if pointed and pointed[0] in rows else None,
        marked=[place for place in state["selection"].get("rows", []) if place in rows],
        column=opened[1] if opened else None,
    )


def sourced(value: str | None, source: str | None) -> str:
    """A value that is only suggested stands in brackets; one that a conversation has from its cluster says so, and so does
    one of words that were replaced since."""
    if not value:
        return ""
    endings = {"cluster": " · cluster's", "outdated": " · of older words"}
    return f"({value})" if source == "suggested" else value + endings.get(source or "", "")
