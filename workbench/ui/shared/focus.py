"""What Streamlit can't do with keys itself: to put the cursor into a field, to lose no press while a page redraws, to show
what each key does, and to tell a table's cell that the keys went to from one that was clicked.

The scripts are files of ours, so that the Content-Security-Policy needs no exception.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import RerunException

_HERE = Path(__file__).resolve().parent
_PACKAGE = "workbench"
_SCRIPTS = ("focus", "grid", "keymap", "keys")
_ASKED = "cursor_asked"
_RUNS = "runs_of_pages"
_TABLES = "tables_touched"
_CELLS = "cells_reached"


def focus(field: str, again: str) -> None:
    """Put the cursor into the widget with the key `field`, once for each value of `again`."""
    _run("focus", f"focus_{field}", field=field, again=again)


def opened_cell(table: str, cell: tuple[int, str] | None) -> tuple[int, str] | None:
    """The selected cell of the table with this key where somebody means to open it: clicked it, or pressed Enter on it.

    None for a cell to which only the arrows went.
    """
    touched = st.session_state.get(_TABLES) or {}
    reached: dict[str, tuple[tuple[int, str], bool]] = st.session_state.setdefault(_CELLS, {})
    if cell is None:
        reached.pop(table, None)
        return None
    before, by_keys = reached.get(table, (None, False))
    if cell != before:
        by_keys = touched.get("how") == "keys"
    by_keys = by_keys and not touched.get("enter")
    reached[table] = cell, by_keys
    return None if by_keys else cell


@contextmanager
def keys_in_order() -> Iterator[None]:
    """Around what a page draws: keys that are pressed meanwhile wait, and are taken in their order once it is drawn."""
    try:
        yield
    except RerunException:
        raise  # the run that follows at once answers what was pressed
    except BaseException:
        _answer()
        raise
    _answer()


def _answer() -> None:
    """Say that a run of the page came to its end."""
    st.session_state[_RUNS] = st.session_state.get(_RUNS, 0) + 1
    _run("keys", "keys_in_order", run=str(st.session_state[_RUNS]))
    _run("keymap", "keys_of_the_screen")
    _run("grid", _TABLES, tells=("how", "enter"))


def _run(script: str, key: str, tells: Sequence[str] = (), **data: str) -> None:
    """Draw a script with what it is given; what it `tells` stands in the session under its `key`."""
    if not Runtime.exists():  # a page run by a test has no browser to run a script in
        return
    manager = get_bidi_component_manager()
    name = f"{_PACKAGE}.{script}"
    if manager.get_component_asset_root(name) is None:
        # What an installed package says in its pyproject.toml; ours is run from its folder.
        configs = [ComponentConfig(each, "script") for each in _SCRIPTS]
        manager.register_from_manifest(ComponentManifest(_PACKAGE, "1", configs), _HERE)
    component = st.components.v2.component(name, js=f"{script}.js")
    with st.container(key=script):  # drawn, but of no room: style.css
        heard: dict[str, Any] = {f"on_{name}_change": _heard for name in tells}
        component(data=data, key=key, **heard)


def _heard() -> None:
    """What a script tells is read where it is needed; Streamlit asks for somebody to call."""


def cursor_key(field: str, label: str, key: str) -> None:
    """A button, on a key, that puts the cursor into the widget with the key `field`."""
    asked: tuple[str, int] = st.session_state.get(_ASKED, ("", 0))
    if st.button(label, key=f"cursor_{field}", shortcut=key, type="tertiary"):
        st.session_state[_ASKED] = asked = (field, asked[1] + 1)
    if asked[0] == field:
        focus(field, f"{field} {asked[1]}")
