"""Several clusters at once: an owner, a mute, a label or a ticket for all that are marked, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.judgement.records.labels import LabelChange
from workbench.judgement.taxonomy import DISPOSITIONS, SEVERITIES, disposition_choice
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.ui.shared import undo_all
from workbench.ui.shared.actions import attempt, may_read, refusal, why_silent
from workbench.ui.shared.navigation import go
from workbench.ui.shared.people import name_box, names
from workbench.ui.shared.session import taxonomy

_DONE = "clusters_changed_together"
_A_WHILE = timedelta(days=14)


def bar(bench: Bench, rows: Sequence[ClusterRow]) -> None:
    """What to do with the marked clusters; right after it, the way back."""
    undo_all.bar(bench, _DONE, "cluster_bulk")
    if not rows:
        return
    ids = [row.cluster for row in rows]
    many, off = formatting.count(len(ids), "cluster"), not may_read(bench)
    with st.container(border=True, key="cluster_bulk"):
        st.text(visible(f"{many} marked: {', '.join(ids)}"))
        owner, mute, label, ticket = st.tabs(["Owner", "Mute", "Label", "Ticket"])
        with owner, st.container(horizontal=True, vertical_alignment="bottom"):
            named = name_box("Owner", names(bench), None, "owner", "bulk")
            st.button(f"Name the owner of {many}", key="bulk_owner_save", disabled=off, on_click=_do,
                      args=(partial(bench.pod.set_owner_each, ids, named), many))  # fmt: skip
        with mute, st.container(horizontal=True, vertical_alignment="bottom"):
            today = datetime.now(UTC).date()
            until = st.date_input("Mute until", today + _A_WHILE, min_value=today + timedelta(days=1), format="YYYY-MM-DD",
                                  key="bulk_until")  # fmt: skip
            st.button(f"Mute {many}", key="bulk_mute", disabled=off, on_click=_do,
                      args=(partial(bench.pod.mute_each, ids, until or today + _A_WHILE), many))  # fmt: skip
        with label:
            change = _label()
            st.button(f"Label {many}", key="bulk_cluster_label", disabled=off, on_click=_do,
                      args=(partial(_labelled, bench, ids, change), many))  # fmt: skip
        with ticket, st.container(horizontal=True, vertical_alignment="center"):
            if st.button(
                f"Draft one ticket for {many}", key="bulk_ticket", disabled=off or len({row.bot for row in rows}) > 1
            ):
                go("ticket", c=",".join(ids))
            st.caption("One ticket for what one fix mends. Its clusters all belong to one bot.")
        why_silent(bench)
        refusal()


def _label() -> LabelChange:
    causes = taxonomy()
    first, second, third = st.columns([3, 3, 2], gap="small")
    cause = first.selectbox("Root cause", list(causes.offered()), index=None, format_func=causes.choice, key="bulk_cause",
                            placeholder="The first upstream cause")  # fmt: skip
    disposition = second.selectbox("Or nothing to fix", list(DISPOSITIONS), index=None, key="bulk_disposition",
                                   format_func=disposition_choice, placeholder="It is to be fixed")  # fmt: skip
    severity = third.segmented_control("Severity", list(SEVERITIES), key="bulk_severity", width="stretch")
    return {"cause": cause, "disposition": disposition, "severity": severity}


def _labelled(bench: Bench, clusters: Sequence[str], change: LabelChange) -> list[int]:
    return [label.version for label in bench.label_clusters(clusters, **change)]


def _do(act: Callable[[], Sequence[int]], many: str) -> None:
    if done := attempt(act):
        undo_all.keep(_DONE, done, many)
