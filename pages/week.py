"""This week: what is new, back, rising and fading, what was promised, what is mine, and what the logs can't show."""

import streamlit as st

from workbench.ui.reports import week
from workbench.ui.shared.session import open_bench

bench = open_bench()
report = week.report_asked(bench)
week.bots(report, bench.version())
changed, waiting = st.columns([2, 1], gap="medium")
with changed:
    week.moved(report)
with waiting:
    week.promised(report)
    week.mine(report)
    week.silent(bench, report)
    week.lacking(report)
