"""Triage sessions: plan the next one, go on with one that is open, read the minutes of the others."""

import streamlit as st

from workbench.ui.shared.session import open_bench
from workbench.ui.triage import agenda

bench = open_bench()
st.title("Triage sessions", anchor=False)
agenda.running(bench)
plan, held = st.columns([3, 2], gap="large")
with plan:
    agenda.plan(bench)
with held:
    agenda.held(bench)
