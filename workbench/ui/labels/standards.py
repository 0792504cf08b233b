"""The same cause in several bots, and what mended it: on the page Labels all of them, on a cluster's page those for its cause."""

from __future__ import annotations

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.reports.standards import HELD, JudgedRemedy, Standard, remedies_elsewhere, standards
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.ui.shared.navigation import ROOT
from workbench.ui.shared.text import STATUS_COLOURS, badge

SHOWN = 3
"""Fixes that a cluster's page shows; the rest is on the page Labels."""
_NAME = 90


def shared_causes(bench: Bench) -> None:
    """Every cause that people found in two bots or more, with its clusters and the fixes for it that were judged."""
    listed = standards(bench)
    if not listed:
        st.caption("No cause was found in two bots yet. Once it is, what mended it in one stands here for the others.")
        return
    for standard in listed:
        _shared(standard)


def same_cause(bench: Bench, row: ClusterRow) -> None:
    """The fixes that were judged elsewhere for a cluster's cause; nothing where there is none."""
    fixes = remedies_elsewhere(bench, row)
    if not fixes:
        return
    st.subheader("The same cause elsewhere", anchor=False)
    if row.root_cause_source == "suggested":
        st.caption("The cause is only suggested here: see whether it is the same first.")
    for fix in fixes[:SHOWN]:
        _remedy(fix, row.cluster)
    if len(fixes) > SHOWN:
        more = formatting.count(len(fixes) - SHOWN, "more fix", "more fixes")
        st.page_link(ROOT / "pages" / "labels.py", label=f"and {more} on the page Labels")


def _shared(standard: Standard) -> None:
    with st.container(border=True, key=f"standard_{standard.cause}"):
        st.subheader(plain(standard.title), anchor=False)
        st.caption(plain(_counted(standard)))
        clusters, fixes = st.columns([1, 1], gap="medium")
        with clusters:
            st.markdown("**Where it was found**")
            for row in standard.clusters:
                _cluster(row)
        with fixes:
            st.markdown("**Fixes that were judged**")
            if not standard.remedies:
                st.caption("None yet.")
            for fix in standard.remedies:
                _remedy(fix, standard.cause)


def _counted(standard: Standard) -> str:
    held = sum(fix.verdict == HELD for fix in standard.remedies)
    proven = formatting.count(held, "fix that was verified", "fixes that were verified") if held else "no verified fix"
    return (
        f"In {', '.join(map(visible, standard.bots))}: {formatting.count(standard.failures, 'failure')} in "
        f"{formatting.count(len(standard.clusters), 'cluster')}, {len(standard.waiting)} of them waiting; {proven}."
    )


def _cluster(row: ClusterRow) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        badge(row.status, STATUS_COLOURS.get(row.status, "gray"))
        st.caption(plain(visible(row.bot)), width="content")
        label = plain(f"{row.cluster} {formatting.shortened(visible(row.name), _NAME)}")
        st.page_link(ROOT / "pages" / "cluster.py", label=label, query_params={"c": row.cluster})


def _remedy(fix: JudgedRemedy, place: str) -> None:
    """A fix with its verdict, and what was done."""
    with st.container(key=f"remedy_{place}_{fix.ticket}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            badge(fix.verdict, "green" if fix.verdict == HELD else "red")
            st.caption(plain(", ".join(map(visible, fix.bots))), width="content")
            label = plain(f"{fix.ticket} {formatting.shortened(visible(fix.title), _NAME)}")
            st.page_link(ROOT / "pages" / "ticket.py", label=label, query_params={"t": fix.ticket})
        st.text(visible(fix.remedy) or "Nobody wrote down what was done to fix it.", width="stretch")
        st.caption(plain(in_figures(fix)))


def in_figures(fix: JudgedRemedy) -> str:
    """How often it failed before and after the fix, in words."""
    shipped = f"Out with {visible(fix.shipped)}" if fix.shipped else "Out"
    if fix.before is None or fix.after is None:
        return f"{shipped}. The figures of its verdict were not kept."
    (was, of_before), (now, of_after) = fix.before, fix.after
    return f"{shipped}: {was:,} of {of_before:,} similar requests failed before it, {now:,} of {of_after:,} after."
