"""Silent harm on screen: conversations whose customers left satisfied though the bot probably changed something wrongly."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.filter import Filter
from workbench.reports.silent_harm import LOOKED_AT, HarmRow, SilentHarm
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.ui.shared.navigation import ROOT
from workbench.ui.shared.tables import pick

_text, _number = st.column_config.TextColumn, st.column_config.NumberColumn


def narrowed(bench: Bench) -> Filter:
    """Bot, release and week to narrow it to, kept in the address."""
    choices = bench.choices()
    picked: dict[str, tuple[str, ...]] = {}
    for column, (name, options) in zip(
        st.columns(3, gap="small"),
        (("bot", choices.bot), ("release", choices.release), ("week", choices.week)),
        strict=True,
    ):
        with column:
            picked[name] = tuple(
                st.multiselect(
                    name.title(), options, key=name, format_func=visible, placeholder=f"All {name}s",
                    label_visibility="collapsed", bind="query-params",
                )
            )  # fmt: skip
    return Filter(**picked)


def harm_table(rows: Sequence[HarmRow], version: str) -> HarmRow | None:
    """The conversations, the worst first, each with what speaks for it; the one that was picked."""
    shown = [
        {
            "Points": row.points,
            "What speaks for it": visible("; ".join(row.why)),
            "What was changed": [visible(name) for name in row.changed],
            "What was asked": visible(row.request),
            "The user's last words": visible(row.last_words),
            "Started": row.started_at,
            "Bot": visible(row.bot),
            "Tier": row.tier,
            "Cluster": row.cluster or "",
            "Conversation": visible(row.conversation_id),
        }
        for row in rows
    ]
    config = {
        "Points": _number(width=60, help="A person's word or a strong signal 3, a medium signal 2, a failure 1."),
        "What speaks for it": _text(width=430),
        "What was changed": st.column_config.ListColumn(width=150),
        "What was asked": _text(width=230),
        "The user's last words": _text(width=190),
        "Started": st.column_config.DatetimeColumn(width=125, format="D MMM YYYY, HH:mm"),
        "Bot": _text(width=100),
        "Tier": _text(width=75),
        "Cluster": _text(width=80),
    }
    picked = pick("silent_harm", shown, config, version, tallest=16)
    return None if picked is None else rows[picked]


def counted(harm: SilentHarm) -> str:
    """How many there are, of how many that were looked at."""
    looked = formatting.count(harm.looked_at, "failing or suspected conversation")
    more = f" The newest {LOOKED_AT:,} of {harm.total:,} were looked at: narrow the filters for the others." if harm.total > harm.looked_at else ""  # fmt: skip
    return f"{len(harm.rows):,} of {looked} in which something was changed.{more}"


def way_there(harm: SilentHarm, **query: str) -> None:
    """How many there are in a scope, and the way to them; nothing where there are none."""
    if harm.rows:
        label = f"{formatting.count(len(harm.rows), 'customer')} left satisfied after a change that was probably wrong"
        st.page_link(ROOT / "pages" / "harm.py", label=plain(label), query_params=query)
