"""Failure clusters, worst first; the map is the second tab."""

import streamlit as st

from workbench import ui, words

bench = ui.bench()
every = bench.clusters()
ui.kpis(bench.summary(), every)
chosen = ui.filter_row(bench.choices())
rows = bench.clusters(chosen)

ranked, mapped = st.tabs(["Ranked list", "Map"], key="view", on_change="rerun")
with ranked:
    if not rows:
        st.info("No cluster matches these filters." if every else "No failure was found. The page Data brings logs in.")
    else:
        picked = ui.cluster_table(rows, bench.version())
        with st.container(horizontal=True, vertical_alignment="center"):
            ui.downloads("clusters", lambda: rows, "clusters")
            st.caption(
                f"{words.count(len(rows), 'cluster')}, by failures and excess over similar conversations. A click opens one."
            )
        if picked is not None:
            ui.go("cluster", c=picked.cluster)
    ui.in_no_cluster(bench, chosen)

if mapped.open:
    with mapped:
        points = bench.points(chosen)
        keys = set(ui.cluster_map(points, f"map_{bench.version()}_{hash(chosen)}"))
        framed = [point for point in points if point.key in keys]
        if framed:
            st.subheader(words.count(len(framed), "framed failure"), anchor=False)
            member = ui.member_table("framed", framed, bench.version())
            named = {(point.bot, point.conversation_id) for point in framed}
            ui.downloads(
                "failures",
                lambda: [row for row in bench.failures(chosen) if (row.bot, row.conversation_id) in named],
                "framed",
            )
            if member is not None:
                ui.go("conversation", k=member.key)
        else:
            st.caption("Frame dots with the lasso or the box to list them here.")
