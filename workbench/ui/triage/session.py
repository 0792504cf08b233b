"""The triage session on a shared screen: one cluster at a time, in large type, decided by key."""

from __future__ import annotations

import time
from pathlib import Path

import streamlit as st

from workbench.bench import wording
from workbench.bench.bench import Bench
from workbench.bench.cluster_detail import ClusterDetail, Fact
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.failure_rows import MemberRow
from workbench.conversation.roles import side_of
from workbench.conversation.transcript import Block
from workbench.errors import UserError
from workbench.judgement.records.sessions import Decision, Session
from workbench.judgement.taxonomy import DISPOSITION_TITLES, SEVERITIES
from workbench.reports import week_wording
from workbench.reports.week import week_report
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.text.masking import mask
from workbench.text.readable import without_data
from workbench.triage import clock as triage_clock
from workbench.triage import minutes, minutes_html
from workbench.triage import session as triage
from workbench.ui.conversations.detail import open_member
from workbench.ui.conversations.transcript import SPEAKERS, used
from workbench.ui.shared.charts import weekly_chart
from workbench.ui.shared.chips import chips
from workbench.ui.shared.facts import why_line
from workbench.ui.shared.markdown_blocks import blocks
from workbench.ui.shared.navigation import ROOT
from workbench.ui.shared.role_view import BUSINESS, for_business
from workbench.ui.shared.session import person
from workbench.ui.shared.text import heading, note, text
from workbench.ui.triage.calibrate import ballot_here
from workbench.ui.triage.keys import QUESTIONS, SCREEN, busy, clock, is_any_busy, keep_time, keys, move, palette

_CSS = Path(__file__).resolve().parent / "triage.css"
_MESSAGE_SHOWN, _CALL_SHOWN = 260, 72
CHART_HEIGHT, CHART_TYPE = 172, 20
PROMISES = -1
"""The place before the first of the agenda."""
PROMISES_SHOWN = 8
_FOLLOWED = "room_followed"


def session_asked(bench: Bench) -> Session:
    """The session in the address."""
    if asked := st.query_params.get("s"):
        return bench.sessions.get(asked)
    raise UserError("No session is named in the address. Open one from the sessions page.")


def place_asked(bench: Bench, session: Session) -> int:
    """The 0-based place on the agenda, in the address as n from 1; one beyond the last are the minutes, one before the
    first what earlier sessions promised."""
    last = len(session.agenda)
    asked = st.query_params.get("n", "")
    if asked.isascii() and asked.isdecimal() and len(asked) < 5:
        place = int(asked) - 1
    else:
        place = last if session.status == "closed" else bench.sessions.progress(session.session).position
    place = min(max(place, first_place(bench, session)), last)
    st.query_params["n"] = str(place + 1)
    return place


def first_place(bench: Bench, session: Session) -> int:
    """Where a session begins: with the promises, where there was one before it."""
    earlier = any(other.created_at < session.created_at for other in bench.sessions.all())
    return PROMISES if earlier else 0


def head(bench: Bench, session: Session, place: int) -> None:
    """Where the session is, why this cluster is on its agenda, and the clock."""
    st.html(_CSS)
    with st.container(key="room", horizontal=True, vertical_alignment="center"):
        st.page_link(ROOT / "pages" / "sessions.py", label="← Sessions", width="content")
        if place == len(session.agenda):
            st.caption(plain(f"{session.session} · {session.title}"))
            return
        if place == PROMISES:
            st.caption(
                plain(f"{session.session} · before the {formatting.count(len(session.agenda), 'cluster')} of today")
            )
            return
        item = session.agenda[place]
        st.caption(plain(f"{session.session} · {place + 1} of {len(session.agenda)} · {item.reason}"))
        if session.status == "open":
            running = clock(bench, session).running
            with st.container(key="room_clock", width="content"):
                (_ticking if running else _face)(bench, session, item.cluster)


