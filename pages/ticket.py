"""One ticket: a draft from clusters (?c=FC-0007,FC-0009), or a kept one (?t=FIX-0001) to read, move on and edit (&edit=1)."""

import streamlit as st

from workbench.errors import UserError
from workbench.reports.sla import clocks
from workbench.tickets import tickets
from workbench.ui.shared.navigation import step
from workbench.ui.shared.session import open_bench
from workbench.ui.shared.text import heading, text
from workbench.ui.tickets import board, changes, evidence, form
from workbench.ui.tickets.verification import verification

bench = open_bench()
wanted, named = st.query_params.get("t"), st.query_params.get("c")

if wanted:
    ticket = bench.tickets.get(wanted)
    row = tickets.row(ticket, bench.causes.taxonomy())
    editing = "edit" in st.query_params
    order = [] if editing else [each.ticket for each in bench.tickets.all()]
    step("ticket", "t", order, wanted, back=("tickets", "All tickets"))
    heading(row.title, level=1)
    board.head(row, clocks(bench).get(wanted))
    if editing:
        form.edit_form(bench, ticket)
    else:
        board.actions(bench, ticket, row)
        main, side = st.columns([5, 3], gap="medium")
        with main:
            verification(bench, ticket)
            text(row.description)
            if row.acceptance:
                st.subheader("Done when", anchor=False)
                text(row.acceptance)
            if row.remedy:
                st.subheader("What was done", anchor=False)
                text(row.remedy)
            if row.regression:
                evidence.regression(bench, row)
        with side:
            st.subheader("Cluster" if len(row.clusters) == 1 else "Clusters", anchor=False)
            board.cluster_links(row, {each.cluster: each for each in bench.clusters()})
            changes.clusters(bench, ticket)
            st.caption(f"Fingerprint {row.fingerprint}: it leads an export back to the tracker's issue.")
            board.history(bench.history.of(f"ticket:{wanted}"))
    kept = row.evidence
elif named:
    draft = tickets.draft(bench, named.split(","))
    back = f"{draft.clusters[0]} {draft.evidence.clusters[0].name}"
    step("ticket", "c", [], named, back=("cluster", back), c=draft.clusters[0])
    st.title("New ticket", anchor=False)
    form.already_there(bench, draft.clusters)
    form.draft_form(bench, draft, key=f"draft_{named}")
    kept = draft.evidence
else:
    raise UserError("No ticket is named in the address. Open one from the board, or make one from a cluster.")

if kept.clusters:
    evidence.frozen(kept)
    evidence.numbers(kept)
if kept.examples:
    st.subheader("Examples, and how to reproduce them", anchor=False)
    evidence.examples(kept.examples)
