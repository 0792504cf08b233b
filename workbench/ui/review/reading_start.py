"""Where reading begins: a new list, the lists to go on with, and what all reading added up to."""

from __future__ import annotations

import streamlit as st

from workbench.bench.bench import Bench
from workbench.review import reading_lists, wording
from workbench.review.estimate import Interval
from workbench.review.shared_queues import readers_of_list
from workbench.text import formatting
from workbench.text.escaping import plain
from workbench.ui.shared.actions import attempt, may_read, refusal, why_silent
from workbench.ui.shared.navigation import ROOT, go
from workbench.ui.shared.session import person

EVERY = "all bots"
_MIXES = {
    "A bit of each": "mixed",
    "At random": "random",
    "Typical failures": "typical",
    "Unlike what was read": "novel",
    "To learn most": "learn",
}
_HELP = (
    "A bit of each: in turn one at random, one typical of a large cluster, one unlike all that was read. Only those at random "
    "say how much fails: they come unflagged and flagged alike, and hide what the signals said until you have judged. "
    "To learn most: picked where nothing is sure and many unread ones ask the same; it counts in no rate. The learned score "
    "gains as much from reading at random."
)
_COUNTS = (10, 30, 60)


def bot_asked(bench: Bench) -> str:
    """The bot that reading is about, from the address; empty for all."""
    bots = [EVERY, *bench.choices().bot]
    chosen = EVERY
    if len(bots) > 2:
        chosen = st.selectbox("Bot", bots, key="bot", bind="query-params", width=240)
    return "" if chosen == EVERY else chosen


def new_list(bench: Bench, bot: str) -> None:
    """Start a reading list, or go on with one."""
    with st.container(border=True, key="start_reading"):
        st.subheader("Read", anchor=False)
        mix = st.segmented_control("What", list(_MIXES), default="A bit of each", required=True, help=_HELP, key="mix")
        count = st.segmented_control("How many", _COUNTS, default=_COUNTS[0], required=True, key="how_many")
        readers = st.segmented_control(
            "Read by",
            [0, 1, 2, 3],
            default=0,
            required=True,
            key="readers",
            format_func=_read_by,
            width="stretch",
            help="Shared out: whoever opens the list gets what is left for them; nobody reads what enough others have read.",
        )
        if st.button("Start reading", type="primary", shortcut="S", key="start", disabled=not may_read(bench)):
            made = attempt(
                lambda: reading_lists.start(bench, _MIXES[mix or ""], count or _COUNTS[0], bot, readers=readers or 0)
            )
            if made is not None:
                go("read", d=made.draw.draw, **({} if readers else {"n": "1"}))
        why_silent(bench)
        refusal()
        for listed in reading_lists.open_lists(bench)[:5] if person() else []:
            st.page_link(
                ROOT / "pages" / "read.py",
                label=plain(
                    f"Go on with {listed.draw.draw}: {len(listed.mine)} of {len(listed.items)} read"
                    + (f", {listed.bot}" if listed.bot else "")
                    + (", shared" if readers_of_list(listed) else "")
                ),
                query_params={"d": listed.draw.draw}
                | ({} if readers_of_list(listed) else {"n": str(listed.first_unread + 1)}),
            )


def _read_by(readers: int) -> str:
    return "Me alone" if not readers else f"Shared, {formatting.count(readers, 'reader')} each"


def what_fails(bench: Bench, bot: str) -> None:
    """The failure rate of all conversations, and what the signals find of it, from those read at random."""
    estimated = reading_lists.estimated(bench, bot)
    with st.container(border=True, key="what_fails"):
        st.subheader("How much fails", anchor=False)
        if estimated is not None and estimated.estimate.rate is not None:
            estimate = estimated.estimate
            figures = [
                ("All conversations that fail", estimate.rate),
                ("Failures that the signals flag", estimate.recall),
                ("Flagged ones that do fail", estimate.precision),
            ]
            for column, (label, figure) in zip(st.columns(3, gap="small"), figures, strict=True):
                with column:
                    _figure(label, figure)
            st.text(wording.missed(estimated), width="stretch")
        st.caption(wording.sample(estimated))


def how_much_is_left(bench: Bench, bot: str) -> None:
    """The saturation meter."""
    seen = reading_lists.seen_so_far(bench, bot)
    with st.container(border=True, key="saturation"):
        st.subheader("How many kinds of failure there are", anchor=False)
        st.text(wording.saturation(seen), width="stretch")
        st.text(wording.unseen(seen), width="stretch")
        st.caption(
            "A kind is the failure mode that a note was put into, else the conversation's cluster, else the note's own words."
        )


def _figure(label: str, figure: Interval | None) -> None:
    with st.container(key=f"figure_{label.split()[0].lower()}"):
        if figure is None:
            st.metric(label, "–")
            return
        value, _, bounds = wording.interval(figure).partition(" (")
        st.metric(label, value, delta=bounds.rstrip(")"), delta_color="off", delta_arrow="off", help="95 % interval.")