def cluster_screen(bench: Bench, session: Session, row: ClusterRow, place: int) -> None:
    """All that is needed to decide of one cluster."""
    cluster = bench.cluster(row.cluster)
    decision = bench.sessions.decisions(session.session).get(row.cluster) or Decision(session.session, row.cluster, "")
    heading(row.name, level=1)
    chips(row)
    why_line(cluster)
    main, side = st.columns([3, 2], gap="large")
    with main:
        if busy(row.cluster) in QUESTIONS:
            palette(bench, session, row, decision)
        elif (example := _example_asked(cluster)) is not None:
            _example(bench, example)
        else:
            _overview(cluster)
        if not busy(row.cluster):
            _example_keys(cluster)
    with side:
        ballot_here(bench, session, row.cluster, busy(row.cluster) is not None)
        _frequency(cluster)
        _decided(bench, cluster, decision)
    keys(bench, session, row, place, first_place(bench, session))


def missing_screen(bench: Bench, session: Session, cluster: str, place: int) -> None:
    """A cluster that left the data since the agenda was made."""
    heading(cluster, level=1)
    st.info(f"{cluster} is not in the data any more. Go on with J, back with K.")
    keys(bench, session, None, place, first_place(bench, session))


def promises_screen(bench: Bench, session: Session) -> None:
    """The first screen of a session that follows others: what was promised, and what became of it."""
    heading("What was promised, and what came of it", level=1)
    try:
        promised = week_report(bench).promised
    except UserError as e:  # the log has no times
        promised = []
        note(str(e))
    if not promised:
        st.info(
            "Nothing is open from the sessions before: no ticket is late, and no shipped fix waits for its verdict."
        )
    with st.container(key="room_promises"):
        for promise in promised[:PROMISES_SHOWN]:
            with st.container(key=f"room_said_{promise.ticket or promise.cluster}", gap=None):
                st.text(visible(f"{promise.ticket or promise.cluster} {promise.title}"))
                st.caption(plain(week_wording.promise(promise)))
        if len(promised) > PROMISES_SHOWN:
            note(f"And {len(promised) - PROMISES_SHOWN:,} more, on the page This week.")
    keys(bench, session, None, PROMISES, PROMISES)


def minutes_screen(bench: Bench, session: Session) -> None:
    """The end of a session: its minutes, to read and to download; closing it and opening it again."""
    heading(f"Minutes: {session.title}", level=1)
    written = minutes.minutes(bench, session)
    with st.container(key="room_keys", horizontal=True, vertical_alignment="center"):
        if st.button("Back", key="key_back", shortcut="K"):
            move(bench, session, len(session.agenda) - 1)
        st.download_button(
            "Download as Markdown",
            written,
            f"{session.session}-minutes.md",
            "text/markdown",
            type="primary",
            shortcut="D",
            on_click="ignore",
        )
        st.download_button(
            "Download as a page",
            minutes_html.as_html(f"{session.session} {session.title}", written),
            f"{session.session}-minutes.html",
            "text/html",
            shortcut="H",
            on_click="ignore",
            help="One file that opens offline and prints well",
        )
        if session.status == "open":
            if st.button("Close the session", key="close_session", shortcut="Q", disabled=not person()):
                bench.sessions.close(session.session)
                st.rerun()
        elif st.button("Open it again", key="reopen_session", shortcut="G", disabled=not person()):
            bench.sessions.reopen(session.session)
            st.rerun()
        st.caption("Closed: nothing changes any more." if session.status == "closed" else "Saved; still open.")
    with st.container(key="room_minutes", border=True):
        blocks(minutes_html.renderer().parse(written)[3:])  # the title stands above


# ── several screens ──


