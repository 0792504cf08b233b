"""Reading: conversations one at a time with a verdict by key, how much fails, and the failure modes in readers' notes."""

import streamlit as st

from workbench.review import reading_lists
from workbench.ui.review import failure_modes, reading_list, reading_start
from workbench.ui.shared.session import open_bench

bench = open_bench()
if asked := st.query_params.get("d"):
    listed = reading_lists.reading_list(bench, asked)
    place = reading_list.place_asked(bench, listed)
    if place == len(listed.items):
        reading_list.end(bench, listed)
    else:
        reading_list.screen(bench, listed, place)
else:
    st.title("Read", anchor=False)
    bot = reading_start.bot_asked(bench)
    start, results = st.columns(2, gap="medium")
    with start:
        reading_start.new_list(bench, bot)
    with results:
        reading_start.what_fails(bench, bot)
        reading_start.how_much_is_left(bench, bot)
    failure_modes.modes(bench)
