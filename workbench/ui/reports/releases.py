"""The parts of the page Releases: which two, their figures, their clusters."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.bench.bench import Bench
from workbench.reports.releases import Comparison, Difference
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.ui.reports.transitions import share_in_words
from workbench.ui.shared.navigation import go
from workbench.ui.shared.tables import draw
from workbench.ui.shared.text import text

_text = st.column_config.TextColumn


def pick_releases(bench: Bench) -> tuple[str, str, str] | None:
    """The bot and two of its releases, kept in the address: the newest beside the one before it, where none is named."""
    bots = bench.evidence.bots()
    named = st.query_params.get("b")
    first, second, third = st.columns([1, 2, 2], gap="small")
    bot = first.selectbox("Bot", [record.bot for record in bots], key="compared_bot", format_func=visible,
                          index=next((place for place, record in enumerate(bots) if record.bot == named), 0))  # fmt: skip
    releases = next(record.releases for record in bots if record.bot == bot)
    if len(releases) < 2:
        text(f"The log names {formatting.count(len(releases), 'release')} of {bot}: there is nothing to compare.")
        return None
    asked = [st.query_params.get(name) if bot == named else None for name in ("r", "r2")]
    places = [
        releases.index(release) if release in releases else place
        for release, place in zip(asked, (len(releases) - 1, len(releases) - 2), strict=True)
    ]
    here = second.selectbox("Release", releases, index=places[0], key=f"release_{bot}", format_func=visible)
    there = third.selectbox("Beside", releases, index=places[1], key=f"beside_{bot}", format_func=visible)
    st.query_params.update({"b": bot, "r": here, "r2": there})
    return bot, here, there


def time_compared(comparison: Comparison) -> str:
    """Over which time the two are compared."""
    if comparison.between is None:
        return "The two did not run side by side long enough, so each is taken over its whole time: what else changed meanwhile shows, too."
    begins, ends = comparison.between
    return f"Both ran from {formatting.day(begins)} to {formatting.day(ends)}: only that time is compared."


def figures(comparison: Comparison) -> None:
    """Failing and contained in both, and whether they differ beyond chance."""
    rows = [
        {
            "What": "Conversations",
            visible(comparison.here): f"{comparison.totals[0].conversations:,}",
            visible(comparison.there): f"{comparison.totals[1].conversations:,}",
            "Difference": "",
        },
        *(_row(difference, comparison) for difference in comparison.figures),
    ]
    st.dataframe(rows, hide_index=True, alt="Figures of two releases")


def clusters(comparison: Comparison, version: str) -> None:
    """Each cluster's rate in both; a click opens it."""
    st.subheader("Failures in both", anchor=False)
    if not comparison.clusters:
        st.caption("Neither met a cluster.")
        return
    rows = [{"Id": each.cluster} | _row(each, comparison) for each in comparison.clusters]
    touched = draw(
        "compared",
        rows,
        {"Id": _text(width=76), "What": _text(width=360), "Difference": _text(width=230)},
        version,
        10,
        many=False,
    )
    if touched.opened is not None:
        go("cluster", c=comparison.clusters[touched.opened].cluster)


def _row(difference: Difference, comparison: Comparison) -> dict[str, str]:
    return {
        "What": visible(difference.what),
        visible(comparison.here): share_in_words(difference.here),
        visible(comparison.there): share_in_words(difference.there),
        "Difference": _in_words(difference),
    }


def _in_words(difference: Difference) -> str:
    here, there = difference.here.value, difference.there.value
    if here is None or there is None:
        return "not met in both"
    if not difference.stands:
        return "no more than chance"
    mark = "▲ more" if here > there else "▼ less"
    return f"{mark}, {formatting.chance(difference.p)}"


def changed(differences: Sequence[Difference]) -> str:
    """How many stand, in a sentence."""
    stand = sum(difference.stands for difference in differences)
    return f"{formatting.count(stand, 'of them differs', 'of them differ')} beyond chance among {len(differences):,}."
