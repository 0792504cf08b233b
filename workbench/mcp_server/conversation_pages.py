"""A long conversation a page at a time, and what a search found, as answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.bench.search_rows import SearchResult, SearchRow
from workbench.conversation.model import Conversation, ToolCall, Turn
from workbench.mcp_server.cluster_figures import copied, sentence, short
from workbench.mcp_server.conversation_answers import (
    CallAnswer,
    ConversationAnswer,
    LoggedConversation,
    LoggedHit,
    SearchAnswer,
    SearchHitAnswer,
    TurnAnswer,
)
from workbench.text.escaping import visible
from workbench.text.token_budget import whole_words

PAGE = 24_000
"""Characters of turns an answer; one turn always stands."""
SAID = 4_000
"""Characters of a message, of a call's arguments, of an error."""
CALLS = 20
"""Calls of a turn."""


@dataclass(frozen=True)
class ConversationPage:
    """Some turns of a conversation."""

    conversation: Conversation
    """With these turns only, long texts cut."""
    next_turn: int | None
    """The first turn that is not on it; None at the end."""
    cut: int
    """Characters that are left out of its turns."""


def page_of(conversation: Conversation, first: int) -> ConversationPage:
    """The turns from `first` on that one answer holds."""
    shown: list[Turn] = []
    room, cut, following = PAGE, 0, None
    for turn in conversation.turns[first:]:
        kept = _shortened(turn)
        room -= (size := _size(kept))
        if shown and room < 0:
            following = turn.position
            break
        shown.append(kept)
        cut += max(0, _size(turn) - size)
    named = replace(
        conversation, conversation_id=short(conversation.conversation_id), bot=short(conversation.bot), turns=shown
    )
    return ConversationPage(named, following, cut)


def conversation_answer(page: ConversationPage, outcome: str, total: int) -> ConversationAnswer:
    """The page as data."""
    turns = [_turn(turn) for turn in page.conversation.turns]
    return ConversationAnswer(
        started_at=page.conversation.started_at,
        outcome=outcome,
        turns_total=total,
        next_turn=page.next_turn,
        cut=page.cut,
        untrusted=LoggedConversation(page.conversation.conversation_id, page.conversation.bot, turns),
    )


def search_answer(result: SearchResult) -> SearchAnswer:
    """What a search found, as data."""
    return copied(SearchAnswer, result, hits=[_hit(row) for row in result.rows])


def search_lines(rows: Sequence[SearchRow]) -> list[str]:
    """What a search found, a line each."""
    lines = []
    for row in rows:
        parts = [short(row.conversation_id), short(row.bot), row.started_at and f"{row.started_at:%Y-%m-%d}",
                 "failing" if row.failed else "suspected" if row.suspected else "", row.cluster, None if row.turn is None else f"turn {row.turn}",
                 None if row.similarity is None else f"{100 * row.similarity:.0f} % alike"]  # fmt: skip
        lines.append(f"{' · '.join(part for part in parts if part)}\n    {sentence(row.excerpt)}")
    return lines


def _hit(row: SearchRow) -> SearchHitAnswer:
    return copied(
        SearchHitAnswer,
        row,
        untrusted=LoggedHit(
            short(row.conversation_id),
            short(row.bot),
            short(row.release) if row.release else None,
            row.role,
            sentence(row.excerpt),
        ),
    )


def _turn(turn: Turn) -> TurnAnswer:
    return copied(TurnAnswer, turn, tool_calls=[copied(CallAnswer, call) for call in turn.tool_calls])


def _shortened(turn: Turn) -> Turn:
    calls = [replace(call, name=short(call.name), arguments=_said(call.arguments)) for call in turn.tool_calls[:CALLS]]
    return replace(
        turn,
        role=short(turn.role),
        name=short(turn.name) if turn.name else None,
        content=_said(turn.content),
        tool_calls=calls,
        error=_said(turn.error) if turn.error else None,
    )


def _said(text: str) -> str:
    return visible(whole_words(text, SAID).text)


def _size(turn: Turn) -> int:
    return len(turn.content) + len(turn.error or "") + sum(map(_call_size, turn.tool_calls))


def _call_size(call: ToolCall) -> int:
    return len(call.name) + len(call.arguments)
