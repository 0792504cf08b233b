"""Triage sessions: plan the next one, go on with one that is open, read the minutes of the others."""

import streamlit as st

from workbench.ui import session, triage_agenda

bench = session.bench()
st.title("Triage sessions", anchor=False)
plan, held = st.columns([3, 2], gap="large")
with plan:
    triage_agenda.plan(bench)
with held:
    triage_agenda.held(bench)
