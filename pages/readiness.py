"""Readiness: of each bot what should hold by day 30, 60 and 90, as the data answers it; ?bot=BOT opens one."""

import streamlit as st

from workbench.reports.readiness import all_readiness
from workbench.text.escaping import visible
from workbench.ui.reports import readiness
from workbench.ui.shared.session import open_bench
from workbench.ui.shared.text import error, heading, text

bench = open_bench()
st.title("Readiness", anchor=False)
rows = all_readiness(bench)
text("What should hold of a bot 30, 60 and 90 days after its first conversation, as the data answers it now.")
picked = readiness.bots(rows, bench.version())
if picked is not None:
    st.query_params["bot"] = picked.bot
wanted = st.query_params.get("bot") or rows[0].bot
chosen = next((row for row in rows if row.bot == wanted), None)
if chosen is None:
    error(f"The snapshot holds no bot {visible(wanted)!r}. Pick one above.")
else:
    heading(chosen.bot)
    text(readiness.counts_line(chosen))
    readiness.checks(chosen)
