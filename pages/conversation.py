"""One conversation, opened at its likely failing turn, with every signal where it fired."""

import streamlit as st

from workbench.errors import UserError
from workbench.ui.clusters.worked import worked
from workbench.ui.conversations.detail import about, evaluations, jump_list, turn_asked, verdict
from workbench.ui.conversations.prompt import ran_with
from workbench.ui.conversations.reveal import as_revealed, reveal_form
from workbench.ui.conversations.search import more_like
from workbench.ui.conversations.transcript import documents, transcript
from workbench.ui.labels.form import label_form
from workbench.ui.review.verdict import verdicts_here
from workbench.ui.shared.navigation import step
from workbench.ui.shared.role_view import for_business, view_key
from workbench.ui.shared.session import open_bench
from workbench.ui.shared.text import heading

key = st.query_params.get("k")
if not key:
    raise UserError("No conversation is named in the address. Open one from a cluster.")
bench = open_bench()
detail = bench.conversation(key)
conversation = detail.conversation
shown = as_revealed(bench, detail)
turn = turn_asked(detail)

siblings = [member.key for member in bench.cluster(detail.cluster).members] if detail.cluster else []
back = ("cluster", f"{detail.cluster} {detail.cluster_name}") if detail.cluster else ("clusters", "All clusters")
step("conversation", "k", siblings, key, back=back, **({"c": detail.cluster} if detail.cluster else {}))
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    heading(f"Conversation {conversation.conversation_id}")
    view_key("conversation")
business = for_business("conversation")

main, side = st.columns([5, 3], gap="medium")
with main:
    verdict(detail, business)
    verdicts_here(bench, detail)
    transcript(shown, turn, business=business)
    if not business:
        worked(bench.worked(key), key)
        documents(shown.conversation.retrieved, "Documents that the bot had", "documents", expanded=True)
with side:
    jump_list(detail, turn)
    more_like(key)
    label_form(bench, key, detail.label, inherited=detail.cluster_label)
    ran_with(bench, key)
    if not business:
        evaluations(shown)
        about(shown)
        reveal_form(bench, detail)
