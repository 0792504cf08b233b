"""*arena*: two bots answer the same person side by side, and the person says which did better (LMSYS' Chatbot Arena and its like).

A row is two conversations, `<id>-a` and `<id>-b`, each of its own model. The vote is the feedback of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from workbench.logs.files.source import TIME_COLUMNS, Source
from workbench.logs.formats import chat
from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.records import LoggedConversation, ReadOptions, Reject, Repeat

NAME = "arena"
WHAT = "one row a person with two bots: conversation_a, conversation_b, model_a, model_b, winner"
REQUIRED = ("conversation_a", "conversation_b")
TIMES = (*TIME_COLUMNS, "tstamp")
_IDS = ("question_id", "conversation_id", "id", "battle_id", "evaluation_session_id")
_STARTED = ("started_at", "tstamp", "timestamp", "created_at")
_TAKEN = ("conversation_a", "conversation_b", "model_a", "model_b", "bot", "judge", "user_id", *_STARTED)
_WON = {"a": ("model_a", "a", "left", "leftvote"), "b": ("model_b", "b", "right", "rightvote")}
_BOTH_BAD = ("tie (bothbad)", "bothbad", "both_bad", "bothbad_vote")


def missing(source: Source) -> list[str]:
    """The required columns that are not there."""
    return [column for column in REQUIRED if column not in source.columns]


def recognises(source: Source) -> str | None:
    """Why these are pairs of conversations, or None."""
    return None if missing(source) else "it has conversation_a and conversation_b: two bots side by side"


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """Both conversations of each row; it counts as read with its first."""
    yield from chat.read(sources, options, scratch, lambda row: _as_chat(row, "a"))
    for item in chat.read(sources, options, scratch, lambda row: _as_chat(row, "b")):
        yield item if isinstance(item, Repeat) else replace(item, rows=0)


def _as_chat(row: JsonObject, side: str) -> JsonObject:
    other = "b" if side == "a" else "a"
    identity = next((name for name in _IDS if row.get(name) is not None), _IDS[0])
    named = normalise.identifier(row.get(identity), identity)
    fields = {name: value for name, value in row.items() if name not in (*_TAKEN, identity)}
    model = row.get(f"model_{side}")
    return {
        **fields,
        "conversation_id": f"{named}-{side}",
        "bot": row.get("bot") or model,
        "model": model,
        "against": row.get(f"model_{other}"),
        "messages": row.get(f"conversation_{side}"),
        "started_at": next((row[name] for name in _STARTED if row.get(name) is not None), None),
        "feedback_score": _vote(row, side, other),
        "user_id": row.get("judge") or row.get("user_id"),
    }


def _vote(row: JsonFields, side: str, other: str) -> int | None:
    """What the person thought of this side: 1 where it won, -1 where it lost or both were bad, 0 for a tie."""
    winner = str(row.get("winner") or "").strip().lower()
    if winner in _WON[side]:
        return 1
    return -1 if winner in (*_WON[other], *_BOTH_BAD) else 0 if winner.startswith("tie") else None
