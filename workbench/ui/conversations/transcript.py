"""The transcript on screen: a window of messages around the turn to look at, each signal where it fired."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from workbench.bench.conversation_detail import ConversationDetail, SignalHit
from workbench.conversation import Document
from workbench.conversation.roles import Side, is_tool, side_of
from workbench.conversation.transcript import Block, CallView, Fold
from workbench.text import formatting
from workbench.text.escaping import plain
from workbench.text.readable import without_data
from workbench.ui.conversations.detail import gather, signal
from workbench.ui.conversations.search import more_like
from workbench.ui.shared.text import STRENGTH_COLOURS, badge, code, text

BEFORE, AFTER, MORE, MOST = 1, 4, 15, 60
MESSAGE_SHOWN, FOCUS_SHOWN, CALL_SHOWN, DOCUMENT_SHOWN = 800, 6_000, 6_000, 1_500
SHORT_CALL = 240
SPEAKERS: dict[Side | None, str] = {"user": "User", "bot": "Bot", "tool": "Tool", "system": "System"}


def transcript(
    detail: ConversationDetail,
    turn: int | None,
    *,
    marked: int | None = None,
    before: int = BEFORE,
    after: int = AFTER,
    preview: int | None = None,
    business: bool = False,
) -> None:
    """Messages around `turn`, this many before and after it, and buttons for the others. At most 60 are drawn at once.

    For `business` only what user and bot said, without data, and which tools were used.

    `marked` is the turn that a reader called the failing one. `preview` numbers several on one page, of conversations that
    are not in the store yet: nothing there is like them.
    """
    shown = detail.folds
    if not shown:
        st.info("This conversation holds no messages.")
        return
    focus = shown.holding(turn)
    key = f"span_{detail.conversation.key}_{turn}"
    start, end = st.session_state.get(key, (max(0, focus - before), focus + 1 + after))
    end = min(end, len(shown))
    _more(
        f"{formatting.count(shown[start].first, 'earlier turn')}",
        start > 0,
        key,
        (max(0, start - MORE), min(end, start + MOST - MORE)),
    )
    reasons = {candidate.position: candidate.why for candidate in detail.candidates}
    hits_at = defaultdict(list)
    for hit in detail.signals:
        hits_at[hit.position].append(hit)
    for index in range(start, end):
        fold = shown[index]
        hits = [hit for position in sorted(fold.positions) for hit in hits_at[position]]
        why = reasons.get(turn) if turn in fold.positions else None
        why = why or next((reasons[position] for position in sorted(fold.positions) if position in reasons), None)
        if marked in fold.positions:
            st.badge("failing turn", color="red", help="As a reader says.")
        _draw_fold(
            _Place(
                detail.conversation.key if preview is None and not business else None,
                "" if preview is None else f"_of_{preview}",
                business,
            ),
            fold,
            hits,
            index == focus and turn is not None,
            None if marked in fold.positions else why,
        )
    later = len(detail.conversation.turns) - 1 - shown[end - 1].last
    _more(formatting.count(later, "later turn"), end < len(shown), key, (max(start, end + MORE - MOST), end + MORE))


@dataclass(frozen=True)
class _Place:
    """Which transcript of a page is drawn."""

    stored: str | None
    """The conversation's key; None where it is not in the store."""
    apart: str
    """What its keys end with, so that they are others than those of another transcript."""
    business: bool = False
    """Whether business reads it."""


def documents(retrieved: Sequence[Document], title: str, key: str, expanded: bool = False) -> None:
    """The documents that a bot was given, or cites."""
    if not retrieved:
        return
    with st.expander(title, expanded=expanded, type="compact", key=key):
        for document in retrieved:
            head = " · ".join(part for part in (document.title, document.id, document.url) if part)
            score = f" (score {document.score:.3g})" if document.score is not None else ""
            st.caption(plain(head + score or "untitled"))
            if document.text:
                text(document.text, DOCUMENT_SHOWN)


def _more(label: str, there_is: bool, key: str, span: tuple[int, int]) -> None:
    if there_is:
        st.button(
            f"Show {label}",
            key=f"{key}_{span[0]}_{span[1]}",
            type="tertiary",
            width="stretch",
            on_click=st.session_state.__setitem__,
            args=(key, span),
        )


def _draw_fold(place: _Place, fold: Fold, hits: Sequence[SignalHit], focus: bool, why: str | None) -> None:
    if why:
        with st.container(key=f"failing_{fold.first}{place.apart}", horizontal=True, vertical_alignment="center"):
            st.badge("likely failing turn", color="orange")
            st.caption(plain(why), width="content")
    if fold.times > 1:
        with st.container(key=f"repeat_{fold.first}{place.apart}", border=True):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.badge(f"× {fold.times}", color="orange")
                st.caption(_repeated(fold), width="content")
            _draw_blocks(place, fold, hits, focus)
    else:
        _draw_blocks(place, fold, hits, focus)


