"""Search by words or by meaning, or for more like a conversation or a turn; a hit opens where it was found."""

import streamlit as st

from workbench import search, ui
from workbench.views import SearchFilter

bench = ui.bench()
st.title("Search", anchor=False)
query, by = ui.search_bar()
like = ui.like_asked()
chosen = ui.search_filters(search.choices(bench), with_role=by == "words" and like is None)
page = f"page_{hash((query, by, chosen))}"

if like:
    ui.like_head(bench, *like)
if not query and not like:
    ui.search_hints(by)
else:
    with ui.searching(bench, by, like):
        if like:
            result = search.more_like(bench, *like, chosen)
        else:
            result = search.search(bench, query, chosen, by, st.session_state.get(page, 1))
    if not result.rows:
        narrowed = chosen != SearchFilter() and not like
        ui.nothing_found(query, by, search.search(bench, query, by=by).total if narrowed else None)
    else:
        picked = ui.search_table(result, bench.version())
        with st.container(horizontal=True, vertical_alignment="center"):
            whole = result.pages == 1
            ui.downloads(
                "search",
                lambda: result.rows if whole else search.search(bench, query, chosen, page=None).rows,
                "search",
            )
            st.caption(ui.told(result, by, bool(like)), width="stretch")
            if result.pages > 1:
                st.pagination(result.pages, key=page)
        if picked is not None:
            ui.go("conversation", k=picked.key, **({} if picked.turn is None else {"turn": str(picked.turn)}))
