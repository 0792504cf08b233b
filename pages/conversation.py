"""One conversation, opened at its likely failing turn, with every signal where it fired."""

import streamlit as st

from workbench import ui
from workbench.errors import UserError

key = st.query_params.get("k")
if not key:
    raise UserError("No conversation is named in the address. Open one from a cluster.")
bench = ui.bench()
detail = bench.conversation(key)
conversation = detail.conversation
turn = ui.turn_asked(detail)

siblings = [member.key for member in bench.cluster(detail.cluster).members] if detail.cluster else []
back = ("cluster", f"{detail.cluster} {detail.cluster_name}") if detail.cluster else ("clusters", "All clusters")
ui.step("conversation", "k", siblings, key, back=back, **({"c": detail.cluster} if detail.cluster else {}))
ui.heading(f"Conversation {conversation.conversation_id}")

main, side = st.columns([5, 3], gap="medium")
with main:
    ui.verdict(detail)
    ui.verdicts_here(bench, detail)
    ui.transcript(detail, turn)
    ui.worked(bench.worked(key), key)
    ui.documents(conversation.retrieved, "Documents that the bot had", "documents", expanded=True)
with side:
    ui.jump_list(detail, turn)
    ui.more_like(key)
    ui.label_form(bench, key, detail.label, inherited=detail.cluster_label)
    ui.about(detail)
