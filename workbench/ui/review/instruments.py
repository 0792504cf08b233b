"""Evaluators and the causes of labels as instruments: what they say, how good they are, and the rates corrected for it."""

from __future__ import annotations

import streamlit as st

from workbench.bench.bench import Bench
from workbench.review.cause_shares import CauseShare, cause_shares
from workbench.review.estimate import Interval
from workbench.review.evaluators import Instrument, instruments
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.text.masking import mask

_text = st.column_config.TextColumn
_CORRECTED = "Corrected for its errors, with its 95 % interval; empty until enough was read."
NO_EVALUATOR = (
    "The log holds no evaluator's word on this bot, and no judge was asked. `python -m workbench judge --help` says how to have a "
    "model of yours judge conversations; what it says counts once people have read enough of it."
)


@st.cache_data(max_entries=32, show_spinner="Reading what evaluators said…")
def _instruments(_bench: Bench, version: str, bot: str) -> list[Instrument]:
    return instruments(_bench, bot)


@st.cache_data(max_entries=32, show_spinner=False)
def _cause_shares(_bench: Bench, version: str, bot: str) -> list[CauseShare]:
    return cause_shares(_bench, bot)


def evaluators(bench: Bench, bot: str) -> None:
    """Every evaluator of a bot's conversations with its error rates and the corrected rate."""
    listed = _instruments(bench, _version(bench), bot)
    if not listed:
        st.caption(NO_EVALUATOR)
        return
    rows = [
        {
            "Evaluator": visible(mask(each.name)),
            "By": visible(each.by),
            "Says failed": f"{each.counted.yes.population:,} of {each.counted.population:,}",
            "Read": f"{each.counted.read:,}",
            "Finds failures": _interval(each.accuracy.sensitivity if each.accuracy else None),
            "Leaves fine alone": _interval(each.accuracy.specificity if each.accuracy else None),
            "Failing, corrected": _interval(each.rate),
            "Next": each.advice,
        }
        for each in listed
    ]
    config = {
        "Evaluator": _text(width=200),
        "Finds failures": _text(
            width=150, help="Of what readers found failed, the share that it calls failed (true positive rate)."
        ),
        "Leaves fine alone": _text(
            width=150, help="Of what readers found fine, the share that it calls fine (true negative rate)."
        ),
        "Failing, corrected": _text(width=150, help=_CORRECTED),
        "Next": _text(width=420),
    }
    st.dataframe(rows, column_config=config, hide_index=True, alt="Evaluators and what they are worth")


def causes(bench: Bench, bots: list[str]) -> None:
    """How frequent each cause is in one bot's conversations, corrected for labels that err."""
    with st.expander("How frequent each cause is, corrected", key="cause_shares"):
        bot = st.selectbox("Bot", bots, key="shares_bot", format_func=visible, width=320)
        listed = _cause_shares(bench, _version(bench), bot)
        if not listed:
            st.caption("No cluster of this bot has a label yet.")
            return
        taxonomy = bench.causes.taxonomy()
        rows = [
            {
                "Cause": visible(taxonomy.title(each.cause)),
                "Inherit it": f"{each.counted.yes.population:,} of {each.counted.population:,}",
                "Read": f"{each.counted.yes.read:,} and {each.counted.no.read:,} others",
                "Right": f"{each.counted.yes.failures:,} and {each.counted.no.failures:,}",
                "Share, corrected": _interval(each.share),
                "Next": each.advice,
            }
            for each in listed
        ]
        config = {
            "Cause": _text(width=200),
            "Right": _text(width=110, help="Of those that were read, how many have it, by what people said."),
            "Share, corrected": _text(width=150, help=_CORRECTED),
            "Next": _text(width=420),
        }
        st.dataframe(rows, column_config=config, hide_index=True, alt="Root causes and their corrected shares")
        st.caption(
            "Members inherit their cluster's label. What people said of single conversations corrects that, as far as those are typical."
        )


def _interval(interval: Interval | None) -> str:
    if interval is None:
        return ""
    return f"{formatting.percent(interval.value)} ({formatting.interval(interval.low, interval.high)})"


def _version(bench: Bench) -> str:
    judges = sorted((file.name, file.stat().st_size) for file in (bench.store.root / "judges").glob("*.jsonl"))
    return f"{bench.version()}/{judges}"
