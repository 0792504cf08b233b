"""Who changed what, and when: each event of judgement as a sentence, with the way back."""

from __future__ import annotations

import json

import streamlit as st

from workbench.judgement.activity import undoable
from workbench.judgement.event_wording import sentence
from workbench.judgement.records.events import Event
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.text.masking import mask
from workbench.ui.shared.navigation import ROOT
from workbench.ui.shared.text import code

# --- finding --------------------------------------------------------------------------------------------------------


# --- saying ---------------------------------------------------------------------------------------------------------


# --- drawing --------------------------------------------------------------------------------------------------------


def event_row(event: Event, can_undo: bool) -> bool:
    """One event: when, what, where to, before and after on demand; true when somebody wants it undone."""
    with st.container(key=f"event_{event.sequence}", horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"{event.sequence} · {formatting.minute(event.at)}", width=190)
        st.text(visible(sentence(event)), width="stretch")
        _link(event)
        with st.popover("Before, after", key=f"change_{event.sequence}", type="tertiary", on_change="rerun") as change:
            if change.open:
                _states(event)
        return undoable(event) and st.button(
            "Undo", key=f"undo_{event.sequence}", type="tertiary", disabled=not can_undo
        )


def _link(event: Event) -> None:
    kind, *rest = event.subject.split(":", 2)
    if kind == "label" and rest[0] == "conversation":
        target = ("conversation", "Open", {"k": rest[1]})
    elif kind == "verdict":
        target = ("conversation", "Open", {"k": rest[0]})
    elif kind in ("draw", "mode"):
        target = ("read", plain(rest[0]), {"d" if kind == "draw" else "m": rest[0]})
    elif (kind == "label" and rest[0] == "cluster") or kind in ("owner", "mute", "decision"):
        target = ("cluster", plain(rest[-1]), {"c": rest[-1]})
    elif kind == "ticket":
        target = ("ticket", plain(rest[0]), {"t": rest[0]})
    elif kind in ("round", "vote"):
        target = ("agreement", plain(rest[0]), {"r": rest[0]})
    elif kind == "session":
        target = ("session", plain(rest[0]), {"s": rest[0]})
    elif kind == "cause":
        target = ("taxonomy", plain(rest[0]), {"code": rest[0]})
    elif kind == "import":
        target = ("data", "Data: undo it there" if event.what == "imported" else "Data", {"import": rest[0]})
    elif kind == "snapshot" and event.what == "rolled back to":
        target = ("data", "Data: roll back there", {})
    else:
        return
    page, label, query = target
    st.page_link(ROOT / "pages" / f"{page}.py", label=label, query_params=query)


def _states(event: Event) -> None:
    if event.forgotten:
        st.caption("What this event changed has been forgotten.")
    if event.damaged:
        st.caption("What this event changed is not as it was written: `python -m workbench doctor` says more.")
    if event.subject.startswith("vote:"):
        st.caption("Votes stand on the page of their round, once it is revealed.")
        return
    for title, state in (("Before", event.before), ("After", event.after)):
        st.caption(title)
        code("nothing" if state is None else mask(json.dumps(state, ensure_ascii=False, indent=1)), "json")
