"""Search by words or by meaning, or for more like a conversation or a turn; a hit opens where it was found."""

import streamlit as st

from workbench.bench import search
from workbench.bench.rows import SearchFilter
from workbench.ui import search as ui_search
from workbench.ui import session, shell, tables

bench = session.bench()
st.title("Search", anchor=False)
query, by = ui_search.search_bar()
like = ui_search.like_asked()
chosen = ui_search.search_filters(search.choices(bench), with_role=by == "words" and like is None)
page = f"page_{hash((query, by, chosen))}"

if like:
    ui_search.like_head(bench, *like)
if not query and not like:
    ui_search.search_hints(by)
else:
    with ui_search.searching(bench, by, like):
        if like:
            result = search.more_like(bench, *like, chosen)
        else:
            result = search.search(bench, query, chosen, by, st.session_state.get(page, 1))
    if not result.rows:
        narrowed = chosen != SearchFilter() and not like
        ui_search.nothing_found(query, by, search.search(bench, query, by=by).total if narrowed else None)
    else:
        picked = ui_search.search_table(result, bench.version())
        with st.container(horizontal=True, vertical_alignment="center"):
            whole = result.pages == 1
            tables.downloads(
                "search",
                lambda: result.rows if whole else search.search(bench, query, chosen, page=None).rows,
                "search",
            )
            st.caption(ui_search.told(result, by, bool(like)), width="stretch")
            if result.pages > 1:
                st.pagination(result.pages, key=page)
        if picked is not None:
            shell.go("conversation", k=picked.key, **({} if picked.turn is None else {"turn": str(picked.turn)}))