def _repeated(fold: Fold) -> str:
    what = "The same call and result" if any(block.calls for block in fold.blocks) else "The same words"
    if len(fold.blocks) > 1:
        what = "The same exchange"
    return f"{what} × {fold.times}, turns {fold.first}–{fold.last}; shown once."


def _draw_blocks(place: _Place, fold: Fold, hits: Sequence[SignalHit], focus: bool) -> None:
    for block in fold.blocks:
        own = block.positions if fold.times == 1 else fold.positions
        _draw_block(place, block, [hit for hit in hits if hit.position in own], focus)


def _draw_block(place: _Place, block: Block, hits: Sequence[SignalHit], focus: bool) -> None:
    if place.business:
        _draw_words(place, block, hits, focus)
        return
    side = side_of(block.role) or "other"
    with st.container(key=f"turn_{side}{'_focus' if focus else ''}_{block.position}{place.apart}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(_headline(block))
            if place.stored:
                more_like(place.stored, block.position)
        if block.text.strip():
            text(block.text, FOCUS_SHOWN if focus else MESSAGE_SHOWN)
        elif not block.calls:
            st.caption("(empty)")
        if block.error:
            st.badge("error", color="red")
            text(block.error, MESSAGE_SHOWN)
        for number, call in enumerate(block.calls):
            _draw_call(call, f"call_{block.position}_{number}{place.apart}", focus)
        documents(
            block.retrieved,
            formatting.count(len(block.retrieved), "document") + " retrieved",
            f"retrieved_{block.position}{place.apart}",
        )
        documents(
            block.citations,
            formatting.count(len(block.citations), "citation"),
            f"citations_{block.position}{place.apart}",
        )
        for hit, times in gather(hits):
            signal(hit, times)


def _draw_words(place: _Place, block: Block, hits: Sequence[SignalHit], focus: bool) -> None:
    """What business reads of a message: the words, which tools were used and how that ended, and what was noticed."""
    side = side_of(block.role)
    if side not in ("user", "bot"):
        return
    with st.container(key=f"turn_{side}{'_focus' if focus else ''}_{block.position}{place.apart}"):
        st.caption(SPEAKERS[side])
        words = without_data(block.text)
        if words:
            text(words, FOCUS_SHOWN if focus else MESSAGE_SHOWN)
        elif not block.calls:
            st.caption("(empty)")
        if block.calls:
            st.caption(plain(used(block.calls)))
        for hit, times in gather(hits):
            badge(hit.title + (f" × {times}" if times > 1 else ""), STRENGTH_COLOURS.get(hit.strength, "gray"))


def used(calls: Sequence[CallView]) -> str:
    """Which tools a bot used and how that ended, without what went in or came back."""
    ends = (
        f"{formatting.shortened(call.name, 60)} {'failed' if call.error else 'answered' if call.result is not None else 'gave no answer'}"
        for call in calls
    )
    return f"Used a tool: {', '.join(ends)}."


def _headline(block: Block) -> str:
    parts = [SPEAKERS.get(side_of(block.role)) or plain(formatting.shortened(block.role)), f"turn {block.position}"]
    if block.name and is_tool(block.role):
        parts[0] += " " + plain(formatting.shortened(block.name))
    if block.timestamp:
        parts.append(f"{block.timestamp:%H:%M:%S}")
    if block.latency_ms is not None:
        parts.append(formatting.duration(block.latency_ms / 1000))
    if block.finish_reason and block.finish_reason not in ("stop", "tool_calls"):
        parts.append("ended by " + plain(formatting.shortened(block.finish_reason)))
    if block.feedback is not None:
        parts.append({1: "thumbs up", -1: "thumbs down"}.get(block.feedback, "no opinion"))
    return " · ".join(parts)


def _draw_call(call: CallView, key: str, focus: bool) -> None:
    short = len(call.arguments) + len(call.result or "") <= SHORT_CALL
    outcome = "error" if call.error else "no result in the log" if call.result is None else "result"
    label = f"Call **{plain(formatting.shortened(call.name, 60))}** → {outcome}"
    with st.expander(label, expanded=short or focus, type="compact", key=key):
        code(call.arguments, "json", CALL_SHOWN)
        if call.error:
            text(call.error, CALL_SHOWN)
        if call.result is not None:
            st.caption(f"Result, turn {call.result_position}")
            code(call.result, "json" if call.result[:1] in "{[" else None, CALL_SHOWN)
