"""Health: one bot's rates and containment by week, its releases, what drifts, and what its log lacks."""

import streamlit as st

from workbench.reports.health import bots, health
from workbench.reports.health_rows import release_rows, week_rows
from workbench.ui.logs.imports import gap_list
from workbench.ui.reports.health import bot_picker, drift, drift_of, release_table, summary
from workbench.ui.reports.health_charts import week_charts
from workbench.ui.review.instruments import evaluators
from workbench.ui.shared.navigation import go
from workbench.ui.shared.session import open_bench
from workbench.ui.shared.tables import downloads

bench = open_bench()
st.title("Health", anchor=False)
bot = bot_picker(bots(bench), bench.version())
rates = health(bench, bot)
drifted = drift_of(bench, bot)

summary(rates)
st.subheader("By week", anchor=False)
week_charts(rates)
if rates.weeks:
    downloads("weeks", lambda: week_rows(rates, drifted), f"weeks-{bot}")

st.subheader("Releases", anchor=False)
release_table(rates)
if rates.named:
    downloads("releases", lambda: release_rows(rates), f"releases-{bot}")

st.subheader("Drift", anchor=False)
picked = drift(rates, drifted)
if picked is not None:
    go("conversation", k=picked.key)

st.subheader("Evaluators", anchor=False)
evaluators(bench, bot)

st.subheader("What this bot's log lacks", anchor=False)
gap_list(rates.without, rates.roles, "this bot's conversations")
