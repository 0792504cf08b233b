"""The inventory on the page Bots: its flags, its file out and in, and what each provider delivered."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from workbench.bench.bench import Bench
from workbench.errors import WorkbenchError
from workbench.exports import read_csv
from workbench.judgement.records.pod import BotChange
from workbench.reports import inventory
from workbench.reports.inventory import InventoryRow
from workbench.reports.sla import SlaClock
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.ui.shared import undo_all
from workbench.ui.shared.actions import attempt, may_read, refusal, why_silent
from workbench.ui.shared.tables import ROW_HEIGHT, downloads
from workbench.ui.shared.text import error

_text, _number = st.column_config.TextColumn, st.column_config.NumberColumn
_DONE = "inventory_taken_over"
_LARGEST = 1_000_000


def as_file(bench: Bench, rows: Sequence[InventoryRow]) -> None:
    """The inventory as a CSV to download, fill in and give back; what it would change is shown before it does."""
    undo_all.bar(bench, _DONE, "inventory")
    st.caption(
        "Download it, fill it in, give it back. Lists are joined by “; ”; a column that is left out stays as it is."
    )
    downloads("inventory", lambda: rows, "inventory")
    given = st.file_uploader("The inventory as CSV", type="csv", key="inventory_file", max_upload_size=1)
    if given is None:
        return
    try:
        read = _read(given.getvalue())
        changes = inventory.differences(bench.pod.bots(), read)
    except WorkbenchError as e:
        error(e)
        return
    if not changes:
        st.info("The file changes nothing: the inventory says the same already.")
        return
    st.dataframe(
        [
            {"Bot": visible(each.bot), "What": each.field, "As it stands": visible(each.before), "In the file": visible(each.after)}
            for each in changes
        ],
        hide_index=True, row_height=ROW_HEIGHT, alt="what the file changes",
    )  # fmt: skip
    st.button(
        f"Take over {formatting.count(len(changes), 'change')}", key="take_inventory", type="primary",
        disabled=not may_read(bench), on_click=_take, args=(bench, read),
    )  # fmt: skip
    why_silent(bench)
    refusal()


def providers(bench: Bench, clocks: Mapping[str, SlaClock]) -> None:
    """What each provider's bots delivered."""
    rows = inventory.by_provider(bench.pod.bots(), bench.evidence.bots(), clocks)
    if not rows:
        st.caption("No bot names its provider yet. Say it below, or in the inventory's file.")
        return
    st.dataframe(
        [
            {
                "Provider": visible(row.provider),
                "Bots": [visible(bot) for bot in row.bots],
                "Conversations": row.conversations,
                "Failing": None if row.failure_rate is None else 100 * row.failure_rate,
                "95 %": formatting.interval(row.rate_low, row.rate_high) if row.conversations else "",
                "SLA met": row.sla_met,
                "SLA missed": row.sla_missed,
            }
            for row in rows
        ],
        hide_index=True, row_height=ROW_HEIGHT, alt="by provider",
        column_config={
            "Conversations": _number(format="localized"), "Failing": _number(format="%.1f %%"),
            "95 %": _text(help="Wilson interval of the failing share."),
            "SLA met": _number(help="Tickets that were fixed within the hours of their severity."),
        },
    )  # fmt: skip


def sla_hours(row_hours: Mapping[str, int], key: str) -> dict[str, int]:
    """Four fields for the hours of each severity; an empty one means that the contract names none."""
    hours: dict[str, int] = {}
    for column, severity in zip(st.columns(4, gap="small"), ("S1", "S2", "S3", "S4"), strict=True):
        given = column.number_input(
            f"{severity}, hours", 1, 8_784, row_hours.get(severity), key=f"{key}_sla_{severity}", placeholder="none"
        )
        if given:
            hours[severity] = int(given)
    return hours


def _read(content: bytes) -> dict[str, BotChange]:
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        file = Path(folder) / "inventory.csv"
        file.write_bytes(content[:_LARGEST])
        return inventory.read_inventory(read_csv(file))


def _take(bench: Bench, read: dict[str, BotChange]) -> None:
    if done := attempt(lambda: bench.pod.set_bots(read)):
        undo_all.keep(_DONE, done, formatting.count(len(done), "bot"))
