"""The root causes on screen: the list with how often each is said, one of them to be edited, and how a pod changes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import streamlit as st

from workbench.bench.bench import Bench
from workbench.errors import Conflict, WorkbenchError
from workbench.judgement.causes import CauseChange
from workbench.judgement.taxonomy import CauseRow
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.ui.shared.conflict import conflict
from workbench.ui.shared.session import VISIT, person
from workbench.ui.shared.tables import pick
from workbench.ui.shared.text import badge, error, heading, note

DONE = "taxonomy_done"
_SEEN = "cause_seen"
_NAMELESS = "Say your name at the top first."
_text, _number = st.column_config.TextColumn, st.column_config.NumberColumn
_COLOURS = {"offered": "green", "retired": "gray", "merged": "violet"}


def cause_table(rows: Sequence[CauseRow], version: str) -> CauseRow | None:
    """Every root cause; the one that was picked."""
    shown = [
        {
            "Root cause": visible(row.title),
            "What it means": visible(row.meaning),
            "Whose work": visible(row.discipline),
            "Clusters": row.clusters,
            "Conv.": row.conversations,
            "Contrib.": row.contributing,
            "Tickets": row.tickets,
            "State": f"merged into {row.merged_into}" if row.merged_into else row.state,
            "Code": row.code,
        }
        for row in rows
    ]
    config = {
        "Root cause": _text(width=130),
        "What it means": _text(width=215),
        "Whose work": _text(width=100),
        "Clusters": _number(width=62, help="Clusters labelled with it; their conversations inherit it."),
        "Conv.": _number(width=55, help="Conversations that were labelled with it on their own."),
        "Contrib.": _number(width=62, help="Labels that name it as a contributing cause."),
        "Tickets": _number(width=58),
        "State": _text(width=95, help="A retired or merged cause is no longer offered, but stays readable."),
        "Code": _text(width=125, help="What exports and the command line say."),
    }
    picked = pick("causes", shown, config, version, tallest=20)
    return None if picked is None else rows[picked]


def add_form(bench: Bench) -> str | None:
    """A menu with the form of a new root cause; its code once it was added."""
    with st.popover("Add a root cause", key="add_cause", disabled=not person(), help=None if person() else _NAMELESS):
        with st.form("add_cause_form", border=False):
            code = st.text_input(
                "Code",
                max_chars=40,
                key="new_code",
                placeholder="late-refund",
                help="For exports and the command line; it stays.",
            )
            given = _fields(None, "new")
            if not st.form_submit_button("Add", type="primary"):
                return None
        try:
            return bench.causes.add(code or "", **given).code
        except WorkbenchError as e:
            error(e)
            return None


def cause_panel(bench: Bench, row: CauseRow, rows: Sequence[CauseRow]) -> None:
    """One root cause: its words to be edited, and the ways to retire and to merge it."""
    with st.container(border=True, key="cause_panel"):
        with st.container(horizontal=True, vertical_alignment="center"):
            heading(row.title, level=3)
            badge(row.code)
            badge(f"merged into {row.merged_into}" if row.merged_into else row.state, _COLOURS[row.state])  # type: ignore[arg-type]
        _words(bench, row)
        _moves(bench, row, rows)


def _fields(row: CauseRow | None, key: str) -> CauseChange:
    title = st.text_input("Title", row.title if row else "", max_chars=60, key=f"{key}_title")
    meaning = st.text_area(
        "Definition", row.meaning if row else "", height=76, max_chars=500, key=f"{key}_meaning",
        placeholder="When does a failure belong here, and when not?",
    )  # fmt: skip
    discipline = st.text_input(
        "Whose work it usually is", row.discipline if row else "", max_chars=60, key=f"{key}_discipline"
    )
    hint = st.text_area(
        "What in the log suggests it", row.hint if row else "", height=76, max_chars=500, key=f"{key}_hint"
    )
    examples = st.text_area(
        "Examples, one a line",
        "\n".join(row.examples) if row else "",
        height=110,
        max_chars=4_000,
        key=f"{key}_examples",
    )
    given = {"title": title, "meaning": meaning, "discipline": discipline, "hint": hint}
    return cast(
        CauseChange, {name: value or "" for name, value in given.items()} | {"examples": (examples or "").splitlines()}
    )


def _words(bench: Bench, row: CauseRow) -> None:
    """The form of the words. What was typed stays where somebody else changed them meanwhile, and both are shown."""
    seen = _row_seen(row)
    key = f"cause_{seen.code}_{seen.version}"
    above = st.container()
    with st.form(key, border=False):
        given = _fields(seen, key)
        saved = st.form_submit_button("Save", type="primary", shortcut="S", disabled=not person(), help=None if person() else _NAMELESS)  # fmt: skip
    typed = {name: value for name, value in given.items() if value != _value(seen, name)}
    if saved:
        try:
            base = st.session_state.pop(f"{key}_base", seen.version)
            bench.causes.edit(row.code, base, **cast(CauseChange, typed))
        except Conflict:
            st.session_state[f"{key}_typed"] = typed
        except WorkbenchError as e:
            with above:
                error(e)
        else:
            done(f"{row.title} is saved")
    if row.version != seen.version and f"{key}_base" not in st.session_state:
        with above:
            _overtaken(bench, row, seen, key)


def _row_seen(row: CauseRow) -> CauseRow:
    """The row as it was when it was opened: the fields must not change under what is typed."""
    here = (row.code, st.session_state.get(VISIT))
    seen = st.session_state.get(_SEEN)
    if seen is None or seen[0] != here:
        st.session_state[_SEEN] = seen = (here, row)
    return cast(CauseRow, seen[1])


def _overtaken(bench: Bench, row: CauseRow, seen: CauseRow, key: str) -> None:
    typed: dict[str, Any] = st.session_state.get(f"{key}_typed", {})
    names = CauseChange.__annotations__
    differing = [name for name in names if name in typed or _value(row, name) != _value(seen, name)]
    conflict(
        bench,
        f"cause:{row.code}",
        row.code,
        {name: _value(row, name) for name in differing},
        typed,
        keep=lambda: st.session_state.update({f"{key}_base": row.version}),
        take=lambda: st.session_state.pop(_SEEN, None),
    )


def _value(row: CauseRow, name: str) -> Any:
    value = getattr(row, name)
    return list(value) if isinstance(value, tuple) else value


def _moves(bench: Bench, row: CauseRow, rows: Sequence[CauseRow]) -> None:
    """Retire, offer again, merge, take a merge back; each undone on the page Activity, too."""
    lead = bool(person()) and bench.pod.role_of(person()) == "lead"
    labels = formatting.count(row.clusters + row.conversations + row.contributing, "label")
    try:
        if row.merged_into:
            note(f"Its labels followed to {row.merged_into}.")
            if st.button("Take the merge back", key="unmerge", disabled=not lead):
                back = bench.causes.unmerge(row.code)
                done(
                    f"{row.title} stands alone again; {formatting.count(back, 'label or ticket', 'labels and tickets')} came back"
                )
        elif row.state == "retired":
            note(f"Offered no more; {labels} still say it.")
            if st.button("Offer it again", key="offer", disabled=not lead):
                bench.causes.retire(row.code, retired=False)
                done(f"{row.title} is offered again")
        else:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                others = {
                    other.code: other.title for other in rows if other.state == "offered" and other.code != row.code
                }
                into = st.selectbox(
                    "Merge into", list(others), index=None, format_func=lambda code: others[code], key=f"into_{row.code}",
                    placeholder="Another root cause", help=f"{labels} and {formatting.count(row.tickets, 'ticket')} follow, each as a change that can be undone.",
                )  # fmt: skip
                if st.button("Merge", key="merge", disabled=not (lead and into)):
                    followed = bench.causes.merge(row.code, into or "")
                    done(f"Merged; {formatting.count(followed, 'label or ticket', 'labels and tickets')} followed")
                if st.button(
                    "Retire", key="retire", disabled=not lead, help="Offered no more; what was labelled with it stays."
                ):
                    bench.causes.retire(row.code)
                    done(f"{row.title} is retired")
        if not lead:
            st.caption("Merging and retiring take a lead." if person() else _NAMELESS)
    except WorkbenchError as e:
        error(e)


def done(sentence: str) -> None:
    """Show the page as it is now, with a word about what was done."""
    st.session_state.pop(_SEEN, None)
    st.session_state[DONE] = sentence
    st.rerun()
