"""Where the data comes from: bring logs in, what each import was and lacks, what was rejected, the way back."""

import streamlit as st

from workbench.text import formatting
from workbench.ui.logs import backups, import_form, imports, preview, saved_mappings, time_zone
from workbench.ui.shared import progress
from workbench.ui.shared.session import open_bench, store
from workbench.ui.shared.text import heading

bench = open_bench()
st.title("Data", anchor=False)
if preview.panel():
    st.stop()  # what is about to come in stands alone
progress.builds()
main, side = st.columns([5, 3], gap="medium")
with main:
    import_form.import_form()
with side:
    import_form.analyse_form(bench.settings()["granularity"])
    time_zone.time_zone_form(bench)
    saved_mappings.mapping_list()

st.subheader("Imports", anchor=False)
every = bench.imports()
if not every:
    st.info("Every import was undone. Bring logs in, or let an earlier snapshot serve again.")
else:
    picked = imports.import_table(every, bench.version())
    if picked is not None:
        st.query_params["import"] = picked.import_id
    asked = st.query_params.get("import")
    chosen = next((each for each in every if each.import_id == asked), every[0])

    with st.container(horizontal=True, vertical_alignment="center"):
        heading(f"What was understood of {chosen.import_id}", level=3)
        imports.hashes(chosen)
        imports.undo_import(chosen)
    imports.understood(chosen)
    if chosen.conversations:
        st.subheader(f"What the log of {chosen.import_id} lacks", anchor=False)
        imports.gap_list(chosen.gaps, chosen.roles)
    rejected = bench.rejects(chosen.import_id)
    if rejected:
        st.subheader(formatting.count(chosen.rows_rejected, "rejected row"), anchor=False)
        imports.reject_table(rejected, chosen.import_id)

st.subheader("Backup", anchor=False)
backups.backup_card(bench)

st.subheader("Snapshots", anchor=False)
imports.snapshot_list(imports.snapshots(store()))
