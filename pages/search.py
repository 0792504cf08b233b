"""Search by words or by meaning, or for more like a conversation or a turn; a hit opens where it was found."""

import streamlit as st

from workbench.bench import search
from workbench.bench.search_rows import SearchFilter
from workbench.ui.conversations.search import (
    like_asked,
    like_head,
    nothing_found,
    search_bar,
    search_filters,
    search_hints,
    search_table,
    searching,
    summary,
)
from workbench.ui.shared.navigation import go
from workbench.ui.shared.session import open_bench
from workbench.ui.shared.tables import downloads

bench = open_bench()
st.title("Search", anchor=False)
query, by = search_bar()
like = like_asked()
chosen = search_filters(search.choices(bench), with_role=by == "words" and like is None)
page = f"page_{hash((query, by, chosen))}"

if like:
    like_head(bench, *like)
if not query and not like and chosen == SearchFilter():
    search_hints(by)
else:
    with searching(bench, by, like):
        if like:
            result = search.more_like(bench, *like, chosen)
        elif query:
            result = search.search(bench, query, chosen, by, st.session_state.get(page, 1))
        else:
            result = search.narrowed(bench, chosen, st.session_state.get(page, 1))
    if not result.rows:
        narrowed = chosen != SearchFilter() and not like
        nothing_found(query, by, search.search(bench, query, by=by).total if narrowed and query else None)
    else:
        picked = search_table(result, bench.version())
        with st.container(horizontal=True, vertical_alignment="center"):
            whole = result.pages == 1
            downloads(
                "search",
                lambda: result.rows if whole else search.all_rows(bench, query, chosen),
                "search",
            )
            st.caption(summary(result, by, bool(like)), width="stretch")
            if result.pages > 1:
                st.pagination(result.pages, key=page)
        if picked is not None:
            go("conversation", k=picked.key, **({} if picked.turn is None else {"turn": str(picked.turn)}))
