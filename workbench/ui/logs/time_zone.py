"""The pod's time zone, by whose clocks weeks begin: which it is, since when it counts, and the form that sets it."""

from __future__ import annotations

import streamlit as st

from workbench.bench.bench import Bench
from workbench.dates import zone_names
from workbench.errors import WorkbenchError
from workbench.ui.shared.session import person
from workbench.ui.shared.text import error


def time_zone_form(bench: Bench) -> None:
    """Set the zone whose weeks are counted; a lead's, since every trend and the week's report go by it."""
    lead = bool(person()) and bench.pod.role_of(person()) == "lead"
    zone, counted = bench.pod.time_zone(), bench.evidence.time_zone
    names = zone_names()
    with st.form("time_zone"):
        st.subheader("Weeks", anchor=False)
        chosen = st.selectbox(
            "The pod's time zone", names, index=names.index(zone) if zone in names else None, key="pod_time_zone"
        )
        st.caption(
            f"A week begins on Monday at midnight there. Set is {zone}; the weeks shown are those of {counted} until the next analysis."
            if zone != counted
            else "A week begins on Monday at midnight there. A change takes effect with the next analysis."
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            pressed = st.form_submit_button("Set the time zone", key="set_time_zone", disabled=not lead)
            if not lead:
                st.caption("This takes a lead." if person() else "Say your name at the top first.", width="content")
    if pressed:
        try:
            bench.pod.set_time_zone(chosen)
        except WorkbenchError as e:
            error(e)
        else:
            st.rerun()
