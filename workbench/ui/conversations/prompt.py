"""A bot's prompt on screen: its text, and what changed from one version to another, both as text and nothing else."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from workbench.bench.bench import Bench
from workbench.judgement.prompts import EVERY
from workbench.reports.prompts import (
    CAME,
    LEFT_OUT,
    STAYED,
    WENT,
    PromptChange,
    PromptVersion,
    ReleaseChange,
    Running,
    release_change,
    running,
)
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.ui.shared.navigation import ROOT
from workbench.ui.shared.text import SHOWN

TALL = 420
"""Pixels from which on a text scrolls in a box of its own."""
_TALL_LINES = 18
_WIDE = 90
_NAMES = {CAME: "came", WENT: "went", STAYED: "stayed", LEFT_OUT: "left_out"}


def titled(name: str) -> str:
    """A version as people call it."""
    return "Every version (policy)" if name == EVERY else visible(name)


def prompt_text(body: str) -> None:
    """What the model was given, as it was written; a long one scrolls."""
    shown = formatting.beginning(body, SHOWN)
    tall = sum(1 + len(line) // _WIDE for line in shown.text.splitlines()) > _TALL_LINES
    st.code(visible(shown.text), language=None, wrap_lines=True, height=TALL if tall else "content")
    if shown.omitted:
        st.caption(f"Cut here: {formatting.count(shown.omitted, 'more character')}.")


def prompt_change(change: PromptChange, heading: bool = True) -> None:
    """What changed, line by line: + came, - went."""
    if heading:
        st.markdown(f"**From {plain(titled(change.before))} to {plain(titled(change.after))}**")
    if not change.lines:
        st.caption("They differ only in what is masked here." if change.masked_only else "The two texts are the same.")
        return
    counted = ", ".join(
        f"{formatting.count(lines, 'line')} {word}" for lines, word in ((change.added, "came"), (change.removed, "went")) if lines
    )  # fmt: skip
    st.caption(f"{counted}; = stayed, … is left out.")
    with st.container(key="diff", gap=None):
        for place, (mark, lines) in enumerate(groupby(change.lines, key=lambda line: line.mark)):
            with st.container(key=f"diff_{_NAMES[mark]}_{place}"):
                st.text("\n".join(f"{mark.strip() or '='} {visible(line.text)}" for line in lines), width="stretch")


def ran_with(bench: Bench, key: str) -> None:
    """What the bot of a conversation (its key) was told, in the version that it ran with, and what had changed in it."""
    ran = running(bench, key)
    if ran.prompt is not None and ran.prompt.text is not None:
        with st.expander(f"Prompt {plain(visible(ran.prompt.name))}, as the bot had it", key="prompt"):
            if ran.change is not None:
                prompt_change(ran.change)
                st.markdown("**The whole text**")
            prompt_text(ran.prompt.text)
    elif ran.others and ran.version is not None:
        _missing(ran)
    if ran.policy is not None and ran.policy.text is not None:
        with st.expander("Policy, whatever the version", key="policy"):
            prompt_text(ran.policy.text)


def between_releases(bench: Bench, bot: str, here: str, there: str) -> None:
    """What changed in the prompt between two releases, or why that can't be said."""
    st.subheader("What changed in the prompt", anchor=False)
    change = release_change(bench, bot, here, there)
    if change.change is not None:
        prompt_change(change.change)
        return
    st.caption(plain(_why_not(change)))
    if change.missing:
        link(bot, "Bring the texts in")


def link(bot: str, label: str) -> None:
    """The way to where texts are brought in."""
    st.page_link(ROOT / "pages" / "bots.py", label=label, query_params={"b": bot})


def versions_named(versions: list[PromptVersion]) -> list[str]:
    """The versions of which the text is there."""
    return [version.name for version in versions if version.text is not None]


def _why_not(change: ReleaseChange) -> str:
    if not change.here or not change.there:
        return "The log does not name the prompt version of both releases."
    if change.here == change.there:
        return f"Both ran with the prompt {', '.join(change.here)}: whatever differs comes from elsewhere."
    if change.missing:
        return f"Nobody brought in the text of {', '.join(change.missing)} yet."
    return f"One release ran with several prompts ({', '.join(change.here)}; {', '.join(change.there)}): there is no single change."


def _missing(ran: Running) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="prompt_missing"):
        st.caption(plain(f"Nobody brought in the text of the prompt {ran.version}."), width="content")
        link(ran.bot, "Bring it in")
