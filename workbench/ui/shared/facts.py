"""Small parts that say one thing each: chips, figures, quotes, facts, example cards."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.bench.cluster_detail import ClusterDetail, Fact
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.failure_rows import MemberRow
from workbench.bench.why import why
from workbench.bench.wording import SUSPECTED
from workbench.evidence.impact import ScopeTotals
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.ui.shared.text import badge

REQUEST_SHOWN = 320
REPLY_SHOWN = 220


def kpis(scope: ScopeTotals, ranked: Sequence[ClusterRow]) -> None:
    """What the filters leave, in four figures; `ranked` are the clusters that pass them."""
    clustered = sum(row.size for row in ranked)
    untriaged = sum(row.size for row in ranked if row.status == "new")
    stopped = sum(row.stopped for row in ranked)
    figures = [
        ("Conversations", f"{scope.conversations:,}", formatting.count(scope.turns, "turn")),
        (
            "Failing",
            formatting.percent(scope.failures / scope.conversations if scope.conversations else None),
            formatting.count(scope.failures, "conversation")
            + (f", + {scope.suspected:,} suspected" if scope.suspected else ""),
        ),
        ("Clusters", f"{len(ranked):,}", f"{sum(row.escalating for row in ranked)} escalating, {stopped} stopped"),
        (
            "Nobody has judged yet",
            formatting.percent(untriaged / clustered if clustered else None),
            f"{untriaged:,} of {clustered:,} failures",
        ),
    ]
    for column, (label, value, detail) in zip(st.columns(len(figures), gap="small"), figures, strict=True):
        column.metric(label, value, delta=detail, delta_color="off", delta_arrow="off", border=True)


def why_line(cluster: ClusterDetail) -> None:
    """Why it is thought to be one problem, in a sentence of its own."""
    with st.container(key="why"):
        sentence = why(cluster.onset, cluster.suspects, cluster.parted, cluster.row.first_seen)
        st.text(visible(sentence), width="stretch")


def quote(body: str, key: str) -> None:
    """Words from the log, set apart as such."""
    with st.container(key=f"quote_{key}"):
        st.text(
            visible(formatting.beginning(body, REQUEST_SHOWN * 2).text) or "(no words from the user)", width="stretch"
        )


def fact_list(facts: Sequence[Fact]) -> None:
    """What was seen in how many members, beside the bot's other conversations; each fact once."""
    once = {fact.text: fact for fact in facts}
    _shares(
        list(once.values()),
        ("What was seen", "Members", "Here", "Other conversations"),
        "Its share among this bot's other conversations.",
    )


def release_list(facts: Sequence[Fact]) -> None:
    """How many similar requests failed this way under each release, beside the others."""
    _shares(
        facts, ("Release", "Failed this way", "Rate", "Other releases"), "The rate under all other releases together."
    )


def _shares(facts: Sequence[Fact], titles: tuple[str, str, str, str], elsewhere: str) -> None:
    what, how_many, share, others = titles
    st.dataframe(
        [
            {
                what: visible(fact.text),
                how_many: f"{fact.count:,} of {fact.total:,}",
                share: 100 * fact.count / fact.total if fact.total else None,
                others: formatting.percent(fact.base_rate),
            }
            for fact in facts
        ],
        hide_index=True,
        column_config={
            what: st.column_config.TextColumn(width=190),
            how_many: st.column_config.TextColumn(width=90),
            share: st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100, width=100),
            others: st.column_config.TextColumn(width=120, help=elsewhere),
        },
        alt=what,
    )


def member_card(member: MemberRow, key: str) -> bool:
    """One example: what was asked, what came back where it failed; true when somebody wants to read it."""
    with st.container(border=True, key=f"card_{key}", height="stretch"):
        note = " · ".join(
            part for part in (formatting.day(member.started_at), formatting.shortened(member.release or "")) if part
        )
        st.caption(plain(visible(note)))
        if member.tier == "suspected":
            badge("suspected", "orange", SUSPECTED)
        if member.agreed:
            badge(f"a person said: {member.agreed}", "green" if member.agreed == "fine" else "red")
        st.text(
            visible(formatting.beginning(member.request_excerpt, REQUEST_SHOWN).text) or "(no words from the user)",
            width="stretch",
        )
        with st.container(key=f"reply_{key}"):
            st.text(
                visible(formatting.beginning(member.reply_excerpt, REPLY_SHOWN).text) or "(empty reply)",
                width="stretch",
            )
        return st.button("Read at the failing turn", key=f"read_{key}", width="stretch")
