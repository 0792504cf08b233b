"""Planning a triage session: the proposed agenda, changed by hand and kept in the address, and the sessions so far."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.judgement.records.sessions import AgendaItem, Progress
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.triage import agenda as triage
from workbench.ui.shared.navigation import ROOT, go
from workbench.ui.shared.session import person
from workbench.ui.triage.session import first_place

OPEN_SHOWN = 3
"""Sessions that run at once and are shown on top; the others stand in the list."""


def plan(bench: Bench) -> None:
    """The agenda of the next session, to reorder, shorten and lengthen, and the button that starts it."""
    rows = {row.cluster: row for row in bench.clusters()}
    reasons, proposed = triage.reasons(bench), triage.agenda(bench)
    if not rows:
        st.info("There is no cluster to triage yet. Import logs with failing conversations first.")
        return
    st.subheader("The next session", anchor=False)
    st.caption(
        "Proposed by recent failures and severity, by trend, and by what nobody has looked at; not what has stopped. Change it as you like."
    )
    chosen = [cluster for cluster in _chosen(proposed) if cluster in rows]
    if not chosen:
        st.info("Nothing waits: all clusters are decided or muted. Add one below to talk about it anyway.")
    for place, cluster in enumerate(chosen):
        _item(rows[cluster], reasons[cluster], place, chosen)
    others = [cluster for cluster in rows if cluster not in chosen]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Add a cluster",
            others,
            index=None,
            format_func=lambda cluster: visible(f"{cluster} {rows[cluster].name}: {reasons[cluster]}"),
            placeholder="Add another cluster",
            label_visibility="collapsed",
            key="add_cluster",
            on_change=_add,
            args=(chosen,),
        )
    _start(bench, [AgendaItem(cluster, reasons[cluster]) for cluster in chosen])


@st.fragment(run_every=3.0)
def running(bench: Bench) -> None:
    """The sessions that are open, first on the page: where each is, and the way in for who comes late."""
    for session in [session for session in bench.sessions.all() if session.status == "open"][:OPEN_SHOWN]:
        place = bench.sessions.progress(session.session).position
        at = (
            "at what was promised"
            if place < 0
            else f"item {min(place + 1, len(session.agenda))} of {len(session.agenda)}"
        )
        if place == len(session.agenda):
            at = "at its minutes"
        with st.container(key=f"running_{session.session}", border=True, horizontal=True, vertical_alignment="center"):
            st.text(visible(f"Running now: {session.session} {session.title}, {at}"), width="stretch")
            if st.button("Join", key=f"join_{session.session}", type="primary"):
                go("session", s=session.session, n=str(place + 1))


def held(bench: Bench) -> None:
    """The sessions so far, the newest first."""
    st.subheader("Sessions so far", anchor=False)
    sessions = bench.sessions.all()
    if not sessions:
        st.info("None yet. The first one starts from the agenda beside this.")
    for session in sessions:
        decisions = bench.sessions.decisions(session.session).values()
        decided = sum(decision.state == "decided" for decision in decisions)
        progress = f"{decided} of {formatting.count(len(session.agenda), 'cluster')} decided"
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.page_link(
                ROOT / "pages" / "session.py",
                label=plain(f"{session.session} {session.title}"),
                query_params={"s": session.session},
            )
            st.badge(session.status, color="green" if session.status == "open" else "gray")
            st.caption(progress)


def _chosen(proposed: Sequence[AgendaItem]) -> list[str]:
    """The clusters on the agenda: those in the address, else the proposed ones."""
    asked = st.query_params.get("a")
    return [item.cluster for item in proposed] if asked is None else list(dict.fromkeys(filter(None, asked.split("."))))


def _item(row: ClusterRow, reason: str, place: int, chosen: Sequence[str]) -> None:
    above = [
        *chosen[: max(place - 1, 0)],
        row.cluster,
        *[item for item in chosen[max(place - 1, 0) :] if item != row.cluster],
    ]
    rest = [item for item in chosen if item != row.cluster]
    below = [*rest[: place + 1], row.cluster, *rest[place + 1 :]]
    with st.container(key=f"agenda_{row.cluster}", border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.text(visible(f"{place + 1}. {row.name}"))
            st.caption(plain(f"{row.cluster} · {row.bot} · {reason}"))
        for label, help_text, order, off in (
            ("↑", "Earlier", above, place == 0),
            ("↓", "Later", below, place == len(chosen) - 1),
            ("✕", "Not this time", rest, False),
        ):
            st.button(
                label,
                key=f"{help_text}_{row.cluster}",
                help=help_text,
                disabled=off,
                on_click=_keep,
                args=(order,),
            )


def _start(bench: Bench, agenda: Sequence[AgendaItem]) -> None:
    with st.form("start_session", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input("Title", value=f"Triage, {formatting.day(datetime.now(UTC))}", max_chars=120)
        ready = bool(agenda) and bool(person())
        if st.form_submit_button("Start the session", type="primary", shortcut="S", disabled=not ready):
            session = bench.sessions.create(title or "Triage", agenda)
            first = first_place(bench, session)
            bench.sessions.set_progress(session.session, Progress(position=first))
            go("session", s=session.session, n=str(first + 1))
    if not person():
        st.caption("Say your name at the top first.")


def _keep(chosen: Sequence[str]) -> None:
    st.query_params["a"] = ".".join(chosen)


def _add(chosen: Sequence[str]) -> None:
    if added := st.session_state.add_cluster:
        _keep([*chosen, added])
        st.session_state.add_cluster = None
