"""The blind vote on an item of the session: where members vote, who has, the reveal, and what the meeting agrees on."""

from __future__ import annotations

import os

import streamlit as st

from workbench.access import current
from workbench.bench.bench import Bench
from workbench.judgement.records.sessions import Session
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.triage import calibration
from workbench.triage.calibration import Ballot
from workbench.ui.shared.actions import attempt, refusal
from workbench.ui.shared.session import person, taxonomy

VOTES_AT = "WORKBENCH_VOTES"
"""The variable in which `serve` says where devices vote."""
_AGREE_KEYS = "GHY"


def mark_key(bench: Bench, session: Session, cluster: str, off: bool) -> None:
    """The key that marks an item *calibrate*: it is voted on blind, from devices."""
    ballots = calibration.ballots(bench, session.session)
    full = len(ballots) >= calibration.MOST or cluster in ballots
    st.button(
        "Blind vote", key="key_calibrate", shortcut="B", disabled=off or full or not person(),
        help=f"Members vote on their own devices; at most {calibration.MOST} items of a session", on_click=_mark,
        args=(bench, session.session, cluster),
    )  # fmt: skip


def ballot_here(bench: Bench, session: Session, cluster: str, off: bool) -> None:
    """The blind vote on the item on screen, where it is marked; `off` while a list is open, whose own keys count then."""
    ballot = calibration.ballots(bench, session.session).get(cluster)
    if ballot is None:
        return
    with st.container(key="room_ballot", border=True, gap="small"):
        if ballot.revealed:
            _revealed(bench, session, ballot, off)
        else:
            _voting(bench, session, ballot, off)
        refusal()


@st.fragment(run_every=2.0)
def _voting(bench: Bench, session: Session, ballot: Ballot, off: bool) -> None:
    now = calibration.ballots(bench, session.session).get(ballot.cluster, ballot)
    st.text(f"Blind vote: {formatting.count(len(now.voted), 'vote')} so far")
    if at := votes_at():
        with st.container(key="room_code"):
            st.text(visible(f"{at}   code {spelled(bench.sessions.code(session.session))}"))
    else:
        st.caption("Start `serve` with --vote-host, the address that members' devices reach, so that they can vote.")
    st.caption(plain(f"Voted: {', '.join(now.voted) or 'nobody yet'}. What they said shows after the reveal."))
    if st.button("Reveal", key="key_reveal", shortcut="Y", disabled=off or len(now.voted) < 2 or not person()):
        attempt(lambda: calibration.reveal(bench, now))
        st.rerun(scope="app")


def _revealed(bench: Bench, session: Session, ballot: Ballot, off: bool) -> None:
    decided = bench.sessions.decisions(session.session).get(ballot.cluster)
    agreed = (decided.cause or decided.disposition) if decided else None
    st.text("The votes: talk, then agree" if not agreed else "The votes")
    for number, (code, raters) in enumerate(ballot.raters_by_code.items()):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(visible(f"{len(raters)} × {taxonomy().title(code)}: {', '.join(raters)}"), width="stretch")
            st.button(
                "Agreed" if code == agreed else "Agree on this",
                key=f"agree_{code}",
                type="primary" if code == agreed else "secondary",
                shortcut=_AGREE_KEYS[number] if number < len(_AGREE_KEYS) else None,
                disabled=off or not person() or session.status != "open",
                on_click=_agree,
                args=(bench, session.session, ballot, code),
            )


def votes_at() -> str:
    """The address at which devices vote; empty where none does."""
    if current().shared:
        return f"{(st.context.url or '').partition('?')[0].rsplit('/', 1)[0]}/vote"
    return os.environ.get(VOTES_AT, "")


def spelled(code: str) -> str:
    """A code in two halves, as people read it out."""
    return f"{code[:4]}-{code[4:]}"


def _mark(bench: Bench, session: str, cluster: str) -> None:
    attempt(lambda: calibration.mark(bench, session, cluster))


def _agree(bench: Bench, session: str, ballot: Ballot, code: str) -> None:
    attempt(lambda: calibration.agree(bench, session, ballot, code))
