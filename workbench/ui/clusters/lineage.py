"""What became of a cluster: its history, the page of one that is gone, and a label that it inherited."""

from __future__ import annotations

import streamlit as st

from workbench.bench.bench import Bench
from workbench.errors import WorkbenchError
from workbench.judgement.records.labels import Label
from workbench.review import cluster_edits
from workbench.review.cluster_edits import Step
from workbench.text import formatting
from workbench.text.escaping import plain
from workbench.ui.shared import session
from workbench.ui.shared.navigation import ROOT
from workbench.ui.shared.text import error


def lineage(bench: Bench, cluster: str) -> None:
    """Where a cluster comes from and what hands and clusterings made of it, with links; what a hand did can be undone."""
    steps = cluster_edits.life(bench, cluster)
    with st.expander("History of this cluster", key=f"history_{cluster}"):
        for number, step in enumerate(steps):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.text(f"{_when(step)}{sentence(step)}", width="content")
                _link(step)
                if step.version and st.button(
                    "Undo", key=f"undo_act_{number}", type="tertiary", disabled=not session.person()
                ):
                    _undo(bench, step.version)
        st.caption(plain(cluster_edits.continued(bench, cluster)))


def gone(bench: Bench, cluster: str) -> bool:
    """Where the address names a cluster that is no more: what became of it, and the way on. False where it stands."""
    if bench.evidence.cluster(cluster) is not None:
        return False
    last = cluster_edits.successor(bench, cluster)
    if last is None:
        return False
    if cluster_edits.pending(bench):
        st.title(f"{cluster} is not here yet", anchor=False)
        st.caption(
            "What was changed by hand is being applied. If that brings it back, it appears here in a few seconds."
        )
        return True
    st.title(f"{cluster} is no more", anchor=False)
    st.text(f"{_when(last)}{sentence(last)}")
    _link(last)
    label = bench.labels_said().get(("cluster", cluster))
    if label is not None:
        st.caption(
            plain(
                f"What {label.by} said of it on {formatting.day(label.at)} is kept, and counts again if it comes back."
            )
        )
    lineage(bench, cluster)
    st.page_link(ROOT / "pages" / "clusters.py", label="← All clusters")
    return True


def moved_on(bench: Bench, cluster: str) -> None:
    """Where a cluster's new failures come in another one since, one line that says so, and the way there."""
    last = [step for step in cluster_edits.life(bench, cluster) if step.moved_on][-1:]
    for step in last:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="moved_on"):
            st.text(f"{_when(step)}{sentence(step)}", width="content")
            _link(step)


def inherited(bench: Bench, cluster: str, label: Label | None) -> None:
    """A label that a split or a merge handed on asks to be confirmed, with one click."""
    if label is None or label.inherited_from is None:
        return
    of = "before it was split" if label.inherited_from == cluster else f"of {label.inherited_from}"
    with st.container(border=True, key="inherited"):
        st.markdown(":orange-badge[inherited, please confirm]")
        st.caption(plain(f"{label.by} said this {of}. Is it still right here? If not, change it below."))
        if st.button("Still right", key=f"confirm_{cluster}", disabled=not session.person(), width="stretch"):
            try:
                cluster_edits.confirm(bench, cluster)
            except WorkbenchError as e:
                error(e)
            else:
                st.rerun()


def sentence(step: Step) -> str:
    """One step in plain words."""
    failures = formatting.count(step.shared, "failure")
    match step.relation, step.into:
        case "split", True:
            wording = f"{failures if step.shared else 'new failures'} became the cluster {step.other}"
        case "split", False:
            wording = f"split from {step.other} " + (f"with {failures}" if step.shared else "by new failures alone")
        case "merged", into if step.snapshot and not step.shared:
            wording = (
                f"its failures come in {step.other} since" if into else f"what came in {step.other} comes here since"
            )
        case "merged", True:
            wording = f"merged into {step.other}"
        case "merged", False:
            wording = f"{step.other} was merged into it"
        case "moved", True:
            wording = f"{failures} moved to {step.other}"
        case "moved", False:
            wording = f"{failures} moved here from {step.other}"
        case "aside", _:
            wording = f"{failures} set aside"
        case "new", _:
            wording = "first found"
        case _:
            wording = "no longer found"
    return f"{wording}, by {step.by}" if step.by else f"{wording}, {step.snapshot}" if step.snapshot else wording


def _when(step: Step) -> str:
    return f"{formatting.day(step.at)}: " if step.at else ""


def _link(step: Step) -> None:
    if step.other:
        st.page_link(ROOT / "pages" / "cluster.py", label=f"Open {step.other}", query_params={"c": step.other})


def _undo(bench: Bench, version: int) -> None:
    try:
        bench.history.undo(version)
    except WorkbenchError as e:
        error(e)
    else:
        st.rerun()
