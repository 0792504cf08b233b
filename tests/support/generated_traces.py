"""Traces that hypothesis draws: a dialogue, and what tracing tools make of it.

A dialogue is what must come back. Around it lie what agents really log: every model call repeats the history, some hear
a reminder that is for the model only, some fail and are tried again, calls run at the same time, a tool is an agent
with model calls and tools of its own, roots or spans of tools are missing, and rows lie in any order.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.support import span_logs
from tests.support.span_logs import Exchange, Step
from workbench.conversation.model import Conversation, ToolCall, Turn

REMINDER = "Remember to answer in one sentence."
START = datetime(2026, 3, 2, 9)
_QUESTIONS = ("yes", "no", "Where is it?", "And the other one?", "thanks")
_REPLIES = ("ok", "On Friday.", "Which one do you mean?", "It is lost.")
_RESULTS = ("{}", '{"day": "Friday"}', '{"error": "shut"}', "none")
_TOOLS = ("look", "book", "cancel")
WRITERS: dict[str, Callable[..., Any]] = {
    "openinference": lambda *told: span_logs.openinference(*told)[0],
    "otel": span_logs.otlp,
    "langfuse": lambda *told: span_logs.langfuse(*told)[0],
    "langsmith": span_logs.langsmith,
}


@dataclass(frozen=True, repr=False)
class Traced:
    """A dialogue, and the traces that log it."""

    conversation: Conversation
    """What was said, with calls and results."""
    traces: list[Exchange]
    """What the log has of it."""
    shuffled_by: int
    """How the rows lie."""

    def __repr__(self) -> str:
        """What a failing example needs: the dialogue, and each step with whom it has above it."""
        steps = [
            (step.kind, step.id[:6], step.parent and step.parent[:6], len(step.heard), step.error)
            for trace in self.traces
            for step in trace.steps
        ]
        return f"Traced({self.messages}, {steps}, shuffled_by={self.shuffled_by})"

    @property
    def messages(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Every turn as role, words and ids of calls, or the id that a result answers."""
        return [message(turn) for turn in self.conversation.turns]

    def rows(self, format: str) -> list[dict[str, Any]]:
        """The rows of the log in a format."""
        rows: list[dict[str, Any]] = WRITERS[format](self.conversation, self.traces)
        Random(self.shuffled_by).shuffle(rows)
        return [json.loads(json.dumps(row, default=str)) for row in rows]


def message(turn: Turn) -> tuple[str, str, tuple[str, ...]]:
    """A turn as role, words, and the ids of its calls or of the call that it answers."""
    ids = [call.id or "" for call in turn.tool_calls] or ([turn.tool_call_id] if turn.tool_call_id else [])
    return turn.role, turn.content, tuple(ids)


@st.composite
def traced(draw: st.DrawFn, identity: str = "c") -> Traced:
    """A dialogue of one to four exchanges and its traces."""
    turns: list[Turn] = []
    for _ in range(draw(st.integers(1, 4))):
        turns.append(Turn(0, "user", draw(st.sampled_from(_QUESTIONS))))
        for _ in range(draw(st.integers(0, 3))):
            ids = [f"call-{len(turns)}-{n}" for n in range(draw(st.integers(1, 3)))]
            calls = [
                ToolCall(draw(st.sampled_from(_TOOLS)), json.dumps({"n": draw(st.integers(0, 2))}), id_) for id_ in ids
            ]
            turns.append(Turn(0, "assistant", "", tool_calls=calls))
            turns += [
                Turn(0, "tool", draw(st.sampled_from(_RESULTS)), name=call.name, tool_call_id=call.id) for call in calls
            ]
        turns.append(Turn(0, "assistant", draw(st.sampled_from(_REPLIES))))
    for position, turn in enumerate(turns):
        turn.position, turn.timestamp, turn.latency_ms = position, START + timedelta(seconds=10 * position), 500.0
    conversation = Conversation(identity, "shop", turns, model="m")
    above = draw(st.sampled_from(["root", "lost", "nothing"]))
    told = [_logged(draw, exchange, above) for exchange in span_logs.exchanges(conversation)]
    return Traced(conversation, told, draw(st.integers(0, 1000)))


def _logged(draw: st.DrawFn, exchange: Exchange, above: str) -> Exchange:
    """An exchange as an agent may log it: under its root, under a parent that is not in the log, or under nothing."""
    root, *steps = exchange.steps
    rooted = above == "root"
    parent = root.id if rooted else "lost" if above == "lost" else None
    own: list[Step] = [root] if rooted else []
    tools_logged = draw(st.booleans())
    for step in steps:
        step = replace(step, parent=parent)
        if step.kind == "tool":
            if rooted and draw(st.integers(0, 3)) == 0:
                own += _sub_agent(step)
            if tools_logged:
                own.append(step)
            continue
        if draw(st.integers(0, 4)) == 0:
            own.append(_failed(step))
        if draw(st.integers(0, 2)) == 0:
            step = replace(step, heard=[*step.heard, Turn(0, "user", REMINDER)])
        own.append(step)
    return replace(exchange, steps=own)


def _failed(step: Step) -> Step:
    """A try of a model call that came to nothing, right before it."""
    return replace(
        step, id=f"{step.id}f", start=step.start - timedelta(milliseconds=400), end=step.start - timedelta(milliseconds=100),
        said=Turn(0, "assistant"), error="rate limit",
    )  # fmt: skip


def _sub_agent(step: Step) -> list[Step]:
    """What an agent does that is run as a tool."""
    inner = Step(
        "llm", "chat", step.start, step.end, [Turn(0, "user", "Make a plan.")], Turn(0, "assistant", "A plan.")
    )
    return [replace(inner, id=f"{step.id}a", parent=step.id)]
