"""What is suspected: the clusters that hold nothing else, those of one cluster, and how often their kind had failed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.cluster_detail import ClusterDetail
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.filter import Filter
from workbench.bench.tiers import precision_in_words
from workbench.bench.wording import SUSPECTED
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.ui.conversations.detail import open_member
from workbench.ui.shared.navigation import go
from workbench.ui.shared.tables import downloads, member_table, pick
from workbench.ui.shared.text import note

_text, _number, _date = st.column_config.TextColumn, st.column_config.NumberColumn, st.column_config.DateColumn


def precision_lines(bench: Bench, bots: Sequence[str]) -> None:
    """How often what is suspected of these bots had failed, a line a bot."""
    for row in bench.tiers():
        if row.tier == "suspected" and row.bot in bots and (row.standing or row.known):
            note(f"{visible(row.bot)}: {precision_in_words(row)}")


def only_suspected(bench: Bench, chosen: Filter) -> None:
    """The clusters in which nothing is known to have failed; a click opens one."""
    rows = bench.suspected_clusters(chosen)
    if not rows:
        return
    total = sum(row.suspected for row in rows)
    title = f"{formatting.count(len(rows), 'cluster')} of suspected conversations only ({total:,})"
    with st.expander(title, key="only_suspected", expanded=not bench.clusters(chosen)):
        st.caption(SUSPECTED)
        precision_lines(bench, sorted({row.bot for row in rows}))
        opened = _table(rows, bench.version())
        downloads("suspected", lambda: rows, "suspected-clusters")
    if opened is not None:
        go("cluster", c=opened.cluster)


def suspected_members(bench: Bench, cluster: ClusterDetail) -> None:
    """The suspected conversations of a cluster, apart from its failing ones; a click reads one."""
    if not cluster.suspected:
        return
    st.subheader(formatting.count(len(cluster.suspected), "suspected conversation"), anchor=False)
    st.caption(SUSPECTED)
    precision_lines(bench, [cluster.row.bot])
    member = member_table("suspected_members", cluster.suspected, bench.version())
    downloads("failures", lambda: bench.suspected(Filter(cluster=(cluster.row.cluster,))), "suspected")
    if member is not None:
        open_member(member)


def nothing_proven(cluster: ClusterDetail) -> None:
    """What a page says in the place of a rate where nothing is known to have failed."""
    few = formatting.count(len(cluster.suspected), "conversation")
    st.info(f"{few} went alike, and nothing proves that any of them failed. Read some: what a person finds counts.")


def _table(rows: Sequence[ClusterRow], version: str) -> ClusterRow | None:
    shown = [
        {
            "Id": row.cluster,
            "What was observed": visible(row.name),
            "Suspected": row.suspected,
            "Last seen": row.last_seen,
            "Status": row.status,
            "Bot": visible(row.bot),
        }
        for row in rows
    ]
    config = {
        "Id": _text(width=76),
        "What was observed": _text(width=460),
        "Suspected": _number(width=80, format="localized"),
        "Last seen": _date(width=100, format="D MMM YYYY"),
        "Status": _text(width=80),
        "Bot": _text(width=120),
    }
    picked = pick("suspected_clusters", shown, config, version, tallest=8)
    return None if picked is None else rows[picked]
