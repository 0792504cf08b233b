"""Health: one bot's rates and containment by week, its releases, what drifts, and what its log lacks."""

import streamlit as st

from workbench.reports.health import bots, health
from workbench.reports.health_wording import release_rows, week_rows
from workbench.ui.logs.imports import gap_list
from workbench.ui.reports import health as parts
from workbench.ui.shared.navigation import go
from workbench.ui.shared.session import open_bench
from workbench.ui.shared.tables import downloads

bench = open_bench()
st.title("Health", anchor=False)
bot = parts.bot_picker(bots(bench), bench.version())
found = health(bench, bot)
drifted = parts.drift_of(bench, bot)

parts.summary(found)
st.subheader("By week", anchor=False)
parts.week_charts(found)
if found.weeks:
    downloads("weeks", lambda: week_rows(found, drifted), f"weeks-{bot}")

st.subheader("Releases", anchor=False)
parts.release_table(found)
if found.named:
    downloads("releases", lambda: release_rows(found), f"releases-{bot}")

st.subheader("Drift", anchor=False)
picked = parts.drift(found, drifted)
if picked is not None:
    go("conversation", k=picked.key)

st.subheader("What this bot's log lacks", anchor=False)
gap_list(found.without, found.roles, "this bot's conversations")
