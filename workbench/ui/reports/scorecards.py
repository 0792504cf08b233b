"""The parts of the page Signals: the table of scorecards, one of them with its switch, and the learned score."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.bench import search
from workbench.bench.bench import Bench
from workbench.bench.search_rows import SearchFilter
from workbench.errors import WorkbenchError
from workbench.failures.facets import in_words
from workbench.failures.few_labels import FEW
from workbench.failures.learned_score import FEWEST
from workbench.judgement.disabled_signals import EVERY_BOT
from workbench.reports.scorecards import LearnedCard, Likely, Precision, Scorecard, Scores, switch
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.ui.conversations.search import search_table
from workbench.ui.logs import import_form
from workbench.ui.shared.charts import reliability_chart
from workbench.ui.shared.navigation import go
from workbench.ui.shared.tables import ROW_HEIGHT, downloads, pick
from workbench.ui.shared.text import error, note, text

FEATURES_SHOWN = 8
_text, _number = st.column_config.TextColumn, st.column_config.NumberColumn
_STRENGTHS = {"strong": "strong, 1", "medium": "medium, ½", "weak": "weak, ¼", "shown": "shown, 0"}


def bot_picker(bots: Sequence[str]) -> str:
    """Which bot; in the address."""
    if not bots:
        st.info("No conversation of any bot failed yet, so there is nothing to measure signals by.")
        st.stop()
    return str(st.selectbox("Bot", bots, key="bot_of_signals", format_func=visible, bind="query-params", width=320))


def in_sentences(scores: Scores) -> str:
    """What is known of the bot's conversations, in a sentence."""
    log, people = scores.by_log, scores.by_people
    sentences = [f"{visible(scores.bot)}: {formatting.count(scores.conversations, 'conversation')}."]
    sentences.append(
        f"The log says how {log.known:,} of them went ({log.failed:,} failed)."
        if log.known
        else "The log does not say how any of them went."
    )
    sentences.append(
        f"People settled {people.known:,} ({people.failed:,} failed)."
        if people.known
        else "People read none of them yet."
    )
    return " ".join(sentences)


def waiting(scores: Scores) -> None:
    """Which switches wait for the next analysis, with the button that starts it."""
    if not scores.waits:
        return
    titles = ", ".join(f"“{card.title}”" for card in scores.waits)
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(
            plain(f"Switched since the last analysis: {titles}. The next analysis counts all of the history anew.")
        )
        if st.button("Analyse again", key="analyse_for_signals", type="primary"):
            import_form.start()


def card_table(cards: Sequence[Scorecard], version: str) -> Scorecard | None:
    """Each signal with how often it fires and how often rightly; the one that was picked."""
    shown = [
        {
            "Signal": card.title + (" (off)" if card.disabled else ""),
            "Family": card.family,
            "Strength": _STRENGTHS[card.strength],
            "Fires in": card.fired,
            "Share": 100 * card.share,
            "Failed, by the log": _share(card.by_log),
            "95 % ": _bounds(card.by_log),
            "Failed, by people": _share(card.by_people),
            "95 %": _bounds(card.by_people),
            "Learned": None if card.weight is None else round(card.weight, 2) + 0.0,  # no minus before a zero
        }
        for card in cards
    ]
    config = {
        "Signal": _text(width=230),
        "Family": _text(width=100),
        "Strength": _text(
            width=90, help="What it adds to the score; from 1 on a conversation counts as failing, from ½ as suspected."
        ),
        "Fires in": _number(width=70, format="localized", help="Conversations in which it fires at least once."),
        "Share": st.column_config.ProgressColumn(format="%.1f %%", min_value=0, max_value=100, width=110),
        "Failed, by the log": _text(
            width=150,
            help="Of the conversations in which it fires and of which the log says how they went, those that failed.",
        ),
        "Failed, by people": _text(width=150, help="The same, where people settled how the conversation went."),
        "95 % ": _text(width=85, help="Wilson interval of that share."),
        "95 %": _text(width=85, help="Wilson interval of that share."),
        "Learned": _number(
            width=80,
            format="%+.2f",
            help="Learned from this bot's labels: the change in the log odds of failing when it fires, all else equal.",
        ),
    }
    picked = pick("signals", shown, config, version, tallest=14)
    return None if picked is None else cards[picked]


