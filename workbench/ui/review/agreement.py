"""Blind rounds beside the voting itself: starting one, who is how far, and what a revealed one found."""

from __future__ import annotations

from typing import Any

import streamlit as st

from workbench.bench.bench import Bench
from workbench.judgement.records.rounds import Round
from workbench.judgement.rounds import SHORT_LIST
from workbench.judgement.taxonomy import DISPOSITIONS
from workbench.review import blind_rounds, wording
from workbench.review.agreement import Agreement
from workbench.review.blind_rounds import Results, Voted
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.text.masking import mask
from workbench.triage.agenda import people
from workbench.ui.labels.cause_keys import cause_keys, title
from workbench.ui.shared.actions import attempt, may_read, refusal, why_silent
from workbench.ui.shared.navigation import ROOT, go
from workbench.ui.shared.selection import selected
from workbench.ui.shared.session import person, taxonomy
from workbench.ui.shared.tables import ROW_HEIGHT, downloads, pick
from workbench.ui.shared.text import badge, heading, text

EVERY = "All bots"
_COUNTS = (10, 20, 30, 50)
_text = st.column_config.TextColumn


# ── starting and finding rounds ──


def new_round(bench: Bench) -> None:
    """The form that starts a round: from failures at random, from one cluster (`c` in the address) or from a selection."""
    cluster, chosen = st.query_params.get("c"), selected(st.query_params.get("s"))
    scope: dict[str, Any]
    with st.container(border=True, key="new_round"):
        st.subheader("Start a round", anchor=False)
        bot = EVERY
        if st.query_params.get("s") and not chosen:
            st.info("That selection is only known in the browser where it was made. Mark the conversations again.")
        if chosen:
            st.caption(f"From {formatting.count(len(chosen), 'selected conversation')}.")
            keys, scope, called = chosen, {"selection": len(chosen)}, "A selection"
        elif cluster:
            detail = bench.cluster(cluster)
            st.caption(plain(f"From the members of {cluster} {detail.row.name}."))
            keys, scope, called = [member.key for member in detail.members], {"cluster": cluster}, cluster
        else:
            bots = [EVERY, *bench.choices().bot]
            if len(bots) > 2:
                bot = st.selectbox("Bot", bots, key="round_bot")
            keys = blind_rounds.failing(bench, "" if bot == EVERY else bot)
            scope, called = {"bot": "" if bot == EVERY else bot}, "Failures at random"
            st.caption(f"Drawn from {formatting.count(len(keys), 'failing conversation')}.")
        count = st.segmented_control("How many", _COUNTS, default=20, required=True, key="round_count")
        name = st.text_input("Title", value=called, max_chars=80, key=f"round_title_{called}")
        raters = st.multiselect(
            "Who labels",
            people(bench),
            default=[person()] if person() else [],
            accept_new_options=True,
            key="round_raters",
            help="Who is expected. Anybody else with this page's address can label, too.",
        )
        codes = st.multiselect(
            "On the keys 1 to 9",
            [*taxonomy().offered(), *DISPOSITIONS],
            default=blind_rounds.short_list(bench),
            format_func=title,
            max_selections=SHORT_LIST,
            key="round_codes",
            help="The same keys for everybody. Every other cause is found by typing.",
        )
        readers = st.segmented_control(
            "Each labelled by",
            [0, 2, 3],
            default=0,
            required=True,
            key="round_readers",
            format_func=_labelled_by,
            help="Shared out: whoever opens the round gets what is left for them.",
        )
        if st.button("Start", key="start_round", type="primary", shortcut="S", disabled=not may_read(bench)):
            started = attempt(
                lambda: blind_rounds.start(
                    bench, name or "", keys, count=count, raters=raters, codes=codes, scope=scope, readers=readers or 0
                )
            )
            if started is not None:
                go("agreement", r=started.round)
        why_silent(bench)
        refusal()


def _labelled_by(readers: int) -> str:
    return "Everybody" if not readers else f"{readers} of them"