@st.fragment(run_every=2.0)
def follow(bench: Bench, session: Session) -> None:
    """Keep this screen where the session is: another one moved on, or decided something."""
    position = bench.sessions.progress(session.session).position
    changed = max((decision.version for decision in bench.sessions.decisions(session.session).values()), default=0)
    now = (session.session, position, changed, bench.sessions.get(session.session).status)
    seen = st.session_state.get(_FOLLOWED)
    st.session_state[_FOLLOWED] = now
    if seen is None or seen == now or seen[0] != now[0]:
        return
    if seen[1] != position and not is_any_busy():
        st.query_params["n"] = str(position + 1)
        st.query_params.pop("e", None)
    st.rerun(scope="app")


# ── the clock ──


@st.fragment(run_every=1.0)
def _ticking(bench: Bench, session: Session, cluster: str) -> None:
    _face(bench, session, cluster)


def _face(bench: Bench, session: Session, cluster: str) -> None:
    running = clock(bench, session)
    running.tick(cluster, time.monotonic())
    keep_time(bench, session)
    spent, total = triage_clock.clock_face(running.on(cluster)), triage_clock.clock_face(running.total)
    st.text(f"{spent} on this · {total} in all" + ("" if running.running else " · paused"))


# ── one cluster ──


def _overview(cluster: ClusterDetail) -> None:
    st.header("What was asked", anchor=False)
    with st.container(key="room_asked"):
        text(cluster.row.sentence or "(no words from the user)")
    st.header("How it failed", anchor=False)
    for number, fact in enumerate(triage.telling(cluster)):
        _fact(fact, number)


def _fact(fact: Fact, number: int) -> None:
    with st.container(key=f"room_fact_{number}"):
        share, value, elsewhere = st.columns([2, 8, 2], vertical_alignment="center")
        with share, st.container(key=f"room_share_{number}"):
            st.text(f"{fact.count:,} of {fact.total:,}")
        with value:
            st.text(visible(fact.text))
        with elsewhere:
            st.caption(f"{formatting.percent(fact.base_rate)} elsewhere")


def _frequency(cluster: ClusterDetail) -> None:
    row = cluster.row
    st.header("How often, and since when", anchor=False)
    rate, figures = st.columns([2, 5], vertical_alignment="center")
    with rate, st.container(key="room_rate"):
        st.text(formatting.percent(row.failure_rate) if row.failure_rate is not None else f"{row.failures:,}")
    with figures, st.container(key="room_often", gap="small"):
        st.text(visible(wording.how_often(row).replace(" %", "\u00a0%")))
        st.text(formatting.since(row.first_seen, row.last_seen))
    with st.container(key="room_chart"):
        weekly_chart(cluster.weeks, CHART_HEIGHT, CHART_TYPE, cluster.disabled_signals)


def _decided(bench: Bench, cluster: ClusterDetail, decision: Decision) -> None:
    """What the meeting said so far, strong; what was known before it, pale."""
    row, label, live = cluster.row, cluster.label, bench.overlay().tickets.get(cluster.row.cluster)
    cause = decision.cause or row.root_cause
    severity = decision.severity or row.severity
    ticket = decision.ticket or (live.ticket if live else None)
    due = decision.due if decision.ticket else live.due if live else None
    with st.container(key="room_decisions", gap="xsmall"):
        st.header("Decided" if decision.state != "skipped" else "Decided (left for later)", anchor=False)
        unsaid = " (suggested)" if not decision.cause and row.root_cause_source == "suggested" else ""
        _line("Root cause", decision.cause, bench.causes.taxonomy().title(cause) + unsaid)
        suggested = "" if decision.severity or row.severity_source == "person" else " (suggested)"
        _line(
            "Severity", decision.severity, f"{severity} {SEVERITIES.get(severity, '')}{suggested}" if severity else None
        )
        disposition = decision.disposition or (label.disposition if label else None)
        if disposition:
            _line("Nothing to fix", decision.disposition, DISPOSITION_TITLES.get(disposition, disposition))
        _line("Owner", decision.owner, decision.owner or row.owner)
        _line("Ticket", decision.ticket, f"{ticket}, due {due.day} {due:%b}" if ticket and due else ticket)
        note = mask(decision.note or (label.note if label else ""))
        if note:
            _line("Note", mask(decision.note), formatting.shortened(note, 160))


