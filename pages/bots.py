"""Bots: how each fares, who answers for it, what its tools do; and the people here with their roles."""

import streamlit as st

from workbench.bench.filter import Filter
from workbench.reports import inventory, sla
from workbench.reports.bots import bot_rows, tool_rows
from workbench.reports.transitions import matrix
from workbench.ui.reports import bots, people
from workbench.ui.reports import inventory as files
from workbench.ui.reports.prompts import prompts
from workbench.ui.reports.transitions import transition_matrix
from workbench.ui.shared import progress
from workbench.ui.shared.session import open_bench
from workbench.ui.shared.tables import downloads
from workbench.ui.shared.text import error, heading, text

bench = open_bench()
rows = bot_rows(bench)
clocks = sla.clocks(bench)
flags = inventory.flagged(bench, clocks)
st.title("Bots", anchor=False)
text(bots.unowned(rows))
picked = bots.bot_table(rows, flags, bench.version())
if picked is not None:
    st.query_params["b"] = picked.bot
downloads("bots", lambda: rows, "bots")
with st.expander("Inventory as a file, and by provider"):
    as_file, by_provider = st.columns(2, gap="medium")
    with as_file:
        files.as_file(bench, inventory.inventory_rows(bench.pod.bots(), flags))
    with by_provider:
        files.providers(bench, clocks)

wanted = st.query_params.get("b") or rows[0].bot
chosen = next((row for row in rows if row.bot == wanted), None)
if chosen is None:
    error(f"The snapshot holds no bot {wanted!r}. Pick one above.")
else:
    heading(chosen.bot)
    bots.readiness_link(chosen.bot)
    if chosen.conversations:
        release = bots.release_asked(chosen)
        of_bot = Filter(bot=(chosen.bot,), release=(release,) if release else ())
        transition_matrix(bench, matrix(bench, of_bot), of_bot)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        bots.who_answers(bench, chosen)
    with right:
        called = tool_rows(bench, chosen.bot)
        if any(tool.waits for tool in called):
            progress.builds()  # the analysis that they wait for, once it runs
        bots.tools(bench, chosen.bot, called)
    prompts(bench, chosen.bot)

st.subheader("People and roles", anchor=False)
people.roles(bench)
bots.say_done()
