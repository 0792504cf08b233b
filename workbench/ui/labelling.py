"""Saying what is wrong: one form for clusters and for single conversations."""

from __future__ import annotations

import streamlit as st

from workbench import words
from workbench.bench import Bench
from workbench.errors import WorkbenchError
from workbench.judgement import Label
from workbench.taxonomy import CAUSES, DISPOSITIONS, SEVERITIES
from workbench.ui.session import person
from workbench.ui.text import error, plain
from workbench.views import ClusterRow

_DONE = "labelled"


def label_form(
    bench: Bench,
    target: str,
    label: Label | None,
    *,
    inherited: Label | None = None,
    suggested: ClusterRow | None = None,
) -> None:
    """The label of `target` (FC-id or conversation key): who said what, and the form to say it.

    `inherited` is what the conversation's cluster says; a label of its own wins over it.
    """
    with st.container(border=True, key="label_card"):
        st.subheader("What is wrong here?", anchor=False)
        _said(bench, label, inherited)
        _hint(label or inherited, suggested)
        if _form(bench, target, label or inherited, key=f"label_{target}_{label.version if label else 0}"):
            st.rerun()
    if done := st.session_state.pop(_DONE, None):
        st.toast(done)


def _said(bench: Bench, label: Label | None, inherited: Label | None) -> None:
    if label is not None:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.caption(f"Labelled by {plain(label.by)}, {words.minute(label.at)} UTC", width="content")
            if st.button("Undo", key="undo_label", type="tertiary", shortcut="U", disabled=not person()):
                bench.judgement.undo(label.version, person())
                st.session_state[_DONE] = "Undone"
                st.rerun()
    elif inherited is not None:
        said = plain(_in_words(inherited))
        st.badge("from its cluster", color="violet")
        st.caption(
            f"{said}. Said by {plain(inherited.by)}, {words.minute(inherited.at)} UTC. Saving here overrides it for this conversation only."
        )


def _hint(known: Label | None, row: ClusterRow | None) -> None:
    if known is None and row is not None and row.root_cause_source == "suggested" and row.root_cause in CAUSES:
        cause = CAUSES[row.root_cause]
        st.caption(f"The log suggests **{plain(cause.title)}**: {plain(cause.hint)}.")


def _form(bench: Bench, target: str, known: Label | None, key: str) -> bool:
    causes = list(CAUSES)
    with st.form(key, border=False):
        cause = st.selectbox(
            "Root cause",
            causes,
            index=causes.index(known.cause) if known and known.cause in CAUSES else None,
            format_func=lambda code: f"{CAUSES[code].title}: {CAUSES[code].meaning}",
            placeholder="The first upstream cause",
            key=f"{key}_cause",
        )
        severity = st.segmented_control(
            "Severity",
            list(SEVERITIES),
            default=known.severity if known else None,
            key=f"{key}_severity",
            help="; ".join(f"{code} {meaning}" for code, meaning in SEVERITIES.items()),
            width="stretch",
        )
        contributing = st.multiselect(
            "Also contributing",
            causes,
            default=[code for code in known.contributing if code in CAUSES] if known else [],
            format_func=lambda code: CAUSES[code].title,
            placeholder="None",
            key=f"{key}_contributing",
        )
        disposition = st.selectbox(
            "Or nothing to fix",
            list(DISPOSITIONS),
            index=list(DISPOSITIONS).index(known.disposition) if known and known.disposition in DISPOSITIONS else None,
            format_func=lambda code: f"{code}: {DISPOSITIONS[code]}",
            placeholder="It is to be fixed",
            key=f"{key}_disposition",
        )
        note = st.text_area("Note", value=known.note if known else "", height=76, max_chars=4000, key=f"{key}_note")
        saved = st.form_submit_button(
            "Save label",
            type="primary",
            width="stretch",
            shortcut="S",
            disabled=not person(),
        )
        if not person():
            st.caption("Give your name at the top first: it stands beside what you say.")
    if not saved:
        return False
    try:
        label = bench.label(
            target,
            cause=cause,
            contributing=contributing,
            disposition=disposition,
            severity=severity,
            note=note or "",
        )
    except WorkbenchError as e:
        error(e)
        return False
    st.session_state[_DONE] = f"Saved: {plain(_in_words(label))}"
    return True


def _in_words(label: Label) -> str:
    cause = CAUSES[label.cause].title if label.cause in CAUSES else label.cause
    return ", ".join(part for part in (cause, label.disposition, label.severity) if part) or "a note"
