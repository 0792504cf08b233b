"""A reading list on screen: one conversation at a time, a verdict by key, and what the list added up to at its end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.conversation_detail import ConversationDetail
from workbench.errors import UserError
from workbench.judgement.records.reading import Verdict, VerdictChange
from workbench.review import reading_lists
from workbench.review.reading_lists import ReadingList
from workbench.review.sampling import Item
from workbench.review.shared_queues import next_of_list, readers_of_list, shared_list
from workbench.text import formatting
from workbench.text.escaping import plain
from workbench.ui.conversations.detail import verdict as signals_say
from workbench.ui.conversations.transcript import MOST, documents, transcript
from workbench.ui.review.reading_start import how_much_is_left, what_fails
from workbench.ui.review.shared_progress import shared_progress
from workbench.ui.review.verdict import KEYS, LONGEST_NOTE, SAID, said_by
from workbench.ui.shared.actions import attempt, may_read, refusal, why_silent
from workbench.ui.shared.focus import focus
from workbench.ui.shared.navigation import ROOT
from workbench.ui.shared.session import person
from workbench.ui.shared.text import heading

_CSS = Path(__file__).resolve().parent / "reading.css"
_DONE, _NOTE, _OPENED = "reading_done", "reading_note", "reading_notes_opened"
"""What was said in this browser session, the newest last, to take back by key; and where the note was opened."""


def place_asked(bench: Bench, listed: ReadingList) -> int:
    """The 0-based place on the list, in the address as n from 1; one beyond the last is the end.

    Without one it is where this person goes on: on a shared list what is kept for them from now on.
    """
    asked = st.query_params.get("n", "")
    if asked.isdecimal():
        place = int(asked) - 1
    elif readers_of_list(listed) and may_read(bench):
        place = next_of_list(bench, listed)
    else:
        place = listed.first_unread
    place = min(max(place, 0), len(listed.items))
    st.query_params["n"] = str(place + 1)
    return place


def screen(bench: Bench, listed: ReadingList, place: int) -> None:
    """One conversation, why it is on the list, and the keys."""
    st.html(_CSS)
    item = listed.items[place]
    mine = listed.mine.get(item.key)
    _head(bench, listed, place)
    try:
        detail = bench.conversation(item.key)
    except UserError:
        st.info("This conversation is not in the data any more. Go on with J, back with K.")
        _keys(bench, listed, place, None)
        return
    blind = item.source == "random" and mine is None
    shown = replace(detail, signals=[], candidates=[]) if blind else detail
    likely = shown.candidates[0].position if shown.candidates else None
    marked = mine.failing_turn if mine else None
    main, side = st.columns([5, 3], gap="medium")
    with main:
        # What was drawn at random is read from its beginning: where it opens must not tell what the signals said.
        before, after = (MOST // 2, MOST // 2 - 1) if item.source == "random" else (3, 8)
        transcript(shown, likely if marked is None else marked, marked=marked, before=before, after=after)
        documents(shown.conversation.retrieved, "Documents that the bot had", "documents")
    with side:
        _mine(bench, listed, place, detail, mine)
        if mine:
            for verdict in detail.verdicts:
                if verdict.reader != person():
                    said_by(verdict)
        if not blind:
            signals_say(detail)
            _candidates(bench, listed, place, shown)
    _keys(bench, listed, place, detail)


def end(bench: Bench, listed: ReadingList) -> None:
    """What this list added up to, and where to go from here."""
    heading(
        f"{listed.draw.draw} is read" if listed.first_unread == len(listed.items) else f"The end of {listed.draw.draw}"
    )
    counts = {code: sum(verdict.verdict == code for verdict in listed.mine.values()) for code in SAID}
    tally = ", ".join(f"{counts[code]} {label.lower()}" for code, label in SAID.items())
    st.text(f"{len(listed.mine)} of {len(listed.items)} read by you: {tally}.")
    with st.container(horizontal=True, vertical_alignment="center", key="reading_end"):
        st.button("Back", key="read_back", shortcut="K", on_click=_go, args=(listed, len(listed.items) - 1))
        if listed.first_unread < len(listed.items):
            st.button(
                "Go on where you left off",
                key="read_on",
                shortcut="J",
                on_click=_go,
                args=(listed, listed.first_unread),
            )
        st.button(
            "Take back",
            key="read_undo",
            shortcut="U",
            disabled=not _undoable(listed, None),
            on_click=_undo,
            args=(bench, listed, None),
        )
        st.page_link(ROOT / "pages" / "read.py", label="The next list, and the failure modes")
    if readers_of_list(listed):
        shared_progress(shared_list(bench, listed))
    bot = listed.bot
    fails, left = st.columns(2, gap="medium")
    with fails:
        what_fails(bench, bot)
    with left:
        how_much_is_left(bench, bot)


def _head(bench: Bench, listed: ReadingList, place: int) -> None:
    item = listed.items[place]
    with st.container(key="reading_head", horizontal=True, vertical_alignment="center"):
        st.page_link(ROOT / "pages" / "read.py", label="← Reading", width="content")
        st.caption(
            plain(f"{listed.draw.draw} · {place + 1} of {len(listed.items)} · {len(listed.mine)} read"), width="content"
        )
        st.caption(plain(formatting.shortened(reading_lists.why(bench, item), 120)), width="stretch")


def _mine(bench: Bench, listed: ReadingList, place: int, detail: ConversationDetail, mine: Verdict | None) -> None:
    """What this person said so far, and the line for the first thing that went wrong."""
    with st.container(border=True, key="my_verdict"):
        if mine is None:
            st.text("Read it. Did the bot fail this user?", width="stretch")
            st.caption(
                f"{formatting.count(len(detail.conversation.turns), 'turn')} · {plain(formatting.shortened(detail.conversation.bot))}"
            )
        else:
            said_by(mine)
        if mine and mine.verdict == "failed":
            field = f"note_{place}_{mine.version}"
            with st.form(f"form_{field}", border=False):
                st.text_input(
                    "The first thing that went wrong",
                    value=mine.note,
                    max_chars=LONGEST_NOTE,
                    key=field,
                    placeholder="e.g. cancelled the wrong order",
                    disabled=not may_read(bench),
                )
                st.form_submit_button(
                    "Keep and go on",
                    on_click=_keep_note,
                    args=(bench, listed, place, field),
                    disabled=not may_read(bench),
                )
            st.caption("Enter keeps the note and goes on. ↑ ↓ move the failing turn.")
            opened = st.session_state.get(_NOTE)
            if opened and opened[0] == listed.items[place].key:
                focus(field, str(opened))
        why_silent(bench)
        refusal()


def _candidates(bench: Bench, listed: ReadingList, place: int, detail: ConversationDetail) -> None:
    """The likely failing turns: a number says that it failed there."""
    reasons: dict[int, str] = {}
    for candidate in detail.candidates:
        reasons[candidate.position] = (
            f"{reasons[candidate.position]}; {candidate.why}" if candidate.position in reasons else candidate.why
        )
    if not reasons:
        return
    with st.container(border=True, key="where_it_failed"):
        st.caption("It failed where?")
        for number, (position, reason) in enumerate(reasons.items(), 1):
            st.button(
                f"Turn {position}: {plain(reason)}",
                key=f"read_turn_{number}",
                shortcut=str(number),
                width="stretch",
                disabled=not may_read(bench),
                on_click=_say,
                args=(bench, listed, place, {"verdict": "failed", "failing_turn": position}),
            )


def _keys(bench: Bench, listed: ReadingList, place: int, detail: ConversationDetail | None) -> None:
    """The line of keys at the end of the screen."""
    mine = listed.mine.get(listed.items[place].key)
    silent = detail is None or not may_read(bench)
    failed = mine is not None and mine.verdict == "failed" and not silent
    with st.bottom, st.container(key="reading_keys", horizontal=True, vertical_alignment="center", gap="small"):
        for code, label in SAID.items():
            st.button(
                label,
                key=f"read_{code}",
                shortcut=KEYS[code],
                type="primary" if mine and mine.verdict == code else "secondary",
                disabled=silent,
                on_click=_say,
                args=(bench, listed, place, {"verdict": code}),
            )
        st.button("Note", key="read_note", shortcut="N", disabled=not failed, on_click=_open_note, args=(listed, place))
        for label, key, step in (("Turn before", "Up", -1), ("Turn after", "Down", 1)):
            st.button(
                label,
                key=f"read_{key.lower()}",
                shortcut=key,
                disabled=not failed,
                on_click=_move_turn,
                args=(bench, listed, place, detail, step),
            )
        st.button(
            "Take back",
            key="read_undo",
            shortcut="U",
            disabled=silent or not _undoable(listed, place),
            on_click=_undo,
            args=(bench, listed, place),
        )
        st.button("Back", key="read_back", shortcut="K", disabled=place == 0, on_click=_go, args=(listed, place - 1))
        st.button("Next", key="read_next", shortcut="J", on_click=_go_on if mine else _go,
                  args=(listed, place if mine else place + 1))  # fmt: skip


# ── what the keys do, before the page is drawn again ──


def _say(bench: Bench, listed: ReadingList, place: int, change: VerdictChange) -> None:
    """Keep a verdict. One that needs no more words goes on to the next conversation."""
    item = listed.items[place]
    if _kept(bench, listed, item, change) is None:
        return
    if change.get("verdict") in ("fine", "unsure"):
        _go_on(listed, place)
    elif "failing_turn" not in change:
        _open_note(listed, place)


def _keep_note(bench: Bench, listed: ReadingList, place: int, field: str) -> None:
    if _kept(bench, listed, listed.items[place], {"note": st.session_state[field]}) is not None:
        _go_on(listed, place)


def _move_turn(bench: Bench, listed: ReadingList, place: int, detail: ConversationDetail, step: int) -> None:
    """Mark the message before or after as the failing turn."""
    mine = listed.mine[listed.items[place].key]
    messages = detail.folds.firsts
    start = mine.failing_turn
    if start is None:
        start = detail.candidates[0].position if detail.candidates else messages[0] - step
    beyond = [turn for turn in messages if (turn > start if step > 0 else turn < start)]
    if beyond:
        turn = min(beyond) if step > 0 else max(beyond)
        _kept(bench, listed, listed.items[place], {"failing_turn": turn})


def _kept(bench: Bench, listed: ReadingList, item: Item, change: VerdictChange) -> Verdict | None:
    before = listed.mine.get(item.key)
    kept = attempt(lambda: reading_lists.say(bench, item.key, item, listed.draw.draw, **change))
    if kept is not None and (before is None or before.version != kept.version):
        st.session_state.setdefault(_DONE, []).append((listed.draw.draw, listed.items.index(item), kept.version))
    return kept


def _undoable(listed: ReadingList, place: int | None) -> bool:
    done = [entry for entry in st.session_state.get(_DONE, []) if entry[0] == listed.draw.draw]
    return bool(done) or (place is not None and listed.items[place].key in listed.mine)


def _undo(bench: Bench, listed: ReadingList, place: int | None) -> None:
    """Take back what was said last, and show where. After a reload that is the verdict on screen."""
    done = st.session_state.get(_DONE, [])
    last = next((entry for entry in reversed(done) if entry[0] == listed.draw.draw), None)
    st.session_state.pop(_NOTE, None)
    if last is not None:
        done.remove(last)
        if attempt(lambda: bench.history.undo(last[2])) is not None:
            _go(listed, last[1])
    elif place is not None:
        attempt(lambda: bench.unread(listed.items[place].key))


def _open_note(listed: ReadingList, place: int) -> None:
    # Counted over all notes: the cursor is put into the field once for each count.
    st.session_state[_OPENED] = count = st.session_state.get(_OPENED, 0) + 1
    st.session_state[_NOTE] = (listed.items[place].key, count)


def _go(listed: ReadingList, place: int) -> None:
    st.session_state.pop(_NOTE, None)
    st.query_params.from_dict({"d": listed.draw.draw, "n": str(place + 1)})


def _go_on(listed: ReadingList, place: int) -> None:
    """To the next place; on a shared list to what is left for this person."""
    _go(listed, place + 1)
    if readers_of_list(listed):
        st.query_params.from_dict({"d": listed.draw.draw})
