"""Forgetting a text from the browser: first where it stands, then, for good, what the history says of it."""

from __future__ import annotations

import streamlit as st

from workbench.bench.bench import Bench
from workbench.errors import WorkbenchError
from workbench.judgement.forgetting import describe_forgotten
from workbench.ui.shared.session import person
from workbench.ui.shared.text import error, text

_TEXT, _DONE = "forget_text", "forgotten"


def forgetting(bench: Bench) -> None:
    """The form to forget a name, an id or an address; a lead's, and nothing happens before they saw what it touches."""
    with st.expander("Forget a name or an address", key="forget"):
        st.caption(
            "What labels, tickets and notes said with it is blanked in the history, for good; that something was changed, "
            "when and by whom stays. What holds now stays too, and is listed."
        )
        if done := st.session_state.pop(_DONE, ""):
            text(done)
        if not person() or bench.pod.role_of(person()) != "lead":
            st.caption("Forgetting takes a lead." if person() else "Say your name at the top first.")
            return
        wanted = st.text_input(
            "Text", key=_TEXT, placeholder="All of it, like jo@example.org", max_chars=200, width=360
        )
        if wanted and wanted.strip():
            _where_it_stands(bench, wanted)


def _where_it_stands(bench: Bench, wanted: str) -> None:
    try:
        places = bench.forget(wanted, dry_run=True)
    except WorkbenchError as e:
        error(e)
        return
    text("\n".join(describe_forgotten(places, done=False)))
    st.button("Forget for good", key="forget_now", disabled=not places.events, on_click=_forget, args=(bench, wanted))


def _forget(bench: Bench, wanted: str) -> None:
    try:
        done = "\n".join(describe_forgotten(bench.forget(wanted), done=True))
    except WorkbenchError as e:
        done = str(e)
    else:
        st.session_state[_TEXT] = ""  # so that it doesn't stay on screen
    st.session_state[_DONE] = done
