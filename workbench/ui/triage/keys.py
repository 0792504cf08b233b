"""The keys of the triage session: what each does, the lists that they open, and where the session stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import chain, count
from typing import cast

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.judgement.records.sessions import Decision, DecisionChange, Session
from workbench.judgement.taxonomy import DISPOSITIONS, SEVERITIES, disposition_choice
from workbench.text.escaping import plain
from workbench.triage import agenda
from workbench.triage import clock as triage_clock
from workbench.triage import session as triage
from workbench.ui.shared.role_view import BUSINESS, view_key
from workbench.ui.shared.session import person
from workbench.ui.triage.calibrate import mark_key

# Streamlit keeps C and R for itself.
CHOICE_KEYS = "123456789ABDEFGHIJKLMNOPQSTUVWXYZ"
CLEAR_KEY = "0"
KEEP_EVERY = 5.0
WEEKS = (1, 2, 4)
SCREEN = "session"
_OPEN = "room_open"
_KEYS = {"cause": ("Cause", "A"), "severity": ("Severity", "S"), "owner": ("Owner", "O"), "ticket": ("Ticket", "T"),
         "disposition": ("Not a bug", "X"), "note": ("Note", "E")}  # fmt: skip
QUESTIONS = {
    "cause": "What is the first upstream cause?",
    "severity": "How bad is it?",
    "owner": "Who takes it?",
    "ticket": "A ticket, due when?",
    "disposition": "Why is there nothing to fix?",
}
_TYPED = ("somebody", "note")
Choice = tuple[str, Callable[[], object]]


def busy(cluster: str) -> str | None:
    """Which list or field is open over this cluster."""
    opened = st.session_state.get(_OPEN)
    return opened[1] if opened and opened[0] == cluster else None


def is_any_busy() -> bool:
    """Whether a list or field is open on this screen."""
    return _OPEN in st.session_state


def keys(bench: Bench, session: Session, row: ClusterRow | None, place: int, first: int = 0) -> None:
    """The slim line of keys at the end of the screen; off while a list is open, whose own keys count then."""
    cluster = session.agenda[place].cluster if place >= 0 else ""
    off = busy(cluster) is not None
    silent = row is None or off or not person() or session.status != "open"
    running = clock(bench, session)
    with st.bottom, st.container(key="room_keys", horizontal=True, vertical_alignment="center", gap="small"):
        for name, (label, key) in _KEYS.items():
            st.button(label, key=f"key_{name}", shortcut=key, disabled=silent, on_click=_open, args=(cluster, name))
        if st.button("Later", key="key_skip", shortcut="L", disabled=silent, help="Leave it for another session"):
            bench.sessions.skip(session.session, cluster)
            move(bench, session, place + 1)
        if st.button("Back", key="key_back", shortcut="K", disabled=off or place <= first):
            move(bench, session, place - 1)
        if st.button("Next", key="key_next", shortcut="J", disabled=off, type="primary"):
            move(bench, session, place + 1)
        if st.button("Pause" if running.running else "Go on", key="key_pause", shortcut="P", disabled=off):
            running.running = not running.running
            keep_time(bench, session, now=True)
            st.rerun()
        mark_key(bench, session, cluster, silent)
        view_key(SCREEN, BUSINESS, off)
        if not person():
            st.caption("Say your name at the top to decide.")
    if row is not None and busy(cluster) in _TYPED:
        _ask(bench, session, cluster, busy(cluster) or "")


def palette(bench: Bench, session: Session, row: ClusterRow, decision: Decision) -> None:
    """The list that a key opened; one key more chooses, Esc closes."""
    name = busy(row.cluster)
    if name not in QUESTIONS:
        return
    # A pod may have more root causes than there are keys: the rest are for the mouse.
    numbered = chain(CHOICE_KEYS, map(str, count(10)))
    choices = dict(zip(numbered, _choices(bench, session, row.cluster, name), strict=False))
    if name == "owner":
        choices[CLEAR_KEY] = ("Somebody else: type the name", partial(_open, row.cluster, "somebody"))
    elif name != "ticket" and getattr(decision, name):
        choices[CLEAR_KEY] = ("Take it back", _say(bench, session, row.cluster, name, None))
    with st.container(key="room_palette", gap="small"):
        st.header(QUESTIONS[name], anchor=False)
        columns = st.columns(2) if len(choices) > 9 else [st.container()]
        half = -(-len(choices) // len(columns))
        for index, (key, (label, act)) in enumerate(choices.items()):
            with columns[index // half]:
                shortcut = key if len(key) == 1 else None
                if st.button(plain(label), key=f"choose_{name}_{key}", shortcut=shortcut, width="stretch", wrap=True):
                    _close()
                    act()
                    st.rerun()
        st.button("Close", key="choose_close", shortcut="Esc", type="tertiary", on_click=_close)


def clock(bench: Bench, session: Session) -> triage_clock.Clock:
    """The clock of a session, one for all screens that show it."""
    name = (str(bench.store.root), session.session)
    if name not in _clocks():
        _clocks()[name] = triage_clock.Clock(bench.sessions.progress(session.session).elapsed)
    return _clocks()[name]


def keep_time(bench: Bench, session: Session, now: bool = False) -> None:
    """Write the clock down every five seconds, or now."""
    progress, total = bench.sessions.progress(session.session), clock(bench, session).total
    if now or total - progress.elapsed >= KEEP_EVERY:
        bench.sessions.set_progress(session.session, replace(progress, elapsed=total))


def move(bench: Bench, session: Session, place: int) -> None:
    """Go to another place of the agenda; kept, so that the session goes on there."""
    progress = bench.sessions.progress(session.session)
    elapsed = clock(bench, session).total
    bench.sessions.set_progress(session.session, replace(progress, position=place, elapsed=elapsed))
    st.query_params.from_dict({"s": session.session, "n": str(place + 1)})
    st.rerun()


@st.cache_resource(show_spinner=False)
def _clocks() -> dict[tuple[str, str], triage_clock.Clock]:
    return {}


def _open(cluster: str, name: str) -> None:
    st.session_state[_OPEN] = (cluster, name)


def _close() -> None:
    st.session_state.pop(_OPEN, None)


def _choices(bench: Bench, session: Session, cluster: str, name: str) -> Iterator[Choice]:
    """What a list offers, in words, and what each choice does."""
    if name == "cause":
        taxonomy, given = bench.causes.taxonomy(), bench.labels_said().get(("cluster", cluster))
        offered = {code: taxonomy.choice(code) for code in taxonomy.offered(given.cause if given else None)}
    elif name == "severity":
        offered = {code: f"{code} {meaning}" for code, meaning in SEVERITIES.items()}
    elif name == "disposition":
        offered = {code: disposition_choice(code) for code in DISPOSITIONS}
    elif name == "owner":
        offered = {name: name for name in agenda.people(bench)}
    else:
        for due in _due_dates():
            label = f"Due {due:%A} {due.day} {due:%B}" if due else "No date"
            yield label, partial(triage.give_ticket, bench, session.session, cluster, due)
        return
    for code, label in offered.items():
        yield label, _say(bench, session, cluster, name, code)


def _due_dates() -> list[date | None]:
    today = datetime.now(UTC).date()
    return due_dates(today)


def due_dates(today: date) -> list[date | None]:
    """One, two and four weeks from today, and no date; nobody delivers at a weekend, so it is the Monday after."""
    days = [today + timedelta(weeks=weeks) for weeks in WEEKS]
    return [*(day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0) for day in days), None]


def _say(bench: Bench, session: Session, cluster: str, name: str, value: str | None) -> Callable[[], object]:
    return partial(triage.decide, bench, session.session, cluster, **cast(DecisionChange, {name: value}))


def _ask(bench: Bench, session: Session, cluster: str, name: str) -> None:
    """A field to type in: Tab reaches it, Enter (Ctrl+Enter in a note) keeps it, Esc leaves it."""

    def asked() -> None:
        with st.form(f"ask_{name}", border=False):
            if name == "note":
                decision = bench.sessions.decisions(session.session).get(cluster)
                typed = st.text_area("Note", value=decision.note if decision else "", max_chars=2000, height=120)
            else:
                typed = st.text_input("Name", max_chars=60)
            kept = st.form_submit_button("Keep", type="primary")
        st.caption("Tab to type, " + ("Ctrl+Enter" if name == "note" else "Enter") + " to keep, Esc to leave.")
        left = st.button("Leave", shortcut="Esc", type="tertiary")
        if kept and (name == "note" or (typed or "").strip()):
            _say(bench, session, cluster, "note" if name == "note" else "owner", (typed or "").strip())()
        if kept or left:
            _close()
            st.rerun()

    st.dialog("Note" if name == "note" else "Who takes it?", dismissible=False)(asked)()
