"""Who changed what, and when, the newest first; each change can be undone, which is a change of its own."""

import streamlit as st

from workbench.errors import WorkbenchError
from workbench.text import formatting
from workbench.ui.admin import activity
from workbench.ui.admin.forgetting import forgetting
from workbench.ui.shared.session import open_bench, person, require_triager
from workbench.ui.shared.text import error

bench = open_bench()
st.title("Activity", anchor=False)
about, who, _ = st.columns([2, 2, 4], gap="small")
subject = about.text_input(
    "About", key="subject", placeholder="A cluster, ticket or conversation, like FC-0007", bind="query-params"
)
actor = who.text_input("By", key="actor", placeholder="Anybody", bind="query-params")
before = st.query_params.get("before", "")
events, more = bench.history.find(subject or "", actor or "", int(before) if before.isdecimal() else None)

if not events:
    st.info("Nothing was changed yet." if not (subject or actor or before) else "No change matches.")
for event in events:
    if activity.event_row(event, can_undo=bool(person())):
        try:
            require_triager("undo a change")
            undone = bench.history.undo(event.sequence)
        except WorkbenchError as problem:
            error(problem)
        else:
            st.session_state["undone"] = f"Undone. That is event {undone.sequence}, and can be undone too."
            st.rerun()
if done := st.session_state.pop("undone", None):
    st.toast(done)

with st.container(horizontal=True, vertical_alignment="center"):
    if before and st.button("Newest", key="newest"):
        del st.query_params["before"]
        st.rerun()
    if more and st.button("Older", key="older"):
        st.query_params["before"] = str(events[-1].sequence)
        st.rerun()
    st.caption(f"{formatting.count(len(events), 'change')} shown.")

forgetting(bench)
