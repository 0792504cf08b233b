"""Triage sessions: plan the next one, go on with one that is open, read the minutes of the others."""

import streamlit as st

from workbench import ui
from workbench.ui import triage_agenda

bench = ui.bench()
st.title("Triage sessions", anchor=False)
plan, held = st.columns([3, 2], gap="large")
with plan:
    triage_agenda.plan(bench)
with held:
    triage_agenda.held(bench)
