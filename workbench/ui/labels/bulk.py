"""Several conversations labelled at once: what is said of all that are marked, and a blind round of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from workbench.bench.bench import Bench
from workbench.judgement.records.labels import LabelChange
from workbench.judgement.taxonomy import DISPOSITIONS, SEVERITIES
from workbench.text import formatting
from workbench.ui.shared import selection
from workbench.ui.shared.actions import attempt, may_read, refusal, why_silent
from workbench.ui.shared.navigation import ROOT, go
from workbench.ui.shared.session import VISIT, taxonomy

_DONE = "labelled_together"


def bar(bench: Bench, keys: Sequence[str], hint: str, cluster: str | None = None) -> None:
    """What to say of the marked conversations (keys), right after it the way back; before that, how it works.

    With a `cluster`, its members can be labelled blind without marking any.
    """
    _undo_last(bench)
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
                                       format_func=lambda code: f"{code}: {DISPOSITIONS[code]}",
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
        st.session_state[_DONE] = (st.session_state.get(VISIT), [label.version for label in labels])


def _undo_last(bench: Bench) -> None:
    visit, done = st.session_state.get(_DONE, (None, []))
    if done and visit == st.session_state.get(VISIT):
        with st.container(key="bulk_done", horizontal=True, vertical_alignment="center"):
            st.text(f"{formatting.count(len(done), 'conversation')} labelled.", width="content")
            st.button("Undo all", key="bulk_undo", type="tertiary", on_click=_undo, args=(bench, done))
        refusal()


def _undo(bench: Bench, done: Sequence[int]) -> None:
    """Take each back; what somebody changed since stays, and is said."""
    st.session_state.pop(_DONE)
    for version in reversed(done):
        attempt(partial(bench.history.undo, version))
