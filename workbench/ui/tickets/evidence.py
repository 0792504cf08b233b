"""What a ticket carries, on screen: numbers, suspects, examples, the regression set. Frozen; the page says as of when."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.bench import wording as bench_wording
from workbench.bench.bench import Bench
from workbench.conversation.roles import is_tool, side_of
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.tickets import wording
from workbench.tickets.frozen_evidence import Example, Message, TicketEvidence
from workbench.tickets.regression import evals
from workbench.tickets.tickets import TicketRow
from workbench.ui.conversations.transcript import SPEAKERS
from workbench.ui.shared.facts import fact_list, release_list
from workbench.ui.shared.navigation import ROOT
from workbench.ui.shared.tables import downloads
from workbench.ui.shared.text import code, text

NEAR = 2


def frozen(evidence: TicketEvidence) -> None:
    """As of when all that follows is."""
    st.subheader("Evidence", anchor=False)
    through = f", data through {formatting.day(evidence.data_through)}" if evidence.data_through else ""
    st.caption(
        f"Frozen as of snapshot {plain(evidence.snapshot or '–')}{through}: it stays as it is while new data come in, until the "
        "clusters of the ticket change. State, cause, owner and the clusters' own numbers above are live."
    )


def numbers(evidence: TicketEvidence) -> None:
    """What was counted when the ticket was made."""
    for cluster in evidence.clusters:
        rate = (
            f"{formatting.percent(cluster.failure_rate)} ({formatting.interval(cluster.rate_low, cluster.rate_high)})"
        )
        with st.container(horizontal=True, gap="medium"):
            for label, value in (
                ("Touched", wording.touched(cluster.size, cluster.users)),
                ("Failed this way", f"{cluster.failures:,} of {cluster.eligible:,}"),
                ("Rate, 95 % interval", rate),
                ("Trend", bench_wording.TRENDS.get(cluster.trend or "", "–")),
                ("Last seen", formatting.day(cluster.last_seen)),
            ):
                with st.container(width="content", gap=None):
                    st.caption(f"{label}" + (f", {cluster.cluster}" if len(evidence.clusters) > 1 else ""))
                    st.text(value, width="content")
        left, right = st.columns(2, gap="medium")
        with left:
            fact_list(cluster.facts)
        with right:
            release_list(cluster.releases)
        if cluster.suspects:
            st.caption("Suspects: correlation, not cause")
            for suspect in cluster.suspects[: wording.SHOWN_FACTS]:
                st.text(visible(wording.suspect(suspect)), width="stretch")
        for row in cluster.parted[:1]:
            st.caption("What differs most from the same requests that worked")
            st.text(visible(wording.parted(row)), width="stretch")


def examples(per_cluster: Sequence[Example]) -> None:
    """Each example in a tab: why it fails, what to send, what came back."""
    labels = [f"Example {number}" for number in range(1, len(per_cluster) + 1)]
    for number, (tab, example) in enumerate(zip(st.tabs(labels), per_cluster, strict=True)):
        with tab:
            _example(number, example)


def _example(number: int, example: Example) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        facts = [
            example.conversation_id,
            f"release {example.release}" if example.release else "",
            formatting.minute(example.started_at),
        ]
        st.caption(plain(visible(" · ".join(part for part in facts if part))), width="content")
        turn = {} if example.failing_turn is None else {"turn": str(example.failing_turn)}
        page = ROOT / "pages" / "conversation.py"
        st.page_link(page, label="Read the whole conversation", query_params={"k": example.key, **turn})
    st.text(visible(example.verdict), width="stretch")
    if example.documents:
        with st.expander(f"{formatting.count(len(example.documents), 'document')} that the bot had", type="compact"):
            text("\n".join(example.documents))
    earlier, near = example.before[:-NEAR], example.before[-NEAR:]
    if earlier:
        with st.expander(f"To reproduce, send first: turns {earlier[0].position} to {earlier[-1].position}"):
            _messages(number, earlier)
    _messages(number, near)
    if example.after:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(f"likely failing turn {example.failing_turn}", color="orange")
            st.caption(plain(example.why), width="content")
        _messages(number, example.after, example.failing_turn)
    if example.worked:
        _worked(example)


def _worked(example: Example) -> None:
    worked = example.worked
    assert worked is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        sentence = f"It worked in another conversation ({wording.beside(worked)}). First difference: {worked.first}. {wording.steps(worked)}"
        st.text(visible(sentence), width="stretch")
        page = ROOT / "pages" / "conversation.py"
        st.page_link(page, label="Read the one that worked", query_params={"k": worked.key}, width="content")


def _messages(number: int, messages: Sequence[Message], focus: int | None = None) -> None:
    last = None
    for message in messages:
        if last is not None and message.position > last + 1:
            st.caption(f"Turns {last + 1} to {message.position - 1} are left out here.")
        last = message.position
        side = side_of(message.role) or "other"
        mark = "_focus" if message.position == focus else ""
        with st.container(key=f"turn_{side}{mark}_{number}_{message.position}"):
            st.caption(
                plain(
                    " ".join(
                        part
                        for part in (
                            SPEAKERS.get(side_of(message.role), message.role),
                            message.name,
                            f"· turn {message.position}",
                        )
                        if part
                    )
                )
            )
            if is_tool(message.role):
                code(message.content, "json" if message.content[:1] in "{[" else None)
            elif message.content.strip() or not message.tool_calls:
                text(message.content if message.content.strip() else "(empty)")
            for call in message.tool_calls:
                code(f"{call.name} {call.arguments}", None)
            if message.error:
                text(message.error)
            for document in message.documents:
                text(document)


def regression(bench: Bench, row: TicketRow) -> None:
    """The conversations that a fix must pass, as files to replay."""
    with st.container(horizontal=True, vertical_alignment="center"):
        downloads("evals", lambda: evals(bench, ticket=row.ticket), f"{row.ticket}-regression", "Regression set")
        st.caption(
            f"{formatting.count(len(row.regression), 'conversation')} up to the failing turn, masked, with what to check: "
            "for your own replay (JSON Lines) or for promptfoo."
        )
