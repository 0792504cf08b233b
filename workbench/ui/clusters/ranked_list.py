"""The ranked list of clusters: the table, what stands out of the row that the keys are on, and what is said of marked ones."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.ranking import RULE
from workbench.bench.why import why
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.ui.clusters.columns import ALWAYS, columns, folded
from workbench.ui.shared.navigation import go
from workbench.ui.shared.tables import Touched, draw
from workbench.ui.shared.text import note

_ROWS = 9
_text = st.column_config.TextColumn


def ranked_list(rows: Sequence[ClusterRow], titles: Sequence[str], version: str) -> Touched:
    """The table with these columns; those that say the same in every row fold away, and a line says what."""
    every = columns(rows)
    chosen = [title for title in every if title in titles]
    table = [
        {"#": rank, "Id": row.cluster, "What was observed": visible(row.name)}
        | {title: every[title].value(row) for title in chosen}
        for rank, row in enumerate(rows, 1)
    ]
    same = folded(table, chosen)
    config = {
        "#": st.column_config.NumberColumn(width=36, help=RULE),
        "Id": _text(width=76),
        "What was observed": _text(width=315, help="Topic: what most members share in how it went (k/n)."),
    } | {title: every[title].config for title in chosen}
    touched = draw(
        "clusters",
        table,
        config,
        version,
        _ROWS,
        many=True,
        order=[*ALWAYS, *(title for title in chosen if title not in same)],
    )
    if same:
        note("The same in every row: " + " · ".join(f"{name} {value}" for name, value in same.items()), limit=None)
    return touched


def preview(bench: Bench, row: ClusterRow) -> None:
    """Why the cluster of one row is thought to be one problem, before it is opened."""
    cluster = bench.cluster(row.cluster)
    with st.container(border=True, key="preview"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(visible(f"{row.cluster} {row.name}"), width="stretch")
            if st.button("Open", key="open_pointed", shortcut="O", type="primary"):
                go("cluster", c=row.cluster)
        st.text(visible(why(cluster.onset, cluster.suspects, cluster.parted, row.first_seen)), width="stretch")


def listed(rows: Sequence[ClusterRow], sort: str | None) -> str:
    """What the list holds and how it is ordered."""
    order = f"by {sort.lower()}" if sort else "those to look at first on top (the rule: ? at #)"
    stopped = sum(row.stopped for row in rows)
    quiet = f", {stopped:,} of them stopped" if stopped else ""
    return f"{formatting.count(len(rows), 'cluster')}{quiet}, {order}. A click or Enter opens one, a box marks it."