def chosen(cards: Sequence[Scorecard], picked: Scorecard | None) -> Scorecard | None:
    """The picked signal, which becomes part of the address; else the address's."""
    if picked is not None:
        st.query_params["signal"] = picked.code
    wanted = st.query_params.get("signal")
    return next((card for card in cards if card.code == wanted), None)


def detail(bench: Bench, card: Scorecard) -> None:
    """One signal: what it means, where it fired, and its switch."""
    with st.container(border=True, key="signal"):
        st.subheader(card.title, anchor=False)
        st.text(card.description, width="stretch")
        if card.disabled:
            where = "every bot" if card.disabled.bot == EVERY_BOT else visible(card.disabled.bot)
            text(
                f"Off for {where} since {formatting.minute(card.disabled.at)} (UTC), by {card.disabled.by}. It counts nowhere."
            )
        with st.container(horizontal=True, vertical_alignment="center"):
            for key, conversation_id in card.examples:
                if st.button(plain(formatting.shortened(conversation_id)), key=f"example_{key}", type="tertiary"):
                    go("conversation", k=key)
            if not card.examples:
                st.caption("It never fired here.", width="content")
        with st.container(horizontal=True, vertical_alignment="center"):
            if card.disabled:
                _button("Switch it on again", bench, card, card.disabled.bot, off=False)
            else:
                _button(f"Switch it off for {formatting.shortened(card.bot, 30)}", bench, card, card.bot, off=True)
                _button("Switch it off for every bot", bench, card, EVERY_BOT, off=True)
            st.caption("From the next analysis on, for all of the history. Undo stands on the page Activity.")


def conversations_of(bench: Bench, card: Scorecard) -> None:
    """Every conversation that a signal fired in, newest first, failing or not; a click opens one."""
    if not card.fired or not card.counted:
        return
    chosen = SearchFilter(bot=(card.bot,), signal=(card.code,))
    st.subheader(plain(f"All of “{card.title}”: {formatting.count(card.fired, 'conversation')}"), anchor=False)
    page = f"page_of_{card.code}"
    result = search.narrowed(bench, chosen, st.session_state.get(page, 1))
    picked = search_table(result, bench.version(), "of_signal")
    with st.container(horizontal=True, vertical_alignment="center"):
        downloads("search", lambda: search.all_rows(bench, "", chosen), f"{card.code}-{card.bot}")
        if st.button("Narrow them in Search", key="search_signal", type="tertiary"):
            go("search", signal=card.code, bot=card.bot)
        if result.pages > 1:
            st.pagination(result.pages, key=page)
    if picked is not None:
        go("conversation", k=picked.key)


def _button(label: str, bench: Bench, card: Scorecard, bot: str, *, off: bool) -> None:
    if not st.button(plain(label), key=f"switch_{card.code}_{bot}_{off}"):
        return
    try:
        switch(bench, card.code, bot, off=off)
    except WorkbenchError as e:
        error(e)
    else:
        st.rerun()