def rounds_list(bench: Bench) -> None:
    """Every round with who is how far; a click opens one."""
    rounds, voted = blind_rounds.listed(bench), bench.rounds.voted()
    if not rounds:
        st.info(
            "No round yet. Two or more people label the same conversations without seeing each other's votes; then this page "
            "shows how far they agree, and what to talk about. Start one beside this, or from a cluster's members."
        )
        return
    shown = [
        {
            "Round": round.round,
            "Title": visible(round.title),
            "Status": "revealed" if round.status == "revealed" else "blind",
            "Conversations": len(round.conversations),
            "Labelled by": ", ".join(f"{visible(name)} {count}" for name, count in voted[round.round].items())
            or "nobody yet",
            "Started by": visible(round.created_by),
            "Started": round.created_at,
        }
        for round in rounds
    ]
    config = {
        "Round": _text(width=80),
        "Title": _text(width=220),
        "Conversations": st.column_config.NumberColumn(width=100),
        "Labelled by": _text(width=220),
        "Started": st.column_config.DatetimeColumn(width=130, format="D MMM YYYY, HH:mm"),
    }
    picked = pick("rounds", shown, config, bench.version(), tallest=12)
    if picked is not None:
        go("agreement", r=rounds[picked].round)


# ── what a revealed round found ──


def result_page(bench: Bench, results: Results) -> None:
    """The figures in a line, the disagreements to talk about, and beside them each code's own alpha."""
    st.page_link(ROOT / "pages" / "agreement.py", label="← Agreement", width="content")
    heading(f"{results.round.round} {formatting.shortened(results.round.title, 80)}", level=1)
    _describe(results.round)
    if not results.agreement.compared:
        st.info(plain(wording.same(results.agreement), limit=None))
        return
    _figures(results.agreement)
    st.text(wording.reliable(results.agreement), width="stretch")
    main, side = st.columns([5, 3], gap="medium")
    with main:
        _to_talk_about(bench, results)
        _recorded(bench, results)
    with side:
        _by_code(results.agreement)
        _confused(results.agreement)
    downloads("votes", lambda: blind_rounds.vote_rows(results), f"{results.round.round} votes")


def _describe(round: Round) -> None:
    scope = round.scope
    where = (
        f"members of {scope['cluster']}"
        if scope.get("cluster")
        else "a selection"
        if scope.get("selection")
        else f"failures of {scope['bot']}"
        if scope.get("bot")
        else "failures of all bots"
    )
    drawn = (
        f", {len(round.conversations)} of {scope['of']:,} drawn with seed {scope['seed']}" if scope.get("of") else ""
    )
    st.caption(plain(f"From {where}{drawn}. Started by {round.created_by}, {formatting.minute(round.created_at)} UTC."))


def _figures(agreement: Agreement) -> None:
    figures = [
        ("All said the same", f"{agreement.same} of {agreement.compared}", plain(wording.same(agreement), limit=None)),
        ("Krippendorff's alpha", wording.figure(agreement.alpha), "1 is full agreement, 0 what chance would give."),
    ]
    if agreement.kappa is not None:
        figures.append(("Cohen's kappa", f"{agreement.kappa:.2f}", "For two people; alpha's older relative."))
    for column, (label, value, help) in zip(st.columns(len(figures), gap="small"), figures, strict=True):
        column.metric(label, value, help=help)


