"""Two releases of a bot side by side: ?b=BOT&r=RELEASE&r2=RELEASE."""

import streamlit as st

from workbench.reports.releases import compare_releases
from workbench.ui.conversations.prompt import between_releases
from workbench.ui.reports import releases
from workbench.ui.reports.transitions import transition_matrix
from workbench.ui.shared.session import open_bench
from workbench.ui.shared.text import text

bench = open_bench()
st.title("Releases", anchor=False)
chosen = releases.pick_releases(bench)
if chosen is not None:
    comparison = compare_releases(bench, *chosen)
    text(releases.time_compared(comparison))
    releases.figures(comparison)
    releases.clusters(comparison, bench.version())
    st.caption(releases.changed(comparison.clusters))
    between_releases(bench, comparison.bot, comparison.here, comparison.there)
    transition_matrix(bench, comparison.matrix, comparison.filter, comparison.there)
