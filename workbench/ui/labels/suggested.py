"""A suggested root cause: marked as one, with what speaks for it, until somebody accepts it by one click."""

from __future__ import annotations

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.suggestions import ENOUGH, Suggestion, SuggestionScore
from workbench.judgement.records.labels import Label
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.ui.shared.actions import attempt, may_read, refusal
from workbench.ui.shared.session import taxonomy
from workbench.ui.shared.text import badge


def suggestion(bench: Bench, target: str, label: Label | None) -> None:
    """What is suggested for a cluster or a conversation that nobody gave a cause, and the key to accept it."""
    if label is not None and (label.cause or label.disposition):
        return
    suggested = bench.overlay().suggested
    cluster = target.startswith("FC-")
    suggested_cause = (suggested.clusters if cluster else suggested.conversations).get(target)
    if suggested_cause is None or suggested_cause.cause not in taxonomy().offered():
        return
    with st.container(key="suggested_cause", border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            badge("suggested", "gray", "Nobody has said this yet: it is what people said about similar failures.")
            badge(taxonomy().title(suggested_cause.cause), "violet")
        st.caption(plain(why(suggested_cause, cluster)))
        st.button("Accept", key="accept_suggestion", shortcut="G", disabled=not may_read(bench), on_click=_accept,
                  args=(bench, target, suggested_cause.cause, label))  # fmt: skip
        refusal()


def why(suggestion: Suggestion, cluster: bool) -> str:
    """What speaks for a suggestion, in words."""
    learned = "a classifier learned from this bot's labels"
    if cluster:
        by = learned if suggestion.by == "classifier" else "the nearest labelled failures"
        return f"By {by} for {suggestion.votes} of {formatting.count(suggestion.of, 'unlabelled member')}."
    if suggestion.by == "classifier":
        return f"By {learned}; it gives this cause {suggestion.votes} % against all others."
    return f"{suggestion.votes} of the {formatting.count(suggestion.of, 'nearest labelled failure')} {'has' if suggestion.of == 1 else 'have'} this cause."


def trust(bench: Bench) -> None:
    """How well suggestions meet what people say, by bot, once there are labels enough to tell."""
    scores = bench.overlay().suggested.scores
    with st.expander("How far to trust suggested causes"):
        for score in scores.values():
            st.text(score_in_words(score), width="stretch")
        if not scores:
            st.text(
                f"From {ENOUGH} labels of one bot on, a classifier is learned and its score stands here. Until then a "
                "failure is suggested what most of its nearest labelled failures have.",
                width="stretch",
            )
        st.caption("Suggestions are per bot, never count as said by a person, and stand as “suggested” in exports.")


def score_in_words(score: SuggestionScore) -> str:
    """One bot's score in a sentence."""
    used = {
        "classifier": "Suggested by the classifier.",
        "nearest": "Suggested by the nearest labelled failures.",
        "neither": "Neither is clearly better than chance, so nothing is suggested for this bot.",
    }[score.used]
    return (
        f"{visible(score.bot)}: {score.labels} labels of {score.causes} causes. Of labels held out, averaged over the causes, "
        f"the classifier finds {formatting.percent(score.classifier)}, the nearest labelled failures {formatting.percent(score.nearest)}, "
        f"always saying the commonest cause {formatting.percent(score.chance)}. {used}"
    )


def _accept(bench: Bench, target: str, cause: str, label: Label | None) -> None:
    """The suggestion becomes what this person says; a severity or a note that stands already stays."""
    attempt(
        lambda: bench.label(
            target,
            cause=cause,
            severity=label.severity if label else None,
            note=label.note if label else "",
        )
    )
