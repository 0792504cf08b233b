"""A bot's prompts and policies on its page: which versions have a text, what changed between two, and a way to bring one in."""

from __future__ import annotations

import streamlit as st

from workbench.bench.bench import Bench
from workbench.judgement.prompts import EVERY, LONGEST_TEXT
from workbench.reports.prompts import PromptVersion, before_it, compared, prompt_versions
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.ui.conversations.prompt import prompt_change, prompt_text, titled, versions_named
from workbench.ui.shared import undo_all
from workbench.ui.shared.actions import attempt, may_read, refusal, why_silent
from workbench.ui.shared.tables import ROW_HEIGHT

_text, _number, _date = st.column_config.TextColumn, st.column_config.NumberColumn, st.column_config.DateColumn
_DONE = "prompt_kept"
_NONE = "nothing"
_SHOWN = 8


def prompts(bench: Bench, bot: str) -> None:
    """The texts that a bot was given."""
    versions = prompt_versions(bench, bot)
    st.subheader("Prompts and policies", anchor=False)
    undo_all.bar(bench, _DONE, "prompt", "{what} of this bot changed.")
    listed, reading = st.columns([2, 3], gap="medium")
    with listed:
        _table(versions)
        _paste(bench, bot, versions)
    with reading:
        _reading(bench, bot, versions)


def _table(versions: list[PromptVersion]) -> None:
    if not versions:
        st.caption("The log names no prompt version of this bot, and nobody brought a text in.")
        return
    st.dataframe(
        [
            {
                "Version": titled(version.name),
                "Text": "none yet"
                if version.text is None
                else formatting.count(len(version.text.splitlines()), "line"),
                "Conversations": version.conversations,
                "Since": version.first_seen,
                "Brought in by": visible(version.by or ""),
            }
            for version in versions
        ],
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (min(len(versions), _SHOWN) + 1) + 2,
        column_config={
            "Version": _text(width=150),
            "Text": _text(width=85),
            "Conversations": _number(width=100, format="localized"),
            "Since": _date(width=95, format="D MMM YYYY"),
            "Brought in by": _text(width=110),
        },
        alt="prompt versions",
    )


def _paste(bench: Bench, bot: str, versions: list[PromptVersion]) -> None:
    """A form that brings one text in; what it holds is not shown again unmasked."""
    names = [version.name for version in versions if version.name != EVERY]
    empty = [version.name for version in versions if version.text is None]
    with (
        st.expander("Paste a text", key=f"paste_{bot}"),
        st.form(f"prompt_{bot}", border=False, clear_on_submit=True),
    ):
        offered = [*names, EVERY]
        st.selectbox(
            "Version", offered, index=offered.index(empty[0]) if empty else None, key=f"prompt_version_{bot}",
            format_func=titled, accept_new_options=True, placeholder="As the log names it",
        )  # fmt: skip
        st.text_area("What the model was given", key=f"prompt_text_{bot}", height=220, max_chars=LONGEST_TEXT)
        st.form_submit_button(
            "Keep the text", type="primary", disabled=not may_read(bench), on_click=_keep, args=(bench, bot)
        )
        st.caption("An empty text removes the text of that version. From files: `python -m workbench prompts import`.")
        why_silent(bench)
    refusal()


def _keep(bench: Bench, bot: str) -> None:
    version = st.session_state.get(f"prompt_version_{bot}") or ""
    given = st.session_state.get(f"prompt_text_{bot}") or ""
    events = attempt(lambda: bench.prompts.set_each(bot, {version: given}))
    if events:
        undo_all.keep(_DONE, events, f"The text of {titled(version)}")


def _reading(bench: Bench, bot: str, versions: list[PromptVersion]) -> None:
    named = versions_named(versions)
    if not named:
        st.caption(
            "With the texts here, a conversation shows what its bot was told, and two releases show what changed in it."
        )
        return
    newest = [name for name in named if name != EVERY][-1:] or named
    first, second = st.columns(2, gap="small")
    name = str(
        first.selectbox("Read", named, index=named.index(newest[0]), key=f"prompt_read_{bot}", format_func=titled)
    )
    others = [_NONE, *(each for each in named if each != name)]
    earlier = before_it(versions, name) or _NONE
    beside = second.selectbox(
        "Beside", others, index=others.index(earlier), key=f"prompt_beside_{bot}_{name}", format_func=titled
    )
    if beside != _NONE:
        prompt_change(compared(bench, bot, str(beside), name), heading=False)
    text = next(version.text for version in versions if version.name == name)
    with st.expander("The whole text", expanded=beside == _NONE, key=f"prompt_whole_{bot}_{name}_{beside}"):
        prompt_text(text or "")
