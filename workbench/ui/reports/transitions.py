"""The transition matrix on screen: last good states by first failing ones; a click on a cell lists its conversations."""

from __future__ import annotations

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.filter import Filter
from workbench.reports.share import Share
from workbench.reports.transitions import Cell, Matrix, conversations_of
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.ui.conversations.detail import open_member
from workbench.ui.shared.tables import draw, member_table
from workbench.ui.shared.text import text

_AFTER = "Last good state"
_MARKS = {"more": " ▲", "less": " ▼", "": ""}
_WIDTH = 150


def transition_matrix(bench: Bench, matrix: Matrix, filter: Filter, against: str | None = None) -> None:
    """Draw it; `filter` is what it counts, `against` the release that it is compared with."""
    st.subheader("Where conversations go wrong", anchor=False)
    if not matrix.cells:
        st.caption("No conversation that passes these filters fails.")
        return
    compared = f" ▲ more and ▼ less than in {against}, beyond chance among all cells." if against else ""
    text(
        f"Rows: the last state that was good; columns: the first that failed; failures and their share of {matrix.analysed:,} "
        f"conversations, with its 95 % interval.{compared} A click on a cell lists its conversations."
    )
    columns = matrix.columns
    shown = [
        {_AFTER: visible(row)} | {visible(name): _in_cell(matrix.cell(row, name)) for name in columns}
        for row in matrix.rows
    ]
    config = {_AFTER: st.column_config.TextColumn(width=190, pinned=True)} | {
        visible(name): st.column_config.TextColumn(width=_WIDTH) for name in columns
    }
    touched = draw("transitions", shown, config, bench.version() + repr(filter), 14, many=False)
    if touched.opened is None:
        return
    here = matrix.rows[touched.opened]
    there = next((name for name in columns if visible(name) == touched.column), None)
    picked = [cell for cell in matrix.cells if cell.last_good == here and there in (None, cell.first_failing)]
    members = [row for cell in picked if cell.here.hits for row in conversations_of(bench, filter, cell)]
    where = f"{here} → {there}" if there else f"after {here}"
    st.text(visible(f"{formatting.count(len(members), 'conversation')}: {where}"))
    member = member_table("tipped_over", members, bench.version()) if members else None
    if member is not None:
        open_member(member)


def _in_cell(cell: Cell | None) -> str:
    if cell is None or not (cell.here.hits or cell.change):
        return ""
    return f"{share_in_words(cell.here)}{_MARKS[cell.change]}"


def share_in_words(share: Share) -> str:
    """A count with its share and interval, like "58 · 3 % (2–4 %)"; of what is surely rare only that."""
    if not share.total:
        return "–"
    if (share.bounds[1] or 0) < 0.01:
        return f"{share.hits:,} · below 1 %"
    return f"{share.hits:,} · {formatting.percent(share.value)} ({formatting.interval(*share.bounds)})"
