"""Every ticket: a board by status, and the list as a table that downloads."""

import streamlit as st

from workbench.reports.sla import clocks
from workbench.text import formatting
from workbench.tickets import tickets
from workbench.ui.shared.navigation import go
from workbench.ui.shared.session import open_bench
from workbench.ui.shared.tables import downloads
from workbench.ui.tickets import board, changes

bench = open_bench()
st.title("Tickets", anchor=False)
every = tickets.rows(bench)
if not every:
    st.info("No ticket yet. Open a cluster, agree on what is wrong, and choose “Make a ticket” there.")
    if st.button("Show the clusters", key="to_clusters", type="primary"):
        go("clusters")
else:
    changes.was_read_back()
    rows = board.filter_row(every)
    as_board, as_table = st.tabs(["Board", "Table"], key="view", on_change="rerun", bind="query-params")
    with as_board:
        board.board(rows)
    with as_table:
        picked = board.ticket_table(rows, clocks(bench), bench.version())
        with st.container(horizontal=True, vertical_alignment="center"):
            downloads("tickets", lambda: rows, "tickets")
            changes.read_back(bench)
            st.caption(f"{formatting.count(len(rows), 'ticket')}. A click opens one.")
    if picked is not None:
        go("ticket", t=picked.ticket)
