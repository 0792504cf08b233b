"""The cursor in the field that a key has just opened: the one thing about keys that Streamlit can't do itself.

The script is a file of ours, so that the Content-Security-Policy needs no exception.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.runtime import Runtime

_HERE = Path(__file__).resolve().parent
_NAME = "workbench.focus"
_ASKED = "cursor_asked"


def focus(field: str, again: str) -> None:
    """Put the cursor into the widget with the key `field`, once for each value of `again`."""
    if not Runtime.exists():  # a page run by a test has no browser to put a cursor in
        return
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(_NAME) is None:
        # What an installed package says in its pyproject.toml; ours is run from its folder.
        package, name = _NAME.split(".")
        manager.register_from_manifest(ComponentManifest(package, "1", [ComponentConfig(name, "script")]), _HERE)
    component = st.components.v2.component(_NAME, js="focus.js")
    with st.container(key="focus"):  # drawn, but of no height: style.css
        component(data={"field": field, "again": again}, key=f"focus_{field}")


def cursor_key(field: str, label: str, key: str) -> None:
    """A button, on a key, that puts the cursor into the widget with the key `field`."""
    asked: tuple[str, int] = st.session_state.get(_ASKED, ("", 0))
    if st.button(label, key=f"cursor_{field}", shortcut=key, type="tertiary"):
        st.session_state[_ASKED] = asked = (field, asked[1] + 1)
    if asked[0] == field:
        focus(field, f"{field} {asked[1]}")
