"""Agreement: people label the same conversations blind; then how far they agree, and what to talk about."""

import streamlit as st

from workbench.review import blind_rounds
from workbench.ui.review import agreement, voting
from workbench.ui.shared.session import open_bench

bench = open_bench()
if asked := st.query_params.get("r"):
    seen = blind_rounds.standing(bench, blind_rounds.addressed(bench, asked))
    if seen.round.status == "revealed":
        agreement.result_page(bench, blind_rounds.results(bench, seen.round.round))
    elif (place := voting.place_asked(bench, seen)) == len(seen.round.conversations):
        voting.end(bench, seen)
    else:
        voting.screen(bench, seen, place)
else:
    st.title("Agreement", anchor=False)
    listed, start = st.columns([5, 3], gap="medium")
    with listed:
        agreement.rounds_list(bench)
    with start:
        agreement.new_round(bench)
