"""A blind round on screen: one conversation at a time, one key a cause, and nobody else's opinion."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from workbench.bench.bench import Bench
from workbench.errors import UserError
from workbench.judgement.records.rounds import Vote
from workbench.review import blind_rounds
from workbench.review.blind_rounds import RoundView
from workbench.review.shared_queues import next_of_round, readers_of_round
from workbench.text import formatting
from workbench.text.escaping import plain
from workbench.ui.conversations.transcript import documents, transcript
from workbench.ui.labels.cause_keys import cause_keys, title
from workbench.ui.review.verdict import LONGEST_NOTE
from workbench.ui.shared.actions import attempt, may_read, refusal, why_silent
from workbench.ui.shared.focus import focus
from workbench.ui.shared.navigation import ROOT
from workbench.ui.shared.text import badge

_DONE, _NOTE = "votes_done", "vote_note"
"""What was voted in this browser session, the newest last, to take back by key; and where the note was opened."""


def place_asked(bench: Bench, seen: RoundView) -> int:
    """The 0-based place in the round, in the address as n from 1; one beyond the last is the end.

    Without one it is where this person goes on: in a round that is shared out what is kept for them from now on.
    """
    asked = st.query_params.get("n", "")
    if asked.isdecimal():
        place = int(asked) - 1
    elif readers_of_round(seen.round) and may_read(bench):
        place = next_of_round(bench, seen.round)
    else:
        place = seen.first_open
    place = min(max(place, 0), len(seen.round.conversations))
    st.query_params["n"] = str(place + 1)
    return place


def screen(bench: Bench, seen: RoundView, place: int) -> None:
    """One conversation without what anybody said of it, and the keys."""
    key = seen.round.conversations[place]
    mine = seen.mine.get(key)
    with st.container(key="voting_head", horizontal=True, vertical_alignment="center"):
        st.page_link(ROOT / "pages" / "agreement.py", label="← Agreement", width="content")
        st.caption(
            plain(
                f"{seen.round.round} {formatting.shortened(seen.round.title)} · {place + 1} of {len(seen.round.conversations)} · "
                f"{len(seen.mine)} labelled by you · nobody sees your votes before the reveal"
            )
        )
    try:
        detail = bench.conversation(key)
    except UserError:
        st.info("This conversation is not in the data any more. Go on with J, back with K.")
        _keys(bench, seen, place, None, gone=True)
        return
    main, side = st.columns([5, 3], gap="medium")
    with main:
        # What others said of it, and which cluster it is in, would tell what to say.
        blind = replace(detail, label=None, cluster_label=None, cluster=None, cluster_name=None, verdicts=[])
        transcript(blind, blind.candidates[0].position if blind.candidates else None, after=8)
        documents(blind.conversation.retrieved, "Documents that the bot had", "documents")
    with side, st.container(border=True, key="my_vote"):
        st.subheader("What is the first upstream cause?", anchor=False)
        cause_keys(
            f"{seen.round.round}_{place}_{mine.version if mine else 0}",
            seen.round.codes,
            mine.code if mine else None,
            lambda code: _vote(bench, seen, place, code),
            disabled=not may_read(bench),
        )
        if mine:
            _note(bench, seen, place, mine)
        why_silent(bench)
        refusal()
    _keys(bench, seen, place, mine)


def end(bench: Bench, seen: RoundView) -> None:
    """This person is through: who is not, and the reveal."""
    done = seen.first_open == len(seen.round.conversations)
    shared = readers_of_round(seen.round)
    ended = "you labelled all" if done else "nothing is left for you" if shared else "the end of the sample"
    st.title(f"{seen.round.round}: {ended}", anchor=False)
    with st.container(key="voting_end", horizontal=True, vertical_alignment="center"):
        if not done and not shared:
            st.button("Go on where you left off", key="vote_on", shortcut="J", type="primary",
                      on_click=_go, args=(seen, seen.first_open))  # fmt: skip
        st.button("Back", key="vote_back", shortcut="K", on_click=_go, args=(seen, len(seen.round.conversations) - 1))
    progress(seen)
    reveal(bench, seen)
    refusal()


def progress(seen: RoundView) -> None:
    """Who is how far, and nothing of what they said."""
    total = len(seen.round.conversations)
    for rater, voted in seen.voted.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(formatting.shortened(rater), width=200)
            st.progress(voted / total, text=f"{voted} of {total}", width=360)
    if not seen.voted:
        st.caption("Nobody has begun yet.")


def reveal(bench: Bench, seen: RoundView) -> None:
    """Show everybody all votes: for whoever started the round, or a lead."""
    total = len(seen.round.conversations)
    begun = [rater for rater, voted in seen.voted.items() if voted]
    waiting = [formatting.shortened(rater) for rater, voted in seen.voted.items() if voted < total]
    if len(begun) < 2:
        st.info(f"Agreement takes two. Send the others this page's address: ?r={seen.round.round}.")
        return
    if waiting:
        st.caption(plain(f"Still labelling: {', '.join(waiting)}. After the reveal nobody can vote any more."))
    st.button(
        "Reveal all votes",
        key="reveal",
        type="secondary" if waiting else "primary",
        disabled=not may_read(bench),
        on_click=_reveal,
        args=(bench, seen),
    )


def _note(bench: Bench, seen: RoundView, place: int, mine: Vote) -> None:
    badge(f"you said: {title(mine.code)}", "violet")
    field = f"vote_note_{place}_{mine.version}"
    with st.form(f"form_{field}", border=False):
        st.text_input("Why", value=mine.note, max_chars=LONGEST_NOTE, key=field, disabled=not may_read(bench))
        st.form_submit_button("Keep and go on", on_click=_keep_note, args=(bench, seen, place, field))
    opened = st.session_state.get(_NOTE)
    if opened and opened[0] == mine.conversation:
        focus(field, str(opened))


def _keys(bench: Bench, seen: RoundView, place: int, mine: Vote | None, gone: bool = False) -> None:
    """The line of keys at the end of the screen."""
    silent = gone or not may_read(bench)
    with st.bottom, st.container(key="voting_keys", horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("1–9 say it and go on", width="content")
        st.button(
            "Note",
            key="vote_why",
            shortcut="N",
            disabled=silent or mine is None,
            on_click=_open_note,
            args=(seen, place),
        )
        st.button("Take back", key="vote_undo", shortcut="U", disabled=silent or not (_done(seen) or mine),
                  on_click=_undo, args=(bench, seen, place))  # fmt: skip
        st.button("Back", key="vote_back", shortcut="K", disabled=place == 0, on_click=_go, args=(seen, place - 1))
        st.button("Next", key="vote_next", shortcut="J", on_click=_go, args=(seen, place + 1))


# ── what the keys do, before the page is drawn again ──


def _vote(bench: Bench, seen: RoundView, place: int, code: str) -> None:
    """Keep a vote and go on to the next conversation that this person has not labelled."""
    key = seen.round.conversations[place]
    vote = seen.mine.get(key)
    note = vote.note if vote else ""
    kept = attempt(lambda: blind_rounds.vote(bench, seen.round.round, key, code, note))
    if kept is None:
        return
    if vote is None or vote.version != kept.version:
        st.session_state.setdefault(_DONE, []).append((seen.round.round, place, kept.version))
    keys = seen.round.conversations
    if readers_of_round(seen.round):
        st.session_state.pop(_NOTE, None)
        st.query_params.from_dict({"r": seen.round.round})
        return
    later = [n for n in range(place + 1, len(keys)) if keys[n] not in seen.mine]
    _go(seen, later[0] if later else place + 1 if vote else len(keys))


def _keep_note(bench: Bench, seen: RoundView, place: int, field: str) -> None:
    mine = seen.mine[seen.round.conversations[place]]
    note = st.session_state[field]
    if attempt(lambda: blind_rounds.vote(bench, seen.round.round, mine.conversation, mine.code, note)) is not None:
        _go(seen, place + 1)


def _open_note(seen: RoundView, place: int) -> None:
    st.session_state[_NOTE] = (seen.round.conversations[place], st.session_state.get(_NOTE, ("", 0))[1] + 1)


def _done(seen: RoundView) -> list[tuple[str, int, int]]:
    return [entry for entry in st.session_state.get(_DONE, []) if entry[0] == seen.round.round]


def _undo(bench: Bench, seen: RoundView, place: int) -> None:
    """Take back what was voted last, and show where. After a reload that is the vote on screen."""
    if done := _done(seen):
        st.session_state[_DONE].remove(done[-1])
        if attempt(lambda: bench.history.undo(done[-1][2])) is not None:
            _go(seen, done[-1][1])
    else:
        key = seen.round.conversations[place]
        attempt(lambda: bench.rounds.unvote(seen.round.round, key))


def _reveal(bench: Bench, seen: RoundView) -> None:
    attempt(lambda: bench.rounds.reveal(seen.round.round))


def _go(seen: RoundView, place: int) -> None:
    st.session_state.pop(_NOTE, None)
    st.query_params.from_dict({"r": seen.round.round, "n": str(place + 1)})
