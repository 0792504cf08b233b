"""What a cluster is made of, and where else its problem shows: strands, mixed causes, the same in other bots."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.bench.cluster_detail import ClusterDetail, PatternRow, StrandRow
from workbench.clusters.strands import APART
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.ui.conversations.detail import open_member
from workbench.ui.shared.navigation import go

_AXES = {"mechanical": "By what was asked", "topical": "By how it failed"}
NAME_SHOWN, EXAMPLE_SHOWN = 80, 160


def strands(cluster: ClusterDetail) -> None:
    """The parts of a cluster with their sizes and an example each; says so where it can't be told apart."""
    split = cluster.strands
    if not split.rows:
        st.caption("These failures can't be told apart into strands.")
        return
    rest = cluster.row.size - sum(len(row.members) for row in split.rows)
    left = f"; {formatting.count(rest, 'failure')} in none" if rest > 0 else ""
    st.caption(f"{_AXES[cluster.row.kind]}{left}.")
    if split.mixed:
        _mixed(split.likeness or 0.0)
    with st.container(border=True, key="strands"):
        for number, row in enumerate(split.rows):
            _strand(number, row, cluster.row.size)


def patterns(rows: Sequence[PatternRow]) -> None:
    """The clusters of other bots with the same problem, each a click away."""
    if not rows:
        return
    st.subheader("Also in other bots", anchor=False)
    for row in rows:
        label = f"{row.cluster} in {visible(row.bot)}: {visible(row.name)}"
        if st.button(
            plain(label),
            key=f"pattern_{row.cluster}",
            type="tertiary",
            help=f"Shared: {plain(row.shared)}. Cosine of what was asked: {row.similarity:.2f}.",
        ):
            go("cluster", c=row.cluster)


def _mixed(likeness: float) -> None:
    with st.container(key="mixed_causes"):
        st.warning(
            f"Mixed causes, split? What was called differs much between two of these strands: likeness {likeness:.2f} "
            f"(1 would be the same; this is asked below {APART:g}).",
            icon=":material/call_split:",
        )


def _strand(number: int, row: StrandRow, size: int) -> None:
    name, count, example, read = st.columns([4, 2, 7, 2], vertical_alignment="center", gap="small")
    name.text(formatting.shortened(visible(row.strand), NAME_SHOWN))
    count.text(f"{len(row.members):,} of {size:,}")
    example.caption(plain(formatting.shortened(row.example.request_excerpt, EXAMPLE_SHOWN)))
    if read.button("Example", key=f"strand_{number}", width="stretch", help="Reads the most typical failure of it."):
        open_member(row.example)