def learned(card: LearnedCard | None) -> None:
    """What the learned score is worth, with its reliability; or that it is off, and why."""
    if card is None or not card.on:
        _off(card)
        return
    st.caption(
        f"Learned from {card.failing:,} failing and {card.fine:,} fine conversations ({formatting.count(card.groups, 'group')} of like "
        "ones, held out together). It orders what to read; it changes no verdict."
    )
    base = card.failing / (card.failing + card.fine)
    for column, (label, value, help) in zip(st.columns(4), _figures(card, base), strict=True):
        column.metric(label, value, help=help)
    if card.few:
        note(
            f"So few labels only move what other bots' outcomes taught; from {FEWEST} of either sort on, this bot's alone decide."
        )
    if card.lead is not None:
        note(_beside_length(card))
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**What it predicted, and what happened**")
        reliability_chart(card.bins)
        st.caption(
            "Each dot is a fifth of the conversations, held out: the predicted share, and the share that failed, with 95 % intervals. On "
            "the line it may be read as a probability, for conversations like the labelled ones and no others."
        )
    with right:
        st.markdown("**What speaks for failing, and against**")
        st.dataframe(
            [
                {"Feature": visible(in_words(name)), "Change in log odds": weight}
                for name, weight in card.features[:FEATURES_SHOWN]
            ],
            hide_index=True,
            row_height=ROW_HEIGHT,
            height=ROW_HEIGHT * (min(FEATURES_SHOWN, len(card.features)) + 1) + 2,
            column_config={"Feature": _text(width=330), "Change in log odds": _number(format="%+.2f", width=130)},
            alt="learned features",
        )
        note(f"The strongest {FEATURES_SHOWN} of {len(card.features)}; what was asked counts too, by its vector.")


def _beside_length(card: LearnedCard) -> str:
    """What it adds to the number of turns, and which of the two orders."""
    low, high = card.lead_low or 0.0, card.lead_high or 0.0
    figure = f"Its AUC is {card.lead or 0:+.2f} beside that of the length alone (95 %: {low:+.2f} to {high:+.2f})"
    if card.by_length:
        return f"{figure}: it is no better, so the length decides what to read first."
    if low > 0:
        return f"{figure}."
    return f"{figure}: so few labels can't tell which is better, and on other bots it was the score, so that decides what to read first."


def likely_table(rows: Sequence[Likely], version: str) -> Likely | None:
    """What to read next by the learned score; the row that was picked."""
    shown = [
        {
            "Learned": row.learned,
            "What was asked": visible(row.request),
            "What speaks for failing": [visible(feature) for feature in row.spoke],
            "Started": row.started_at,
            "Conversation": visible(row.conversation_id),
        }
        for row in rows
    ]
    config = {
        "Learned": _number(width=75, format="%.2f"),
        "What was asked": _text(width=420),
        "What speaks for failing": st.column_config.ListColumn(width=380),
        "Started": st.column_config.DatetimeColumn(width=130, format="D MMM YYYY, HH:mm"),
    }
    picked = pick("likely", shown, config, version, tallest=10)
    return None if picked is None else rows[picked]


def _figures(card: LearnedCard, base: float) -> list[tuple[str, str, str]]:
    interval = f"{card.auc or 0:.2f} ({card.auc_low or 0:.2f}–{card.auc_high or 0:.2f})"
    return [
        (
            "AUC, held out (95 %)",
            interval,
            "The chance that a failing conversation stands above a fine one; 0.5 is chance.",
        ),
        ("AUC of the length alone", f"{card.length_auc or 0:.2f}", "The number of turns, with nothing learned."),
        ("Brier score", f"{card.brier or 0:.3f}", "Mean squared error of the probability; lower is better."),
        ("Brier of the bot's rate", f"{card.base_brier or 0:.3f}", f"Of always saying {formatting.percent(base)}."),
    ]


def _off(card: LearnedCard | None) -> None:
    if card is None:
        st.info("The score is off: this bot was not analysed yet.")
    elif min(card.failing, card.fine) < FEW:
        st.info(
            f"The score is off: it needs {FEW} failing and {FEW} fine conversations, by the log or by people, and there are "
            f"{card.failing:,} and {card.fine:,}. Reading some of them, on the page Read, makes them count."
        )
    else:
        st.info("The score is off: the labelled conversations are too alike to hold some of them out for a test.")


def _share(precision: Precision | None) -> str:
    if precision is None:
        return "is the outcome"
    return (
        f"{precision.failed:,} of {precision.known:,} = {formatting.percent(precision.share)}"
        if precision.known
        else "–"
    )


def _bounds(precision: Precision | None) -> str:
    return formatting.interval(*precision.bounds) if precision is not None and precision.known else "–"
