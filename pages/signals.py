"""Signals: what each is worth on a bot, what was learned from labels, and the switch for those that mislead."""

import streamlit as st

from workbench.reports.scorecards import likely, scorecards
from workbench.text import formatting
from workbench.ui.clusters.suspected import precision_lines
from workbench.ui.reports import scorecards as cards
from workbench.ui.shared import progress
from workbench.ui.shared.navigation import go
from workbench.ui.shared.session import open_bench
from workbench.ui.shared.tables import downloads
from workbench.ui.shared.text import text

bench = open_bench()
st.title("Signals", anchor=False)
bot = cards.bot_picker(bench.choices().bot)
scores = scorecards(bench, bot)
if scores.waits:
    progress.builds()  # the analysis that they wait for, once it runs
    cards.waiting(scores)

text(cards.in_sentences(scores))
precision_lines(bench, [bot])
picked = cards.card_table(scores.cards, bench.version())
with st.container(horizontal=True, vertical_alignment="center"):
    downloads("signals", scores.rows, f"signals-{bot}")
    st.caption(f"{formatting.count(len(scores.cards), 'signal')}. A click shows one, with examples and its switch.")
chosen = cards.chosen(scores.cards, picked)
if chosen is not None:
    cards.detail(bench, chosen)
    cards.conversations_of(bench, chosen)

st.subheader("The learned score", anchor=False)
cards.learned(scores.learned)
if scores.learned is not None and scores.learned.on:
    st.markdown("**To read next: they count as fine, nobody confirmed it, and they are most like what failed**")
    rows = likely(bench, bot)
    if not rows:
        st.caption(
            "None: for every conversation of this bot, the log or a person says how it went, or it already counts as failing."
        )
    else:
        opened = cards.likely_table(rows, bench.version())
        downloads("likely", lambda: rows, f"likely-{bot}")
        if opened is not None:
            go("conversation", k=opened.key)
