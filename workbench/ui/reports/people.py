"""Who works here and in which role; a lead changes roles."""

from __future__ import annotations

import streamlit as st

from workbench.bench.bench import Bench
from workbench.errors import WorkbenchError
from workbench.judgement.records.pod import ROLES
from workbench.text.escaping import visible
from workbench.ui.reports.bots import done
from workbench.ui.shared.people import name_box
from workbench.ui.shared.session import person
from workbench.ui.shared.tables import ROW_HEIGHT
from workbench.ui.shared.text import error

_NO_ROLE = "none"
_SHOWN = 12


def roles(bench: Bench) -> None:
    """Everybody who is remembered, with the role given and the one that counts; for a lead, the form to change it."""
    st.caption(
        "A viewer reads, a triager labels and decides, a lead also merges causes, forgets (on the page Activity) and gives "
        "roles. Whoever was given none is a lead on a local store; on a shared one a viewer, once anybody has a role."
    )
    people = bench.pod.people()
    if not people:
        st.info("Nobody is remembered yet. Say your name at the top: it stands beside what you label.")
    else:
        st.dataframe(
            [
                {
                    "Name": visible(person.name),
                    "Role given": person.role or _NO_ROLE,
                    "Counts as": bench.pod.role_of(person.name),
                }
                for person in people
            ],
            hide_index=True,
            row_height=ROW_HEIGHT,
            height=ROW_HEIGHT * (min(len(people), _SHOWN) + 1) + 2,
            width=560,
            alt="people",
        )
    if not person() or bench.pod.role_of(person()) != "lead":
        st.caption("Giving roles takes a lead." if person() else "Say your name at the top first.")
        return
    given = {person.name: person.role for person in people}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=280):
            name = name_box("Person", sorted({*given, person()}), person(), "person", "role")
        choices = [_NO_ROLE, *ROLES]
        now = given.get(name or "") or _NO_ROLE
        role = st.selectbox("Role", choices, index=choices.index(now), key=f"role_{name}_{now}", width=160)
        saved = st.button("Give role", key="give_role", disabled=not name)
    if saved and name:
        try:
            bench.pod.set_role(name, None if role == _NO_ROLE else role)
        except WorkbenchError as e:
            error(e)
        else:
            done("Saved. Undo stands on the page Activity.")
