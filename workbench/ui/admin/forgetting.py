"""Forgetting somebody from the browser: first what goes and what stays out of reach, then, for good, all of it."""

from __future__ import annotations

import streamlit as st

from workbench.admin import forgetting as admin
from workbench.bench.bench import Bench
from workbench.errors import WorkbenchError
from workbench.ui.shared.session import person
from workbench.ui.shared.text import error, text

_TEXT, _SURE, _DONE, _LOOKED_UP = "forget_text", "forget_sure", "forgotten", "forget_looked_up"


def forgetting(bench: Bench) -> None:
    """The form to forget a name, an id or an address; a lead's, and nothing happens before they saw what it touches."""
    with st.expander("Forget a person", key="forget"):
        st.caption(
            "Conversations of this user, or with this name or address in them, are erased for good, with the older snapshots. Labels, "
            "tickets and notes lose what they say of it, and so does the history; that something was changed, when and by "
            "whom stays."
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
            _what_goes(bench, wanted.strip())


def _what_goes(bench: Bench, wanted: str) -> None:
    asked = (wanted, bench.version())
    try:
        if st.session_state.get(_LOOKED_UP, ("", None))[0] != asked:  # a search of every file, so once for a text
            with st.spinner("Searching every file of the store…"):
                st.session_state[_LOOKED_UP] = (asked, admin.find(bench.store, wanted, bench.actor))
        erased = st.session_state[_LOOKED_UP][1]
    except WorkbenchError as e:
        error(e)
        return
    text("\n".join(admin.describe_erased(erased, done=False)))
    if erased.conversations > admin.MANY:
        st.checkbox(f"All {erased.conversations:,} of them, if they are more than one person's", key=_SURE)
    nothing = not (erased.conversations or erased.forgotten.events or erased.forgotten.changed)
    st.button("Forget for good", key="forget_now", disabled=nothing, on_click=_forget, args=(bench, wanted))


def _forget(bench: Bench, wanted: str) -> None:
    st.session_state.pop(_LOOKED_UP, None)
    try:
        with st.spinner("Erasing it, and building without it…"):
            erased = admin.forget(bench.store, wanted, bench.actor, sure=bool(st.session_state.get(_SURE)))
    except WorkbenchError as e:
        done = str(e)
    else:
        done = "\n".join(admin.describe_erased(erased, done=True))
        st.session_state[_TEXT] = ""  # so that it doesn't stay on screen
    st.session_state[_DONE] = done
