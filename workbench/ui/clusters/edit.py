"""Changing a cluster by hand: the form on its page, and the line that says that a change is being applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.cluster_detail import ClusterDetail
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.failure_rows import MemberRow
from workbench.bench.filter import Filter
from workbench.errors import WorkbenchError
from workbench.evidence.filter import NO_CLUSTER
from workbench.judgement.records.clusters import Act
from workbench.pipeline import worker
from workbench.review import cluster_edits
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.ui.shared import session
from workbench.ui.shared.progress import fraction, now
from workbench.ui.shared.tables import downloads, member_table
from workbench.ui.shared.text import error

_SPLIT, _MERGE, _MOVE, _ASIDE = "Split off", "Merge", "Move", "Set aside"
_HELP = {
    _SPLIT: "The chosen failures become a cluster of their own; later ones join the part that they are nearest to.",
    _MERGE: "All of this cluster goes into another one of this bot, now and after every new clustering.",
    _MOVE: "The chosen failures go into another cluster of this bot.",
    _ASIDE: "The chosen failures belong nowhere: they leave every cluster and stay failures.",
}
_CHOSEN = "Those marked below"
_DONE = "changed_by_hand"


def by_hand(bench: Bench, cluster: ClusterDetail) -> None:
    """The form to split, merge, move or set aside; what it did is one event, and can be undone."""
    if message := st.session_state.pop(_DONE, None):
        st.toast(message)
    here = cluster.row.cluster
    with st.expander("Change this cluster by hand", key=f"by_hand_{here}", on_change="rerun") as opened:
        if not opened.open:
            return
        kind = st.segmented_control(
            "What to do",
            list(_HELP),
            default=_SPLIT,
            required=True,
            key=f"hand_kind_{here}",
            label_visibility="collapsed",
        )
        st.caption(_HELP[kind or _SPLIT])
        others = [row for row in bench.clusters(Filter(bot=(cluster.row.bot,))) if row.cluster != here]
        if kind in (_MERGE, _MOVE) and not others:
            st.caption("This bot has no other cluster.")
            return
        into = _target(here, others) if kind in (_MERGE, _MOVE) else None
        keys = [] if kind == _MERGE else _chosen(cluster, bench.version())
        name = st.text_input("Name of the new cluster", placeholder="Left empty, it is named by what its failures share",
                             max_chars=120, key=f"hand_name_{here}") if kind == _SPLIT else ""  # fmt: skip
        label = kind if kind == _MERGE else f"{kind} {formatting.count(len(keys), 'failure')}"
        ready = (
            bool(session.person()) and (kind == _MERGE or bool(keys)) and (kind not in (_MERGE, _MOVE) or bool(into))
        )
        if st.button(label or _SPLIT, key=f"hand_do_{here}", type="primary", disabled=not ready):
            _do(bench, kind or _SPLIT, here, keys, into or "", name or "")
        if not session.person():
            st.caption("Say your name at the top first: it stands beside what you change.")


def applying() -> None:
    """While clusters were changed by hand and the snapshot does not show it yet: apply it, with its progress."""
    bench = session.open_bench()
    if not cluster_edits.pending(bench):
        return
    if bench.store.read_only:
        st.caption(
            "Clusters were changed by hand. The next build, on the machine that builds this store, shows them so."
        )
        return
    running = [job for job in worker.started(bench.store) if not job.job.dry_run and not job.done]
    last = worker.latest(bench.store)
    if running:
        _follow(str(running[-1].folder))
    elif last is not None and last.job.rearrange and (problem := _problem(last)):
        error(f"What was changed by hand could not be applied: {problem}")
        if st.button("Try again", key="rearrange_again"):
            cluster_edits.rearrange(bench)
            st.rerun()
    else:
        _follow(str(cluster_edits.rearrange(bench).folder))


def in_no_cluster(bench: Bench, filter: Filter) -> None:
    """The failures that stand in no cluster, so that none is lost: how many, and on a click which."""
    rows = cluster_edits.in_no_cluster(bench, filter)
    if not rows:
        return
    with st.expander(f"{formatting.count(len(rows), 'failure')} in no cluster", key="no_cluster"):
        st.caption("Too far from every cluster when they came between two clusterings, or set aside by hand.")
        member = member_table("no_cluster_rows", rows, bench.version())
        downloads("failures", lambda: bench.failures(replace(filter, cluster=(NO_CLUSTER,))), "none")
    if member is not None:
        from workbench.ui.conversations.detail import open_member

        open_member(member)


def _target(here: str, others: Sequence[ClusterRow]) -> str | None:
    named = {row.cluster: f"{row.cluster} · {formatting.shortened(row.name, 70)} ({row.size:,})" for row in others}
    return st.selectbox(
        "Into", list(named), index=None, format_func=lambda cluster: visible(named[cluster]), key=f"hand_into_{here}",
        placeholder="Another cluster of this bot",
    )  # fmt: skip


def _chosen(cluster: ClusterDetail, version: str) -> list[str]:
    """The keys of a strand, or of the rows that are marked in the table."""
    strands = {f"{row.strand} ({len(row.members):,})": row.members for row in cluster.strands.rows}
    if strands:
        which = st.selectbox(
            "Which failures",
            [*strands, _CHOSEN],
            index=None,  # a strand may be nearly the whole cluster: nothing is chosen for a person
            placeholder="Pick a strand, or mark some below",
            format_func=visible,
            key=f"hand_which_{cluster.row.cluster}_{version}",  # what was chosen before a change is not chosen after it
        )
        if which in strands:
            return list(strands[which])
    rows = cluster.members
    state = st.dataframe(
        [_shown(row) for row in rows],
        key=f"hand_rows_{cluster.row.cluster}_{version}",
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        height=280,
        column_config={"Started": st.column_config.DatetimeColumn(width=130, format="D MMM YYYY, HH:mm")},
        alt="The failures of this cluster, to mark some",
    )
    return [rows[place].key for place in state["selection"]["rows"] if place < len(rows)]


def _shown(row: MemberRow) -> dict[str, object]:
    return {
        "What was asked": visible(row.request_excerpt),
        "What came back where it failed": visible(row.reply_excerpt),
        "Started": row.started_at,
        "Conversation": visible(row.conversation_id),
    }


def _do(bench: Bench, kind: str, here: str, keys: Sequence[str], into: str, name: str) -> None:
    try:
        act = _act(bench, kind, here, keys, into, name)
    except WorkbenchError as e:
        error(e)
        return
    new = f" {act.into} is the new cluster." if act.kind == "split" else ""
    st.session_state[_DONE] = plain(f"{kind}: done.{new} It can be undone under History.")
    st.rerun()


def _act(bench: Bench, kind: str, here: str, keys: Sequence[str], into: str, name: str) -> Act:
    match kind:
        case "Split off":
            return cluster_edits.split(bench, here, keys, name)
        case "Merge":
            return cluster_edits.merge(bench, here, into)
        case "Move":
            return cluster_edits.move(bench, here, into, keys)
        case _:
            return cluster_edits.set_aside(bench, here, keys)


def _problem(job: worker.RunningJob) -> str | None:
    try:
        job.result()
    except WorkbenchError as e:
        return str(e)
    return None


@st.fragment(run_every=0.5)
def _follow(folder: str) -> None:
    """Draws itself twice a second, and the whole page once the build has ended."""
    job = worker.RunningJob(Path(folder))
    if job.done:
        st.rerun()
    progress = job.progress()
    with st.container(key="applying"):
        st.progress(
            fraction(progress.stage, progress.done, progress.total),
            text=plain(f"Applying what was changed by hand; the pages show it in a few seconds. {now(progress)}"),
        )
