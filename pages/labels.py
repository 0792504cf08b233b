"""Every labelled issue: what was said, of what, by whom and when, counted; and, with `d`, the members drawn to check a label."""

import streamlit as st

from workbench.text import formatting
from workbench.ui.labels import bulk, check, counts, suggested
from workbench.ui.labels.standards import shared_causes
from workbench.ui.review.instruments import causes
from workbench.ui.shared.filters import filter_row
from workbench.ui.shared.navigation import go
from workbench.ui.shared.session import open_bench
from workbench.ui.shared.tables import downloads, label_table

bench = open_bench()
if draw := st.query_params.get("d"):
    check.page(bench, draw)
    st.stop()
st.title("Labels", anchor=False)
labelled = bench.labels(filter_row(bench))
rows = counts.picked_labels(labelled)
if not labelled:
    st.info("Nothing is labelled yet. Open a cluster and say what is wrong; its conversations inherit that.")
elif not rows:
    st.info("No label passes these filters. Take one of them away.")
else:
    listed, by_severity, by_week, in_bots = st.tabs(
        ["Labels", "Cause × severity", "Cause × bot × week", "Same cause in several bots"]
    )
    with listed:
        picked, marked = label_table(rows, bench.version())
        keys = [row.key for row in marked]
        bulk.bar(bench, keys, "Mark the boxes of some to label them anew, together.")
        with st.container(horizontal=True, vertical_alignment="center"):
            downloads("labels", lambda: rows, "labels")
            st.caption(f"{formatting.count(len(rows), 'labelled conversation')}. A click opens one.")
    with by_severity:
        counts.severity_table(rows)
    with by_week:
        counts.week_table(rows)
    with in_bots:
        shared_causes(bench)
    if picked is not None:
        go("conversation", k=picked.key)
    causes(bench, sorted({row.bot for row in rows}))
suggested.trust(bench)
