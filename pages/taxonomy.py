"""The root causes that the pod works with: what each means, how often it is said, and how they change."""

import streamlit as st

from workbench.text import formatting
from workbench.text.escaping import plain
from workbench.ui.admin import taxonomy
from workbench.ui.shared.session import open_bench
from workbench.ui.shared.tables import downloads

bench = open_bench()
st.title("Taxonomy", anchor=False)
rows = bench.causes.rows()
asked = st.query_params.get("code")
main, side = st.columns([2, 1], gap="medium")
with main:
    offered = sum(row.state == "offered" for row in rows)
    st.caption(
        f"{formatting.count(offered, 'root cause')} to choose from, one primary cause for each failure: the first one upstream. "
        "Pick one to reword, merge or retire it."
    )
    picked = taxonomy.cause_table(rows, bench.version())
    if picked is not None and picked.code != asked:
        st.query_params["code"] = asked = picked.code
    with st.container(horizontal=True, vertical_alignment="center"):
        downloads("taxonomy", lambda: [row.masked() for row in rows], "taxonomy")
        added = taxonomy.add_form(bench)
chosen = next((row for row in rows if row.code == asked), rows[0])
with side:
    taxonomy.cause_panel(bench, chosen, rows)
if added:
    st.query_params["code"] = added
    taxonomy.done(f"{added} is added")
if message := st.session_state.pop(taxonomy.DONE, None):
    st.toast(plain(message))
