"""Failure clusters, those to look at first on top; the map is the second tab."""

from dataclasses import replace

import streamlit as st

from workbench.text import formatting
from workbench.text.escaping import plain
from workbench.ui.clusters import bulk, views
from workbench.ui.clusters.edit import in_no_cluster
from workbench.ui.clusters.ranked_list import listed, preview, ranked_list
from workbench.ui.clusters.sampled import sampled_sentences
from workbench.ui.clusters.suspected import only_suspected
from workbench.ui.shared.charts import cluster_map
from workbench.ui.shared.facts import kpis
from workbench.ui.shared.filters import filter_row
from workbench.ui.shared.navigation import go
from workbench.ui.shared.session import open_bench
from workbench.ui.shared.tables import downloads, member_table

bench = open_bench()
columns_given = views.restore(bench)
cards = st.container()
with st.container(horizontal=True, vertical_alignment="top", key="filters"):
    with st.container():
        chosen = filter_row(bench)
    shape = views.view_menu(bench, columns_given)
views.remember()
rows = shape.sorted(bench.clusters(chosen))
with cards:
    kpis(bench.scope(chosen), rows)

ranked, mapped = st.tabs(["Ranked list", "Map"], key="view", on_change="rerun")
with ranked:
    if not rows:
        any_cluster = any(record.size for record in bench.evidence.clusters())
        st.info(
            "No cluster matches these filters."
            if any_cluster
            else "No failure was found. The page Data brings logs in."
        )
    else:
        touched = ranked_list(rows, shape.titles, bench.version())
        if touched.opened is not None:
            go("cluster", c=rows[touched.opened].cluster)
        bulk.bar(bench, [rows[place] for place in touched.marked])
        if not touched.marked:
            preview(bench, rows[touched.pointed or 0])
        with st.container(horizontal=True, vertical_alignment="center"):
            downloads("clusters", lambda: rows, "clusters")
            st.caption(listed(rows, shape.sort))
    for sentence in sampled_sentences(bench.settings()):
        st.caption(plain(sentence))
    only_suspected(bench, chosen)
    in_no_cluster(bench, chosen)

if mapped.open:
    with mapped:
        framed = cluster_map(lambda: bench.points(chosen), f"map_{bench.version()}_{hash(chosen)}")
        if framed:
            st.subheader(formatting.count(len(framed), "framed failure"), anchor=False)
            member = member_table("framed", framed, bench.version())
            keys_shown = tuple(point.key for point in framed)
            downloads("failures", lambda: bench.failures(replace(chosen, key=keys_shown)), "framed")
            if member is not None:
                go("conversation", k=member.key)
        else:
            st.caption("Frame dots with the lasso or the box to list them here.")
