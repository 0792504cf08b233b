"""Conversations that a person selected, carried to another page by a short name in the address."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import streamlit as st

_KEPT = "selections"
KEPT = 20


def keep(keys: Sequence[str]) -> str:
    """Remember these conversations for this browser session; the name to put into the address."""
    name = hashlib.blake2b("\n".join(keys).encode(), digest_size=6).hexdigest()
    kept: dict[str, list[str]] = st.session_state.setdefault(_KEPT, {})
    kept[name] = list(keys)
    for old in list(kept)[:-KEPT]:
        del kept[old]
    return name


def selected(name: str | None) -> list[str]:
    """The conversations that were kept under a name; none where this browser session does not know it."""
    kept: dict[str, list[str]] = st.session_state.get(_KEPT, {})
    return kept.get(name or "", [])
