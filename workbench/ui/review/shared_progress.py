"""How far a shared reading list is, and how far its readers agree."""

from __future__ import annotations

import streamlit as st

from workbench.review import wording
from workbench.review.shared_queues import Shared
from workbench.text import formatting
from workbench.text.escaping import visible


def shared_progress(shared: Shared) -> None:
    """What is read by as many as wanted, who read how much, and alpha as soon as it can be told."""
    with st.container(border=True, key="shared_progress"):
        st.subheader("Shared out", anchor=False)
        st.progress(
            shared.complete / shared.items,
            text=f"{shared.complete:,} of {shared.items:,} read by {formatting.count(shared.readers, 'person', 'people')}",
        )
        for name, read in shared.by_person.items():
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text(visible(formatting.shortened(name)), width=200)
                st.text(formatting.count(read, "conversation"))
        st.text(wording.alpha_so_far(shared.alpha), width="stretch")