def _to_talk_about(bench: Bench, results: Results) -> None:
    """The disagreements in a table, and one of them with all votes and the keys that settle it."""
    st.subheader("Disagreements to talk about", anchor=False)
    if not results.divided:
        st.info("Nobody disagreed: there is nothing to talk about here.")
        return
    open_ones = [n for n, row in enumerate(results.divided) if not row.settled]
    asked = st.query_params.get("d", "")
    place = min(int(asked) - 1, len(results.divided) - 1) if asked.isdecimal() and int(asked) else (open_ones or [0])[0]
    picked = pick("divided", [_shown(results, row, n == place) for n, row in enumerate(results.divided)], _DIVIDED,
                  f"{bench.version()} {place}", tallest=4)  # fmt: skip
    if picked is not None and picked != place:
        _turn(results, picked)
        st.rerun()
    row = results.divided[place]
    with st.container(border=True, key="disagreement"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{place + 1} of {len(results.divided)} · {len(open_ones)} to settle", width="content")
            st.page_link(ROOT / "pages" / "conversation.py", label=plain(f"Read {row.conversation_id}"),
                         query_params={"k": row.key}, width="stretch")  # fmt: skip
            for label, key, step in (("Previous", "K", -1), ("Next", "J", 1)):
                st.button(label, key=f"divided_{label}", shortcut=key, on_click=_turn, args=(results, place + step),
                          disabled=not 0 <= place + step < len(results.divided))  # fmt: skip
        text(row.request_excerpt)
        for vote in row.votes:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                badge(f"{formatting.shortened(vote.rater)}: {title(vote.code)}", "violet")
                text(mask(vote.note), 400)
        if row.label is not None and row.settled:
            badge(f"agreed: {title(row.label.cause or row.label.disposition or '')}", "green",
                  f"recorded by {row.label.by}, {formatting.minute(row.label.at)} UTC")  # fmt: skip
        code = row.label.cause or row.label.disposition if row.label and row.settled else None
        st.caption("Agree on")
        cause_keys(
            f"{results.round.round}_{row.key}_{row.label.version if row.label else 0}",
            list(row.raters_by_code),
            code,
            lambda code: _settle(bench, results, place, code),
            disabled=not may_read(bench),
            in_a_row=True,
        )
        refusal()


_DIVIDED = {
    "": _text(width=24),
    "What was asked": _text(width=300),
    "Agreed": _text(width=130),
}


def _shown(results: Results, row: Voted, here: bool) -> dict[str, str]:
    by_rater = {vote.rater: title(vote.code) for vote in row.votes}
    settled = row.label if row.settled else None
    return {
        "": "▸" if here else "",
        "What was asked": visible(row.request_excerpt),
        **{visible(rater): by_rater.get(rater, "") for rater in results.agreement.raters},
        "Agreed": title(settled.cause or settled.disposition or "") if settled else "",
    }


def _recorded(bench: Bench, results: Results) -> None:
    """What all said alike becomes labels by one click, each with its votes."""
    if not results.agreed:
        return
    waiting, own = len(results.to_record), sum(row.label is not None and not row.settled for row in results.agreed)
    with st.container(horizontal=True, vertical_alignment="center", key="record_agreed"):
        st.text(f"All said the same on {formatting.count(len(results.agreed), 'conversation')}.", width="content")
        if waiting:
            st.button(f"Record {formatting.count(waiting, 'label')}", key="record", disabled=not may_read(bench),
                      on_click=_record, args=(bench, results))  # fmt: skip
        caution = f"{formatting.count(own, 'conversation')} had a label before, which stays." if own else ""
        st.caption(f"{'' if waiting else 'They are recorded, each with its votes.'} {caution}".strip())


def _by_code(agreement: Agreement) -> None:
    st.subheader("By code", anchor=False)
    rows = [
        {
            "Code": title(code.code),
            "Votes": code.votes,
            "Alpha": None if code.alpha.value is None else round(code.alpha.value, 2),
            "95 %": "" if code.alpha.low is None else f"{code.alpha.low:.2f} to {code.alpha.high:.2f}",
        }
        for code in agreement.by_code
    ]
    st.dataframe(rows, hide_index=True, row_height=ROW_HEIGHT, alt="Agreement by code",
                 column_config={"Alpha": st.column_config.NumberColumn(format="%.2f", help="This code compared with all others.")})  # fmt: skip
    if any(code.alpha.low is None for code in agreement.by_code):
        st.caption("No interval where too few conversations got the code, or nobody disagreed on it.")


def _confused(agreement: Agreement) -> None:
    if not agreement.confused:
        return
    st.subheader("What is confused", anchor=False)
    for pair in agreement.confused[:5]:
        st.text(f"{title(pair.first)} and {title(pair.second)}: {formatting.count(pair.conversations, 'conversation')}")
    with st.expander("All codes against each other", type="compact"):
        rows = [
            {"Code": title(code)}
            | {title(other): round(float(value), 1) for other, value in zip(agreement.codes, row, strict=True)}
            for code, row in zip(agreement.codes, agreement.coincidences, strict=True)
        ]
        st.dataframe(rows, hide_index=True, alt="Coincidences of votes")
        st.caption("Pairs of votes on one conversation, each conversation counted as often as it was labelled.")


def _settle(bench: Bench, results: Results, place: int, code: str) -> None:
    if attempt(lambda: blind_rounds.settle(bench, results, results.divided[place], code)) is None:
        return
    later = [n for n in range(place + 1, len(results.divided)) if not results.divided[n].settled]
    _turn(results, later[0] if later else place)


def _record(bench: Bench, results: Results) -> None:
    attempt(lambda: blind_rounds.settle_agreed(bench, results))


def _turn(results: Results, place: int) -> None:
    st.query_params.from_dict({"r": results.round.round, "d": str(place + 1)})
