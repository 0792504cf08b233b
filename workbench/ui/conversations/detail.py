"""What stands beside a transcript: why it counts as failing, where to look, and what else the log says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import streamlit as st

from workbench.bench.conversation_detail import ConversationDetail, SignalHit
from workbench.bench.failure_rows import MemberRow
from workbench.bench.wording import SUSPECTED, signal_title
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.text.readable import without_data
from workbench.ui.shared.navigation import go
from workbench.ui.shared.text import STRENGTH_COLOURS, Colour, badge

PLACES = 10
"""Places of one kind of signal that are listed at first, and how many more a click lists: a long conversation has thousands."""
_KEYS = "123456789"
_TIERS: dict[str, Colour] = {"failing": "red", "suspected": "orange"}
_MEANS = {"suspected": SUSPECTED}


def open_member(member: MemberRow) -> None:
    """Read a conversation at its failing turn."""
    turn = {} if member.failing_turn is None else {"turn": str(member.failing_turn)}
    go("conversation", k=member.key, **turn)


def turn_asked(detail: ConversationDetail) -> int | None:
    """The turn in the address, else the likeliest failing turn."""
    with suppress(KeyError, ValueError):
        return int(st.query_params["turn"])
    return detail.candidates[0].position if detail.candidates else None


def verdict(detail: ConversationDetail, business: bool = False) -> None:
    """Why this conversation counts as failing, or doesn't, in a sentence; for engineers also what concerns it as a whole."""
    with st.container(key="verdict", border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            badge(detail.tier or "not failing", _TIERS.get(detail.tier or "", "green"), _MEANS.get(detail.tier or ""))
            badge("outcome " + formatting.shortened(detail.outcome), "gray", detail.outcome_source)
            if not business:
                st.caption(plain(formatting.shortened(detail.signature, 160)), width="content")
        st.text(visible(without_data(detail.verdict)), width="stretch")
        if detail.outdated and detail.reworded:
            st.warning(
                f"The log replaced the words of this conversation on {formatting.minute(detail.reworded)} UTC. What was said before is of "
                f"other words: {plain(', '.join(detail.outdated))}. Read it again."
            )
        if business:
            return
        for hit, _ in gather(hit for hit in detail.signals if hit.position is None):
            signal(hit, 1)
        if detail.learned is not None:
            _learned(detail.learned, detail.contributions)


def _learned(score: float, contributions: list[tuple[str, float]]) -> None:
    """The learned score with what spoke; whoever judged the conversation is not overruled by it."""
    directions = [
        f"{word}: {', '.join(text for text, weight in contributions if (weight > 0) is up)}"
        for word, up in (("for failing", True), ("against", False))
        if any((weight > 0) is up for _, weight in contributions)
    ]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        badge(f"learned {score:.2f}", "gray", "What this bot's labels taught; how far it can be trusted: page Signals.")
        st.text(
            visible("; ".join(directions)) or "Nothing in particular speaks for failing or against it.", width="content"
        )


def signal(hit: SignalHit, times: int) -> None:
    """A signal with the words or values that fired it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        repeated = f" × {times}" if times > 1 else ""
        badge(hit.title + repeated, STRENGTH_COLOURS.get(hit.strength, "gray"), f"{hit.strength} signal")
        st.text(visible(formatting.shortened(hit.evidence, 240)), width="content")


def jump_list(detail: ConversationDetail, turn: int | None) -> None:
    """Where to look first, and where each signal fired: one click or key away; of a failure also that nothing says where."""
    if not (detail.candidates or detail.signals or detail.failed):
        return
    with st.container(border=True, key="jump_list"):
        st.subheader("Where to look", anchor=False)
        if detail.failed and not detail.candidates:
            st.caption("Nothing in the transcript says where it failed.")
        for number, (position, why) in enumerate(_candidates(detail).items()):
            st.button(
                f"Turn {position}: {plain(why)}",
                key=f"candidate_{position}",
                type="primary" if position == turn else "secondary",
                width="stretch",
                shortcut=_KEYS[number],
                on_click=_jump,
                args=(position,),
            )
        with st.container(gap=None, key="jump_signals"):
            _signal_jumps(detail)


def _signal_jumps(detail: ConversationDetail) -> None:
    """A button for each place where a signal fired, of each kind the first ones; more of a kind when they are asked for."""
    held_back: Counter[str] = Counter()
    listed: Counter[str] = Counter()
    wanted = {code: st.session_state.get(_more_key(detail, code), PLACES) for code in {h.code for h in detail.signals}}
    for number, (hit, times) in enumerate(gather(hit for hit in detail.signals if hit.position is not None)):
        if listed[hit.code] >= wanted[hit.code]:
            held_back[hit.code] += 1
            continue
        listed[hit.code] += 1
        repeated = f" × {times}" if times > 1 else ""
        st.button(
            f"Turn {hit.position}: {plain(hit.title)}{repeated}",
            key=f"signal_{number}",
            type="tertiary",
            on_click=_jump,
            args=(hit.position,),
        )
    for code, count in held_back.items():
        more = min(count, PLACES)
        st.button(
            f"{more} more of {formatting.count(count, 'place')}: {plain(signal_title(code))}",
            key=f"more_{code}",
            type="tertiary",
            on_click=_list_more,
            args=(_more_key(detail, code), wanted[code] + more),
        )


def _more_key(detail: ConversationDetail, code: str) -> str:
    return f"places_{detail.conversation.key}_{code}"


def _list_more(key: str, places: int) -> None:
    st.session_state[key] = places


def _candidates(detail: ConversationDetail) -> dict[int, str]:
    """Why to look at a turn, by its position; several reasons for one turn stand together."""
    reasons: dict[int, str] = {}
    for candidate in detail.candidates:
        reason = reasons.get(candidate.position)
        reasons[candidate.position] = f"{reason}; {candidate.why}" if reason else candidate.why
    return reasons


def about(detail: ConversationDetail) -> None:
    """Everything else that the log says of this conversation."""
    conversation = detail.conversation
    fields: dict[str, Any] = {
        "Conversation": conversation.conversation_id,
        "Bot": conversation.bot,
        "Release": conversation.release_name,
        "Model": conversation.model,
        "Channel": conversation.channel,
        "Started (UTC)": formatting.minute(conversation.started_at) if conversation.started_at else None,
        "Ended (UTC)": formatting.minute(conversation.ended_at) if conversation.ended_at else None,
        "Turns": len(conversation.turns),
        "Outcome": f"{detail.outcome} ({detail.outcome_source})",
        "Reward": conversation.reward,
        "Feedback": conversation.feedback_score,
        "Feedback text": conversation.feedback_text,
        "User": conversation.user_id,
        **conversation.metadata,
    }
    with st.expander("About this conversation"):
        st.dataframe(
            [
                {"Field": visible(name), "Value": visible(_shown(value), 2_000)}
                for name, value in fields.items()
                if value not in (None, "")
            ],
            hide_index=True,
            alt="About this conversation",
        )


def evaluations(detail: ConversationDetail) -> None:
    """What evaluators say of this conversation, as they were logged."""
    if not detail.conversation.evaluations:
        return
    with st.expander("Evaluations in the log", key="evaluations"):
        st.dataframe(
            [
                {
                    "Evaluator": visible(each.name),
                    "Score": each.value,
                    "Label": visible(each.label or ""),
                    "By": visible(each.by or ""),
                    "Turn": each.position,
                    "Explanation": visible(each.explanation or "", 2_000),
                }
                for each in detail.conversation.evaluations
            ],
            hide_index=True,
            alt="Evaluations in the log",
        )


def _jump(position: int) -> None:
    st.query_params["turn"] = str(position)


def _shown(value: Any) -> str:
    shown = round(value, 6) if isinstance(value, float) else value
    return value if isinstance(value, str) else json.dumps(shown, ensure_ascii=False, default=str)


def gather(hits: Iterable[SignalHit]) -> list[tuple[SignalHit, int]]:
    """Signals that say the same thing once, each with how often it fired, in order of first appearance."""
    counted: dict[tuple[str, str], tuple[SignalHit, int]] = {}
    for hit in hits:
        first, times = counted.get((hit.code, hit.evidence), (hit, 0))
        counted[hit.code, hit.evidence] = (first, times + 1)
    return list(counted.values())
