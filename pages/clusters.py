"""Failure clusters, worst first; the map is the second tab."""

from dataclasses import replace

import streamlit as st

from workbench.text import formatting
from workbench.ui.clusters.edit import in_no_cluster
from workbench.ui.shared.charts import cluster_map
from workbench.ui.shared.facts import kpis
from workbench.ui.shared.filters import filter_row
from workbench.ui.shared.navigation import go
from workbench.ui.shared.session import open_bench
from workbench.ui.shared.tables import cluster_table, downloads, member_table

bench = open_bench()
every = bench.clusters()
kpis(bench.summary(), every)
chosen = filter_row(bench.choices())
rows = bench.clusters(chosen)

ranked, mapped = st.tabs(["Ranked list", "Map"], key="view", on_change="rerun")
with ranked:
    if not rows:
        st.info("No cluster matches these filters." if every else "No failure was found. The page Data brings logs in.")
    else:
        picked = cluster_table(rows, bench.version())
        with st.container(horizontal=True, vertical_alignment="center"):
            downloads("clusters", lambda: rows, "clusters")
            st.caption(
                f"{formatting.count(len(rows), 'cluster')}, by failures and excess over similar conversations. A click opens one."
            )
        if picked is not None:
            go("cluster", c=picked.cluster)
    in_no_cluster(bench, chosen)

if mapped.open:
    with mapped:
        points = bench.points(chosen)
        keys = set(cluster_map(points, f"map_{bench.version()}_{hash(chosen)}"))
        framed = [point for point in points if point.key in keys]
        if framed:
            st.subheader(formatting.count(len(framed), "framed failure"), anchor=False)
            member = member_table("framed", framed, bench.version())
            keys_shown = tuple(point.key for point in framed)
            downloads("failures", lambda: bench.failures(replace(chosen, key=keys_shown)), "framed")
            if member is not None:
                go("conversation", k=member.key)
        else:
            st.caption("Frame dots with the lasso or the box to list them here.")
