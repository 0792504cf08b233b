"""What Streamlit can't do with keys itself: to put the cursor into a field, and to lose no press while a page redraws.

The scripts are files of ours, so that the Content-Security-Policy needs no exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import RerunException

_HERE = Path(__file__).resolve().parent
_PACKAGE = "workbench"
_SCRIPTS = ("focus", "keys")
_ASKED = "cursor_asked"
_RUNS = "runs_of_pages"


def focus(field: str, again: str) -> None:
    """Put the cursor into the widget with the key `field`, once for each value of `again`."""
    _run("focus", f"focus_{field}", field=field, again=again)


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


def _run(script: str, key: str, **data: str) -> None:
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
        component(data=data, key=key)


def cursor_key(field: str, label: str, key: str) -> None:
    """A button, on a key, that puts the cursor into the widget with the key `field`."""
    asked: tuple[str, int] = st.session_state.get(_ASKED, ("", 0))
    if st.button(label, key=f"cursor_{field}", shortcut=key, type="tertiary"):
        st.session_state[_ASKED] = asked = (field, asked[1] + 1)
    if asked[0] == field:
        focus(field, f"{field} {asked[1]}")
