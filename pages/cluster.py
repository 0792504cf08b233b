"""One cluster: why it is one problem, how often and since when, what parts it, its label, examples, suspects, members."""

from typing import Literal

import streamlit as st

from workbench.bench import wording
from workbench.bench.filter import Filter
from workbench.bench.overlay import LIVE
from workbench.errors import UserError
from workbench.text import formatting
from workbench.text.escaping import plain
from workbench.tickets import tickets
from workbench.ui.clusters.edit import by_hand
from workbench.ui.clusters.lineage import gone, inherited, lineage, moved_on
from workbench.ui.clusters.owner import keeping
from workbench.ui.clusters.sampled import sampled_sentences
from workbench.ui.clusters.strands import patterns, strands
from workbench.ui.clusters.suspected import nothing_proven, suspected_members
from workbench.ui.clusters.suspects import suspects, suspects_title
from workbench.ui.clusters.worked import parted, worked
from workbench.ui.conversations.detail import open_member
from workbench.ui.labels import bulk
from workbench.ui.labels.form import label_form
from workbench.ui.labels.standards import same_cause
from workbench.ui.shared.charts import weekly_chart
from workbench.ui.shared.chips import chips
from workbench.ui.shared.facts import fact_list, member_card, quote, release_list, why_line
from workbench.ui.shared.filters import current_filter
from workbench.ui.shared.navigation import go, step
from workbench.ui.shared.session import open_bench
from workbench.ui.shared.tables import downloads, mark_members
from workbench.ui.shared.text import heading, text
from workbench.ui.tickets.board import of_cluster

bench = open_bench()
asked = current_filter()
ranked = [row.cluster for row in (*bench.clusters(asked), *bench.suspected_clusters(asked))]
wanted = st.query_params.get("c") or (ranked[0] if ranked else "")
if not wanted:
    raise UserError("There is no cluster yet: too few conversations failed.")
if gone(bench, wanted):
    st.stop()
cluster = bench.cluster(wanted)
row = cluster.row

step("cluster", "c", ranked, row.cluster, back=("clusters", "All clusters"))
heading(row.name, level=1)
chips(row)
if cluster.members:
    why_line(cluster)
else:
    nothing_proven(cluster)

main, side = st.columns([5, 3], gap="medium")
with main:
    if cluster.members:
        weekly_chart(cluster.weeks, disabled_signals=cluster.disabled_signals)
        text(f"{wording.how_often(row)} {formatting.since(row.first_seen, row.last_seen)}")
        text(wording.what_it_costs(row))
    for sentence in sampled_sentences(bench.settings(), row.bot):
        st.caption(plain(sentence))
    moved_on(bench, row.cluster)
    parted(cluster.parted)
    st.subheader("What was asked", anchor=False)
    quote(row.sentence, "medoid")
    st.subheader("How it failed", anchor=False)
    fact_list([*cluster.facts, *cluster.signals])
with side:
    has_ticket = any(row.cluster in ticket.clusters and ticket.status in LIVE for ticket in bench.tickets.all())
    emphasis: Literal["primary", "secondary"] = "secondary" if has_ticket else "primary"
    if cluster.members and st.button("Make a ticket", key="make_ticket", type=emphasis, width="stretch", shortcut="T"):
        go("ticket", c=row.cluster)
    of_cluster(tickets.rows(bench), row.cluster)
    keeping(bench, row)
    inherited(bench, row.cluster, cluster.label)
    label_form(bench, row.cluster, cluster.label, members=cluster.members, ranked=ranked, has_ticket=has_ticket)
    patterns(cluster.patterns)
    same_cause(bench, row)

st.subheader("Examples", anchor=False)
for column, example in zip(st.columns(max(len(cluster.examples), 1), gap="small"), cluster.examples, strict=False):
    with column:
        if member_card(example, example.key):
            open_member(example)

strands_tab, suspects_tab, worked_tab = st.tabs(["Strands", suspects_title(cluster), "The same request that worked"])
with strands_tab:
    strands(cluster)
    by_hand(bench, cluster)
    lineage(bench, row.cluster)
with suspects_tab:
    suspects(cluster)
    release_list(cluster.releases)
with worked_tab:
    pair = bench.worked(cluster.examples[0].key)[:1]
    worked(pair, "medoid")
    if not pair:
        st.caption("No conversation with the same request is known to have gone well.")

st.subheader(formatting.count(len(cluster.members), "failing conversation"), anchor=False)
member, marked = mark_members("members", cluster.members, bench.version())
bulk.bar(bench, [each.key for each in marked], "Mark the boxes of some to label them together.", row.cluster)
downloads("failures", lambda: bench.failures(Filter(cluster=(row.cluster,))), "members")
if member is not None:
    open_member(member)
suspected_members(bench, cluster)
