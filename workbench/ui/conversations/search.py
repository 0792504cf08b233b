"""Asking and answering a search: the query and its filters in the address, the table, and what to try where it is empty."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import get_args

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.search import By, like_text, model_is_loaded
from workbench.bench.search_rows import SearchFilter, SearchResult, SearchRow
from workbench.bench.wording import SUSPECTED, signal_title
from workbench.evidence.search_rows import SearchChoices
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.text.masking import mask
from workbench.ui.shared.facts import quote
from workbench.ui.shared.navigation import ROOT, go
from workbench.ui.shared.tables import pick
from workbench.ui.shared.text import heading

_PICKERS = {
    "bot": ("Bot", "All bots"),
    "release": ("Release", "All releases"),
    "week": ("Week", "All weeks"),
    "outcome": ("Outcome", "Any outcome"),
    "failing": ("Failing", "Failing or not"),
    "signal": ("Signal", "All signals"),
    "cluster": ("Cluster", "All clusters"),
    "role": ("Said by", "Said by anyone"),
}
LONGEST_QUERY = 300


def more_like(key: str, turn: int | None = None) -> None:
    """A button that looks for conversations like this one, or like what one of its turns says."""
    label = "More like this" if turn is not None else "More conversations like this"
    shown = st.button(
        label,
        key=f"like_{'all' if turn is None else turn}",
        type="tertiary" if turn is not None else "secondary",
        width="content" if turn is not None else "stretch",
        help=None if turn is not None else "By the meaning of what was asked.",
    )
    if shown:
        # Who clicks before this page is whole would take an earlier search's words and filters along.
        st.session_state.update({"q": "", "by": "words"} | {name: [] for name in _PICKERS})
        go("search", like=key, **({} if turn is None else {"turn": str(turn)}))


def search_bar() -> tuple[str, By]:
    """What to look for, and how; a new query ends "more like this"."""
    with st.container(key="search_bar", horizontal=True, vertical_alignment="center"):
        query = st.text_input(
            "Search",
            key="q",
            type="search",
            max_chars=LONGEST_QUERY,
            placeholder='refund "never arrived" -voucher',
            label_visibility="collapsed",
            live="500ms",
            on_change=_forget_like,
            bind="query-params",
        )
        st.caption("by", width="content")
        by = st.segmented_control(
            "Search by",
            get_args(By),
            default="words",
            required=True,
            key="by",
            label_visibility="collapsed",
            on_change=_forget_like,
            bind="query-params",
        )
    return (query or "").strip(), "meaning" if by == "meaning" else "words"


def like_asked() -> tuple[str, int | None] | None:
    """The conversation, and the turn of it, that the address asks for more of."""
    key, turn = st.query_params.get("like"), st.query_params.get("turn", "")
    return (key, int(turn) if turn.isdecimal() else None) if key else None


def like_head(bench: Bench, key: str, turn: int | None) -> None:
    """What more is looked for of, and the way back to it."""
    named = f"conversation {bench.conversation(key).conversation.conversation_id}"
    heading(f"More like {named if turn is None else f'turn {turn} of {named}'}", level=3)
    quote(like_text(bench, key, turn), "like")
    if st.button("Back to the conversation", key="like_back", type="tertiary"):
        go("conversation", k=key, **({} if turn is None else {"turn": str(turn)}))


def searching(bench: Bench, by: By, like: tuple[str, int | None] | None) -> AbstractContextManager[None]:
    """A spinner that says what takes the time."""
    embeds = by == "meaning" if like is None else like[1] is not None
    if embeds and not model_is_loaded(bench):
        return st.spinner("Loading the language model: 5 to 10 s, once until the app starts again…", show_time=True)
    return st.spinner("Searching…")


def search_filters(choices: SearchChoices, with_role: bool) -> SearchFilter:
    """Pickers in a row; an empty one means all. Who said it only counts where words are looked for."""
    names = [name for name in _PICKERS if with_role or name != "role"]
    picked: dict[str, tuple[str, ...]] = {}
    for column, name in zip(st.columns(len(names), gap="small"), names, strict=True):
        with column:
            picked[name] = tuple(
                st.multiselect(
                    _PICKERS[name][0],
                    list(getattr(choices, name)),
                    key=name,
                    format_func=signal_title if name == "signal" else (lambda value: visible(mask(value))),
                    placeholder=_PICKERS[name][1],
                    label_visibility="collapsed",
                    bind="query-params",
                )
            )
    return SearchFilter(**picked)


def search_table(result: SearchResult, version: str, name: str = "search") -> SearchRow | None:
    """What was found; the row that was picked."""
    near = any(row.similarity is not None for row in result.rows)
    at_turns = any(row.turn is not None for row in result.rows)
    shown = [
        ({"Nearness": row.similarity} if near else {"Started": row.started_at})
        | {"Where it is said" if at_turns else "What was asked": visible(row.excerpt)}
        | (
            {"Started": row.started_at}
            if near
            else {"By": visible(row.role or ""), "Turn": row.turn}
            if at_turns
            else {}
        )
        | {
            "Failing": "failing" if row.failed else "suspected" if row.suspected else "",
            "Outcome": visible(row.outcome or ""),
            "Cluster": row.cluster or "",
            "Bot": visible(row.bot),
            "Release": visible(row.release or ""),
            "Conversation": visible(row.conversation_id),
        }
        for row in result.rows
    ]
    text = st.column_config.TextColumn
    config = {
        "Nearness": st.column_config.ProgressColumn(
            width=90, format="%.2f", min_value=0, max_value=1, help="Cosine of the two meanings; 1 is the same."
        ),
        "Started": st.column_config.DatetimeColumn(width=125, format="D MMM YYYY, HH:mm"),
        "What was asked": text(width=560),
        "Where it is said": text(width=560, help="The turn that holds most of the words, around the first of them."),
        "By": text(width=75),
        "Turn": st.column_config.NumberColumn(width=45),
        "Failing": text(width=75, help=SUSPECTED),
        "Outcome": text(width=80),
        "Cluster": text(width=75),
    }
    picked = pick(name, shown, config, version, tallest=14)
    return None if picked is None else result.rows[picked]


def summary(result: SearchResult, by: By, like: bool) -> str:
    """What a result is, in a sentence."""
    if result.rows and result.rows[0].turn is None and not (by == "meaning" or like):
        return f"{formatting.count(result.total, 'conversation')} pass the filters, newest first. A click opens one."
    if by == "meaning" or like:
        return f"The {formatting.count(result.total, 'conversation')} whose request is nearest in meaning. A click opens one."
    return f"{formatting.count(result.total, 'conversation')}, newest first. A click opens one at its turn."


def search_hints(by: By) -> None:
    """How to ask, where nothing is asked yet."""
    if by == "words":
        st.info(
            'All words must be in a conversation, in any turn and order, whatever their case and accents. "A phrase" in '
            "quotes is kept together, -word leaves out what holds it. Names and arguments of tool calls are searched, too."
        )
    else:
        st.info(
            "Say in a sentence what a user would ask. The conversations come whose request is nearest in meaning. "
            "Only the first search takes long: it loads the language model."
        )
    st.page_link(
        ROOT / "pages" / "harm.py",
        label="Silent harm: customers who left satisfied after a change that was probably wrong",
    )


def nothing_found(query: str, by: By, unfiltered: int | None) -> None:
    """What to try where a search is empty; `unfiltered` is what it finds without the filters."""
    tips = []
    if unfiltered:
        tips.append(f"{formatting.count(unfiltered, 'conversation')} without the filters: take one away.")
    if mask(query) != query:
        tips.append(
            "Personal data is masked here and can't be searched for; [email], [phone], [card], [iban], [ip], [id], [key] and [password] find where some is."
        )
    if by == "words":
        tips.append("Fewer words, or only the beginning of one, find more; or search by meaning.")
    st.info("No conversation matches. " + " ".join(tips))


def _forget_like() -> None:
    for name in ("like", "turn"):
        if name in st.query_params:
            del st.query_params[name]
