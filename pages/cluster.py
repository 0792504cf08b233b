"""One cluster: what was asked, how often and how it failed, since when, its label, examples; then why, its members."""

import streamlit as st

from workbench import ui
from workbench.bench import wording
from workbench.errors import UserError
from workbench.text import formatting
from workbench.tickets import tickets
from workbench.ui import (
    bulk,
    charts,
    contrast,
    detail,
    facts,
    filters,
    labelling,
    lineage,
    session,
    shell,
    tables,
    text,
)
from workbench.ui import strands as ui_strands
from workbench.ui import suspects as ui_suspects
from workbench.ui.keeping import keeping
from workbench.ui.tickets import of_cluster

bench = session.bench()
ranked = [row.cluster for row in bench.clusters(filters.current_filter())]
wanted = st.query_params.get("c") or (ranked[0] if ranked else "")
if not wanted:
    raise UserError("There is no cluster yet: too few conversations failed.")
if lineage.gone(bench, wanted):
    st.stop()
cluster = bench.cluster(wanted)
row = cluster.row

shell.step("cluster", "c", ranked, row.cluster, back=("clusters", "All clusters"))
text.heading(row.name, level=1)
facts.chips(row)

main, side = st.columns([5, 3], gap="medium")
with main:
    st.subheader("What was asked", anchor=False)
    facts.quote(row.sentence, "medoid")
    st.subheader("How often, and since when", anchor=False)
    ui.text(f"{wording.how_often(row)} {formatting.since(row.first_seen, row.last_seen)}")
    lineage.moved_on(bench, row.cluster)
    ui_suspects.onset(cluster.onset)
    charts.weekly_chart(cluster.weeks, switches=cluster.switches)
    st.subheader("How it failed", anchor=False)
    facts.fact_list([*cluster.facts, *cluster.signals])
with side:
    if st.button("Make a ticket", key="make_ticket", type="primary", width="stretch", shortcut="T"):
        shell.go("ticket", c=row.cluster)
    of_cluster(tickets.rows(bench), row.cluster)
    keeping(bench, row)
    lineage.inherited(bench, row.cluster, cluster.label)
    labelling.label_form(bench, row.cluster, cluster.label, members=cluster.members, ranked=ranked)
    ui_strands.patterns(cluster.patterns)

st.subheader("Examples", anchor=False)
for column, example in zip(st.columns(max(len(cluster.examples), 1), gap="small"), cluster.examples, strict=False):
    with column:
        if facts.member_card(example, example.key):
            detail.open_member(example)

strands_tab, suspects_tab, worked_tab = st.tabs(
    ["Strands", ui_suspects.suspects_title(cluster), "The same request that worked"]
)
with strands_tab:
    ui.strands(cluster)
    ui.by_hand(bench, cluster)
    ui.lineage(bench, row.cluster)
with suspects_tab:
    ui.suspects(cluster)
    facts.release_list(cluster.releases)
with worked_tab:
    contrast.parted(cluster.parted)
    pair = bench.worked(cluster.examples[0].key)[:1]
    contrast.worked(pair, "medoid")
    if not (pair or cluster.parted):
        st.caption("No conversation that asked for the same is known to have worked.")

st.subheader(formatting.count(len(cluster.members), "failing conversation"), anchor=False)
member, marked = tables.mark_members("members", cluster.members, bench.version())
bulk.bar(bench, [one.key for one in marked], "Mark the boxes of some to label them together.", row.cluster)
named = {(one.bot, one.conversation_id) for one in cluster.members}
tables.downloads(
    "failures", lambda: [one for one in bench.failures() if (one.bot, one.conversation_id) in named], "members"
)
if member is not None:
    detail.open_member(member)
