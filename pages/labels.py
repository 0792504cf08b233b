"""Every labelled issue: what was said, of what, by whom and when; and, with `d`, the members drawn to check a label."""

import streamlit as st

from workbench import ui, words
from workbench.conversation import conversation_key
from workbench.ui import bulk, checking, suggested

bench = ui.bench()
if draw := st.query_params.get("d"):
    checking.page(bench, draw)
    st.stop()
st.title("Labels", anchor=False)
chosen = ui.filter_row(bench.choices())
rows = bench.labels(chosen)
if not rows:
    st.info("Nothing is labelled yet. Open a cluster and say what is wrong; its conversations inherit that.")
else:
    picked, marked = ui.label_table(rows, bench.version())
    keys = [conversation_key(row.bot, row.conversation_id) for row in marked]
    bulk.bar(bench, keys, "Mark the boxes of some to label them anew, together.")
    with st.container(horizontal=True, vertical_alignment="center"):
        ui.downloads("labels", lambda: rows, "labels")
        st.caption(f"{words.count(len(rows), 'labelled conversation')}. A click opens one.")
    if picked is not None:
        ui.go("conversation", k=conversation_key(picked.bot, picked.conversation_id))
suggested.trust(bench)
