"""What changes tickets beside their form: the clusters that one is for, and keys read back from the tracker."""

from __future__ import annotations

import streamlit as st

from workbench.bench.bench import Bench
from workbench.errors import WorkbenchError
from workbench.judgement.records.tickets import Ticket
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.tickets import tracker
from workbench.tickets.tickets import set_clusters
from workbench.ui.shared.session import person
from workbench.ui.shared.text import error, text
from workbench.ui.tickets.board import DONE, act

_READ_BACK = "read_back"


def clusters(bench: Bench, ticket: Ticket) -> None:
    """Put clusters on the ticket or take them off; while its fix is judged they stay."""
    if ticket.status in ("fixed", "verified"):
        st.caption("The fix is judged by these clusters. Reopen the ticket to change them.")
        return
    names = {row.cluster: row.name for row in bench.clusters()}
    offered = [*names, *(cluster for cluster in ticket.clusters if cluster not in names)]
    with (
        st.popover("Change the clusters", disabled=not person(), key="change_clusters"),
        st.form("clusters_form", border=False),
    ):
        st.multiselect(
            "Clusters",
            offered,
            default=ticket.clusters,
            format_func=lambda cluster: visible(f"{cluster} {formatting.shortened(names.get(cluster, ''), 70)}"),
            key=f"clusters_{ticket.version}",
        )
        st.caption("Its evidence is frozen anew, as of now. What people worded stays.")
        st.form_submit_button("Save the clusters", type="primary", on_click=_save, args=(bench, ticket))


def _save(bench: Bench, ticket: Ticket) -> None:
    wanted = st.session_state[f"clusters_{ticket.version}"]
    act(
        lambda: set_clusters(bench, ticket.ticket, wanted, ticket.version), f"{ticket.ticket}: its clusters are changed"
    )


def read_back(bench: Bench) -> None:
    """Upload the tracker's own export, and say what was matched."""
    with st.popover("Read keys back", icon=":material/upload:", key="read_back_open", disabled=not person()):
        st.caption(
            "The tracker's own export (Jira: CSV of all fields; GitHub: JSON of `gh issue list --json number,state,body`). "
            "Issues are matched by the fingerprint that every export of ours puts into them."
        )
        with st.form("read_back_form", border=False, clear_on_submit=True):
            file = st.file_uploader("CSV or JSON", type=["csv", "json"], key="tracker_file")
            sent = st.form_submit_button("Take keys and states", type="primary")
        if sent and file is not None:
            try:
                st.session_state[_READ_BACK] = tracker.import_keys(bench, file.getvalue(), file.name)
            except WorkbenchError as e:
                error(e)
            else:
                st.session_state[DONE] = "Keys are read back"
                st.rerun()


def was_read_back() -> None:
    """What the last file did; once."""
    matched = st.session_state.pop(_READ_BACK, None)
    if done := st.session_state.pop(DONE, None):
        st.toast(plain(done))
    if isinstance(matched, tracker.Matched):
        with st.container(border=True, key="read_back"):
            text(tracker.in_words(matched))
