"""Who answers for a cluster, and until when it is muted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.errors import WorkbenchError
from workbench.ui.shared.people import NAMELESS, name_box, names
from workbench.ui.shared.session import person
from workbench.ui.shared.text import error, note

_DONE = "kept"
_A_WHILE = timedelta(days=14)


def keeping(bench: Bench, row: ClusterRow) -> None:
    """A menu to name the cluster's owner, and to mute it until a day."""
    if message := st.session_state.pop(_DONE, None):
        st.toast(message)
    off = not person()
    with st.popover("Owner and mute", key="keeping", width="stretch", disabled=off, help=NAMELESS if off else None):
        _owner(bench, row)
        _mute(bench, row)


def _owner(bench: Bench, row: ClusterRow) -> None:
    owner = name_box("Owner", names(bench, row.owner), row.owner, "owner", f"keep_{row.cluster}_{row.owner}")
    with st.container(horizontal=True):
        if st.button("Save owner", key="save_owner", type="primary"):
            _keep(lambda: bench.pod.set_owner(row.cluster, owner), "Saved")
    st.caption("Where nobody is named here, the owner is its ticket's, else its bot's.")


def _mute(bench: Bench, row: ClusterRow) -> None:
    today = datetime.now(UTC).date()
    mute = bench.pod.mutes().get(row.cluster)
    if mute is not None and mute.until > today:
        note(f"Muted until {mute.until}, by {mute.by}.")
        if st.button("Unmute", key="unmute"):
            _keep(lambda: bench.pod.unmute(row.cluster), "Unmuted")
        return
    until = st.date_input(
        "Mute until", today + _A_WHILE, min_value=today + timedelta(days=1), format="YYYY-MM-DD", key="mute_until"
    )
    if st.button("Mute", key="mute") and until is not None:
        _keep(lambda: bench.pod.mute(row.cluster, until), f"Muted until {until}")
    st.caption("A muted cluster reads “muted” and stays off the agenda unless it escalates.")


def _keep(change: Callable[[], None], message: str) -> None:
    try:
        change()
    except WorkbenchError as e:
        error(e)
    else:
        st.session_state[_DONE] = message
        st.rerun()