def _line(title: str, decided: str | None, shown: str | None) -> None:
    name = title.lower().replace(" ", "_")
    with st.container(key=f"room_said_{name}", horizontal=True, vertical_alignment="center"):
        st.caption(title, width=150)
        with st.container(key=f"room_{'made' if decided else 'open'}_{name}"):
            st.text(visible(shown or "–"), width="stretch")


# ── examples ──


def _example_asked(cluster: ClusterDetail) -> MemberRow | None:
    asked = st.query_params.get("e", "")
    examples = dict(zip("123", cluster.examples, strict=False))
    return examples.get(asked)


def _example_keys(cluster: ClusterDetail) -> None:
    opened = st.query_params.get("e")
    with st.container(key="room_examples"):
        for column, number, example in zip(st.columns(3, gap="small"), "123", cluster.examples, strict=False):
            column.button(
                plain(f"Example: {formatting.shortened(example.request_excerpt or 'no words from the user', 46)}"),
                key=f"example_{number}",
                type="primary" if number == opened else "secondary",
                shortcut=number,
                on_click=_toggle_example,
                args=(number,),
                width="stretch",
            )


def _toggle_example(number: str) -> None:
    if st.query_params.get("e") == number:
        del st.query_params["e"]
    else:
        st.query_params["e"] = number


def _example(bench: Bench, example: MemberRow) -> None:
    detail = bench.conversation(example.key)
    look_at = detail.candidates[0] if detail.candidates else None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(f"{formatting.day(example.started_at)} · {example.conversation_id}"))
        if st.button("Whole conversation", key="room_whole", shortcut="W"):
            open_member(example)
        if st.button("Close", key="room_close", shortcut="Esc"):
            del st.query_params["e"]
            st.rerun()
    with st.container(key="room_exchange", gap="small"):
        around = triage.exchange(detail)
        if not triage.opens(detail, around):
            st.caption("What was asked first")
            text(example.request_excerpt or "(no words from the user)")
        st.caption(plain(f"Around the likely failing turn: {look_at.why}" if look_at else "How it ended"))
        for fold in around:
            for block in fold.blocks:
                _block(block, fold.times, look_at is not None and look_at.position in block.positions)
    if for_business(SCREEN, BUSINESS):
        note(f"Verdict: {without_data(detail.verdict)}")


def _block(block: Block, times: int, failing: bool) -> None:
    side = side_of(block.role)
    role = SPEAKERS.get(side) or formatting.shortened(visible(block.role))
    if for_business(SCREEN, BUSINESS):
        _words(block, failing)
        return
    with st.container(key=f"turn_{side or 'other'}{'_focus' if failing else ''}_{block.position}"):
        repeated = f" · × {times}" if times > 1 else ""
        st.caption(plain(f"{role} · turn {block.position}{repeated}"))
        if block.text.strip() or not block.calls:
            text(formatting.shortened(block.text.strip() or "(empty)", _MESSAGE_SHOWN))
        for call in block.calls:
            outcome = call.error or call.result or "no result in the log"
            text(f"{call.name} {_one_line(call.arguments)}\n→ {_one_line(outcome)}")


def _words(block: Block, failing: bool) -> None:
    """What business reads of a message: who said what, and which tools were used."""
    side = side_of(block.role)
    if side not in ("user", "bot"):
        return
    with st.container(key=f"turn_{side}{'_focus' if failing else ''}_{block.position}"):
        st.caption(SPEAKERS[side])
        words = without_data(block.text)
        if words or not block.calls:
            text(formatting.shortened(words or "(empty)", _MESSAGE_SHOWN))
        if block.calls:
            st.caption(plain(used(block.calls)))


def _one_line(body: str) -> str:
    return formatting.shortened(" ".join(body.split()), _CALL_SHOWN)
