"""One conversation, opened at its likely failing turn, with every signal where it fired."""

import streamlit as st

from workbench.errors import UserError
from workbench.ui import contrast, labelling, reading, search, session, shell, text, turns
from workbench.ui import detail as ui_detail

key = st.query_params.get("k")
if not key:
    raise UserError("No conversation is named in the address. Open one from a cluster.")
bench = session.bench()
detail = bench.conversation(key)
conversation = detail.conversation
turn = ui_detail.turn_asked(detail)

siblings = [member.key for member in bench.cluster(detail.cluster).members] if detail.cluster else []
back = ("cluster", f"{detail.cluster} {detail.cluster_name}") if detail.cluster else ("clusters", "All clusters")
shell.step("conversation", "k", siblings, key, back=back, **({"c": detail.cluster} if detail.cluster else {}))
text.heading(f"Conversation {conversation.conversation_id}")

main, side = st.columns([5, 3], gap="medium")
with main:
    ui_detail.verdict(detail)
    reading.verdicts_here(bench, detail)
    turns.transcript(detail, turn)
    contrast.worked(bench.worked(key), key)
    turns.documents(conversation.retrieved, "Documents that the bot had", "documents", expanded=True)
with side:
    ui_detail.jump_list(detail, turn)
    search.more_like(key)
    labelling.label_form(bench, key, detail.label, inherited=detail.cluster_label)
    ui_detail.about(detail)
