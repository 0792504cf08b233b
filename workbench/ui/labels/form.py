"""Saying what is wrong: one form for clusters and for single conversations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from workbench.bench.bench import Bench
from workbench.bench.failure_rows import MemberRow
from workbench.errors import Conflict, WorkbenchError
from workbench.judgement.records.labels import Label
from workbench.judgement.taxonomy import DISPOSITION_TITLES, DISPOSITIONS, SEVERITIES, disposition_choice
from workbench.review.label_check import checked, draw_five, next_unlabelled
from workbench.text import formatting
from workbench.text.escaping import plain
from workbench.ui.labels.suggested import suggestion
from workbench.ui.shared.conflict import conflict
from workbench.ui.shared.focus import cursor_key
from workbench.ui.shared.navigation import go
from workbench.ui.shared.session import VISIT, person, taxonomy
from workbench.ui.shared.text import error

_DONE, _SEEN, _LAST = "labelled", "label_seen", "label_saved_last"
_SAVE, _NEXT, _CHECK, _TICKET = "Save label", "and next", "and check five", "and ticket"
_FIELDS = ("cause", "contributing", "disposition", "severity", "note")


def label_form(
    bench: Bench,
    target: str,
    label: Label | None,
    *,
    inherited: Label | None = None,
    members: Sequence[MemberRow] = (),
    ranked: Sequence[str] = (),
    has_ticket: bool = False,
) -> None:
    """The label of `target` (FC-id or conversation key): who said what, and the form to say it.

    `inherited` is what the conversation's cluster says; a label of its own wins over it. `members` are a cluster's, by
    which its label is checked, and `ranked` the clusters to go on with; where it `has_ticket` none is offered. What is typed stays where somebody else labels the
    same meanwhile, and both are shown.
    """
    with st.container(border=True, key="label_card"):
        seen = _label_seen(target, label)
        key = f"label_{target}_{seen.version if seen else 0}"
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader("What is wrong here?", anchor=False, width="content")
            if person():
                cursor_key(f"{key}_cause", "Type it", "L")
        _saved_before(bench, target)
        _label_now(bench, label, inherited)
        if label is not None and members:
            st.caption(checked(label, members, bench.labels_said()).sentence())
        suggestion(bench, target, label or inherited)
        above = st.container()
        given, then = _form(seen or inherited, key, bool(members), has_ticket)
        if given is not None and _save(bench, target, label, _typed(given, seen or inherited), given, key, above):
            _go_on(bench, target, then, ranked, above)
            st.rerun()
        if label != seen:
            with above:
                _overtaken(bench, target, label, seen, key)
    if done := st.session_state.pop(_DONE, None):
        st.toast(done)


def _go_on(bench: Bench, target: str, then: str, ranked: Sequence[str], above: DeltaGenerator) -> None:
    """Where the button that saved leads to."""
    if then == _CHECK:
        try:
            go("labels", d=draw_five(bench, target).draw, n="1")
        except WorkbenchError as e:
            with above:
                error(e)
            st.stop()
    elif then == _TICKET:
        go("ticket", c=target)
    elif then == _NEXT:
        following = next_unlabelled(bench, ranked, target)
        if following is None:
            st.session_state[_DONE] = "Saved. Every cluster of this list is labelled."
        else:
            go("cluster", c=following)


def _saved_before(bench: Bench, target: str) -> None:
    """What was just saved on another page, with the way back."""
    before = st.session_state.get(_LAST)
    if before is None or before.target == target:
        return
    with st.container(
        key="saved_before", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.caption(
            plain(f"Saved {before.about.get('conversation_id', before.target)}: {_in_words(before)}"), width="content"
        )
        if st.button("Undo that", key="undo_before", type="tertiary", shortcut="Shift+U"):
            st.session_state.pop(_LAST)
            try:
                bench.history.undo(before.version)
            except WorkbenchError as e:
                error(e)
                return
            st.session_state[_DONE] = f"Undone: {plain(before.target)} is as before"
            st.rerun()


def _label_now(bench: Bench, label: Label | None, inherited: Label | None) -> None:
    if label is not None:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.caption(f"Labelled by {plain(label.by)}, {formatting.minute(label.at)} UTC", width="content")
            if st.button("Undo", key="undo_label", type="tertiary", shortcut="U", disabled=not person()):
                bench.history.undo(label.version)
                st.session_state.pop(_SEEN, None)
                st.session_state[_DONE] = "Undone"
                st.rerun()
    elif inherited is not None:
        wording = plain(_in_words(inherited))
        st.badge("from its cluster", color="violet")
        st.caption(
            f"{wording}. Said by {plain(inherited.by)}, {formatting.minute(inherited.at)} UTC. Saving here overrides it for this conversation only."
        )


def _form(current: Label | None, key: str, cluster: bool, has_ticket: bool) -> tuple[dict[str, Any] | None, str]:
    """The fields, as `current` has them; what was given, once it is to be saved, and by which button."""
    causes = taxonomy()
    with st.form(key, border=False):
        offered = list(causes.offered(current.cause if current else None))
        cause = st.selectbox(
            "Root cause",
            offered,
            index=offered.index(current.cause) if current and current.cause in offered else None,
            format_func=causes.choice,
            placeholder="The first upstream cause",
            key=f"{key}_cause",
        )
        severity = st.segmented_control(
            "Severity",
            list(SEVERITIES),
            default=current.severity if current else None,
            key=f"{key}_severity",
            help="; ".join(f"{code} {meaning}" for code, meaning in SEVERITIES.items()),
            width="stretch",
        )
        also = list(causes.offered(*current.contributing) if current else causes.offered())
        contributing = st.multiselect(
            "Also contributing",
            also,
            default=[code for code in current.contributing if code in also] if current else [],
            format_func=causes.title,
            placeholder="None",
            key=f"{key}_contributing",
        )
        disposition = st.selectbox(
            "Or nothing to fix",
            list(DISPOSITIONS),
            index=list(DISPOSITIONS).index(current.disposition)
            if current and current.disposition in DISPOSITIONS
            else None,
            format_func=disposition_choice,
            placeholder="It is to be fixed",
            key=f"{key}_disposition",
        )
        note = st.text_area("Note", value=current.note if current else "", height=76, max_chars=4000, key=f"{key}_note")
        saved = _pressed(cluster, has_ticket)
        if not person():
            st.caption("Say your name at the top first: it stands beside what you say.")
    given = (cause, contributing, disposition, severity, note or "")
    return (dict(zip(_FIELDS, given, strict=True)) if saved else None), saved


def _pressed(cluster: bool, has_ticket: bool) -> str:
    """The button that was pressed; empty where none was."""
    off, pressed = not person(), ""
    if st.form_submit_button(_SAVE, type="primary", width="stretch", shortcut="S", disabled=off):
        pressed = _SAVE
    if cluster:
        with st.container(horizontal=True, gap="small"):
            if st.form_submit_button(_NEXT, shortcut="N", disabled=off, help="Save, then the next unlabelled cluster"):
                pressed = _NEXT
            if st.form_submit_button(_CHECK, shortcut="V", disabled=off, help="Save, then five members at random"):
                pressed = _CHECK
            if not has_ticket and st.form_submit_button(
                _TICKET, shortcut="M", disabled=off, help="Save, then draft its ticket"
            ):
                pressed = _TICKET
    return pressed


# ── two people, one label ──


def _label_seen(target: str, label: Label | None) -> Label | None:
    """The label as it was when this form was opened: the fields must not change under what is typed."""
    here = (target, st.session_state.get(VISIT))
    seen = st.session_state.get(_SEEN)
    if seen is None or seen[0] != here or (label is not None and label.by == person()):
        st.session_state[_SEEN] = seen = (here, label)
    before: Label | None = seen[1]
    return before


def _typed(given: dict[str, Any], shown: Label | None) -> dict[str, Any]:
    """What differs from what the fields held."""
    blank = Label("", "")
    return {name: value for name, value in given.items() if (value or None) != (getattr(shown or blank, name) or None)}


def _save(
    bench: Bench,
    target: str,
    now: Label | None,
    typed: dict[str, Any],
    given: dict[str, Any],
    key: str,
    above: DeltaGenerator,
) -> bool:
    """Keep what was given; on top of somebody else's label, where the person chose so, only what was typed here."""
    base = st.session_state.get(f"{key}_base")
    if base is not None and now is not None:
        given = {name: getattr(now, name) for name in _FIELDS} | typed
    try:
        label = bench.label(target, version=_version(key) if base is None else base, **given)
    except Conflict:
        st.session_state[f"{key}_typed"] = typed
        st.session_state.pop(f"{key}_base", None)
        return False
    except WorkbenchError as e:
        with above:
            error(e)
        return False
    st.session_state.pop(_SEEN, None)
    st.session_state[_LAST] = label
    st.session_state[_DONE] = f"Saved: {plain(_in_words(label))}"
    return True


def _overtaken(bench: Bench, target: str, now: Label | None, seen: Label | None, key: str) -> None:
    """Somebody labelled the same since this form was opened."""
    if st.session_state.get(f"{key}_base") is not None:
        return  # the person chose to save on top of it
    blank, typed = Label("", ""), st.session_state.get(f"{key}_typed", {})
    differing = [
        name
        for name in _FIELDS
        if name in typed or getattr(now or blank, name) != getattr(seen or blank, name)
    ]  # fmt: skip
    kind = "cluster" if target.startswith("FC-") else "conversation"
    conflict(
        bench,
        f"label:{kind}:{target}",
        "this label",
        {name: getattr(now or blank, name) for name in differing},
        typed,
        keep=lambda: st.session_state.update({f"{key}_base": now.version if now else 0}),
        take=lambda: st.session_state.pop(_SEEN, None),
    )


def _version(key: str) -> int:
    return int(key.rpartition("_")[2])


def _in_words(label: Label) -> str:
    return (
        ", ".join(
            part
            for part in (taxonomy().title(label.cause), DISPOSITION_TITLES.get(label.disposition or ""), label.severity)
            if part
        )
        or "a note"
    )
