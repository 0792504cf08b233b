"""What a person chose last on a page, remembered on this machine: no judgement, so it has no event."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import streamlit as st

from workbench.store import write_json
from workbench.ui.shared import session

_FILE, _KEPT = "preferences.json", "preferences_kept"


def remembered(page: str) -> dict[str, list[str]]:
    """The choices that this person made last on a page; none where nobody says who works here."""
    mine = _all().get(session.person(), {}).get(page, {}) if session.person() else {}
    return {str(name): [str(value) for value in values] for name, values in mine.items()}


def remember(page: str, choices: Mapping[str, Sequence[str]]) -> None:
    """Keep a person's choices on a page."""
    person = session.person()
    if not person or session.store().read_only or st.session_state.get(f"{_KEPT}_{page}") == choices:
        return
    st.session_state[f"{_KEPT}_{page}"] = dict(choices)
    every = _all()
    if every.get(person, {}).get(page) != choices:
        every.setdefault(person, {})[page] = {name: list(values) for name, values in choices.items()}
        write_json(session.store().root / _FILE, every)


def _all() -> dict[str, dict[str, dict[str, list[str]]]]:
    """Choices by person and page; a file that can't be read holds none."""
    try:
        kept = json.loads((session.store().root / _FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
