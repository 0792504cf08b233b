"""The mappings that people saved: to look at, to download, to delete after a second look."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from workbench.errors import WorkbenchError
from workbench.logs import saved_mappings
from workbench.text import formatting
from workbench.ui.shared.session import open_bench, person, require_triager, store
from workbench.ui.shared.text import code, error


def mapping_list() -> None:
    """The saved mappings, where there are any, and where the store can be written."""
    files = saved_mappings.saved(store())
    if not files or store().read_only:
        return
    with st.expander(formatting.count(len(files), "saved mapping"), key="saved_mappings"):
        st.caption("Each names the columns of an in-house log. Choose one under Options when you bring such a log in.")
        for file in files:
            _mapping(file)


def _mapping(file: Path) -> None:
    name = file.stem  # plain characters alone: `mappings.keep` sees to it
    text = file.read_text("utf-8")
    with st.container(horizontal=True, vertical_alignment="center", key=f"saved_{name}"):
        st.text(name, width="stretch")
        with st.popover("Show", key=f"show_{name}"):
            code(text, "toml")
            st.download_button(
                "Download TOML", text, f"{name}.toml", "application/toml", key=f"toml_{name}", on_click="ignore"
            )
        with st.popover("Delete", key=f"ask_delete_{name}", disabled=not person()):
            st.text(f"Nobody can choose {name} any more. What was imported with it stays as it is.")
            if st.button(f"Delete {name}", key=f"delete_{name}", type="primary"):
                _delete(name)


def _delete(name: str) -> None:
    try:
        actor = require_triager("delete a mapping")
        text = saved_mappings.remove(store(), name)
        open_bench().acting(actor).history.mapping_deleted(name, text)
    except WorkbenchError as e:
        error(e)
    else:
        st.toast(f"The mapping {name} is deleted.")
        st.rerun()
