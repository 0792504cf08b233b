"""Several conversations labelled at once: what is said of all that are marked, and a blind round of them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.bench.bench import Bench
from workbench.judgement.records.labels import LabelChange
from workbench.judgement.taxonomy import DISPOSITIONS, SEVERITIES, disposition_choice
from workbench.text import formatting
from workbench.ui.shared import selection, undo_all
from workbench.ui.shared.actions import attempt, may_read, refusal, why_silent
from workbench.ui.shared.navigation import ROOT, go
from workbench.ui.shared.session import taxonomy

_DONE = "labelled_together"


def bar(bench: Bench, keys: Sequence[str], hint: str, cluster: str | None = None) -> None:
    """What to say of the marked conversations (keys), right after it the way back; before that, how it works.

    With a `cluster`, its members can be labelled blind without marking any.
    """
    undo_all.bar(bench, _DONE, "bulk", "{what} labelled.")
    if not keys:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(hint, width="content")
            if cluster:
                st.page_link(
                    ROOT / "pages" / "agreement.py",
                    label="Label them blind, several people",
                    query_params={"c": cluster},
                )
        return
    with st.container(border=True, key="bulk"):
        st.text(f"{formatting.count(len(keys), 'conversation')} marked. What is said here is said of each of them.")
        causes = taxonomy()
        first, second, third = st.columns([3, 3, 2], gap="small")
        cause = first.selectbox("Root cause", list(causes.offered()), index=None, format_func=causes.choice,
                                key="bulk_cause", placeholder="The first upstream cause")  # fmt: skip
        disposition = second.selectbox("Or nothing to fix", list(DISPOSITIONS), index=None, key="bulk_disposition",
                                       format_func=disposition_choice,
                                       placeholder="It is to be fixed")  # fmt: skip
        severity = third.segmented_control("Severity", list(SEVERITIES), key="bulk_severity", width="stretch")
        contributing = first.multiselect("Also contributing", list(causes.offered()), format_func=causes.title,
                                         key="bulk_contributing", placeholder="None")  # fmt: skip
        note = second.text_input("Note", key="bulk_note", max_chars=4000)
        change: LabelChange = {"cause": cause, "contributing": contributing, "disposition": disposition,
                             "severity": severity, "note": note or ""}  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(f"Label {formatting.count(len(keys), 'conversation')}", key="bulk_label", type="primary",
                      disabled=not may_read(bench), on_click=_label, args=(bench, list(keys), change))  # fmt: skip
            if st.button("Start a blind round of them", key="bulk_round"):
                go("agreement", s=selection.keep(keys))
        why_silent(bench)
        refusal()


def _label(bench: Bench, keys: list[str], change: LabelChange) -> None:
    labels = attempt(lambda: bench.label_each(keys, **change))
    if labels:
        undo_all.keep(_DONE, [label.version for label in labels], formatting.count(len(labels), "conversation"))
