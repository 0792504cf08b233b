"""What came with a cluster's failures: correlation, never called a cause."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.bench.cluster_detail import ClusterDetail, SuspectRow
from workbench.bench.why import CIRCUMSTANCES
from workbench.clusters.suspects import own_tool
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.ui.shared.text import note

NOT_STANDING_SHOWN = 10


def suspects_title(cluster: ClusterDetail) -> str:
    """The title of their tab, with how many stand out."""
    standing = sum(row.stands for row in cluster.suspects)
    return f"Suspects ({standing:,})" if standing else "Suspects"


def suspects(cluster: ClusterDetail) -> None:
    """The circumstances under which a cluster is more frequent; those that chance could make are folded away."""
    st.caption("Correlation, not cause.")
    standing = [row for row in cluster.suspects if row.stands]
    for row in standing:
        if row.begins:
            st.text(
                f"These failures begin with {_named(row)}, in use since {formatting.day(row.first_seen)}.",
                width="stretch",
            )
            break
    if tool := own_tool(cluster.row.signature):
        note(f"Among conversations that call {formatting.shortened(tool)}, whose error this is.")
    if standing:
        _table(standing, "Suspects")
    else:
        st.caption("No release, model, prompt, tool, document or channel stands out.")
    others = [row for row in cluster.suspects if not row.stands][:NOT_STANDING_SHOWN]
    if others:
        with st.expander(f"{len(others)} more that chance alone could make", type="compact"):
            st.caption(
                "More frequent here than elsewhere, but not beyond what chance makes among all that was tried in this snapshot."
            )
            _table(others, "What chance alone could make")


def _table(rows: Sequence[SuspectRow], alt: str) -> None:
    st.dataframe(
        [
            {
                "Under": visible(_named(row)),
                "Failed this way": f"{row.hits:,} of {row.total:,}",
                "Rate": f"{formatting.percent(row.rate)} ({formatting.interval(row.low, row.high)})",
                "Other conversations": formatting.percent(row.elsewhere),
                "Times": f"× {row.lift:.1f}" if row.lift else "only here",
                "Chance": formatting.chance(row.p).removeprefix("chance: "),
                "In use since": formatting.day(row.first_seen),
            }
            for row in rows
        ],
        hide_index=True,
        column_config={
            "Rate": st.column_config.TextColumn(help="With its 95 % interval (Wilson)."),
            "Other conversations": st.column_config.TextColumn(help="The rate among the other similar requests."),
            "Chance": st.column_config.TextColumn(
                help="How often chance alone would show as much: p of Fisher's exact test, one-sided. What stands passed the Benjamini-Hochberg procedure at 5 % over all tests of this snapshot."
            ),
        },
        alt=alt,
    )


def _named(row: SuspectRow) -> str:
    also = f" (= {', '.join(formatting.shortened(name) for name in row.also)})" if row.also else ""
    return f"{CIRCUMSTANCES.get(row.kind, row.kind)} {formatting.shortened(row.value, 60)}{also}"
