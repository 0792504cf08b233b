"""A backup of what people said, from the browser: the same file as the command `backup` writes."""

from __future__ import annotations

import streamlit as st

from workbench.admin import backup
from workbench.bench.bench import Bench
from workbench.ui.shared.session import person


def backup_card(bench: Bench) -> None:
    """What a backup holds and how it comes back, with its download; a lead's, since nothing in it is masked."""
    store, name = bench.store, person()
    lead = bool(name) and bench.pod.role_of(name) == "lead"
    with st.container(border=True, key="backup", horizontal=True, vertical_alignment="center"):
        st.caption(
            "Labels, tickets, sessions, clusters' ids and mappings can't be built again from the logs: keep a copy elsewhere. "
            "It comes back with `python -m workbench restore FILE`, which keeps what stood before. "
            "Names and texts in it are not masked.",
            width="stretch",
        )
        st.download_button(
            "Download a backup",
            data=lambda: backup.download(store, name),
            file_name=backup.file_name(store),
            mime="application/zip",
            key="download_backup",
            on_click="ignore",
            disabled=not lead,
            help=None if lead else "This takes a lead." if name else "Say your name at the top first.",
        )
