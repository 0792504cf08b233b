"""One cluster: what was asked, how often and how it failed, since when, its label, examples; then why, its members."""

import streamlit as st

from workbench import tickets, ui, words
from workbench.errors import UserError
from workbench.ui import bulk
from workbench.ui.keeping import keeping
from workbench.ui.tickets import of_cluster

bench = ui.bench()
ranked = [row.cluster for row in bench.clusters(ui.current_filter())]
wanted = st.query_params.get("c") or (ranked[0] if ranked else "")
if not wanted:
    raise UserError("There is no cluster yet: too few conversations failed.")
if ui.gone(bench, wanted):
    st.stop()
cluster = bench.cluster(wanted)
row = cluster.row

ui.step("cluster", "c", ranked, row.cluster, back=("clusters", "All clusters"))
ui.heading(row.name, level=1)
ui.chips(row)

main, side = st.columns([5, 3], gap="medium")
with main:
    st.subheader("What was asked", anchor=False)
    ui.quote(row.sentence, "medoid")
    st.subheader("How often, and since when", anchor=False)
    ui.text(f"{words.how_often(row)} {words.since(row.first_seen, row.last_seen)}")
    ui.moved_on(bench, row.cluster)
    ui.onset(cluster.onset)
    ui.weekly_chart(cluster.weeks, switches=cluster.switches)
    st.subheader("How it failed", anchor=False)
    ui.fact_list([*cluster.facts, *cluster.signals])
with side:
    if st.button("Make a ticket", key="make_ticket", type="primary", width="stretch", shortcut="T"):
        ui.go("ticket", c=row.cluster)
    of_cluster(tickets.rows(bench), row.cluster)
    keeping(bench, row)
    ui.inherited(bench, row.cluster, cluster.label)
    ui.label_form(bench, row.cluster, cluster.label, members=cluster.members, ranked=ranked)
    ui.patterns(cluster.patterns)

st.subheader("Examples", anchor=False)
for column, example in zip(st.columns(max(len(cluster.examples), 1), gap="small"), cluster.examples, strict=False):
    with column:
        if ui.member_card(example, example.key):
            ui.open_member(example)

strands, suspects, worked = st.tabs(["Strands", ui.suspects_title(cluster), "The same request that worked"])
with strands:
    ui.strands(cluster)
    ui.by_hand(bench, cluster)
    ui.lineage(bench, row.cluster)
with suspects:
    ui.suspects(cluster)
    ui.release_list(cluster.releases)
with worked:
    ui.parted(cluster.parted)
    pair = bench.worked(cluster.examples[0].key)[:1]
    ui.worked(pair, "medoid")
    if not (pair or cluster.parted):
        st.caption("No conversation that asked for the same is known to have worked.")

st.subheader(words.count(len(cluster.members), "failing conversation"), anchor=False)
member, marked = ui.mark_members("members", cluster.members, bench.version())
bulk.bar(bench, [one.key for one in marked], "Mark the boxes of some to label them together.", row.cluster)
named = {(one.bot, one.conversation_id) for one in cluster.members}
ui.downloads(
    "failures", lambda: [one for one in bench.failures() if (one.bot, one.conversation_id) in named], "members"
)
if member is not None:
    ui.open_member(member)
