"""The fullest log of each format: one conversation with all that the format has a place for."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.support import span_logs
from workbench.conversation.model import Conversation, ToolCall, Turn, attach_tool_results

AT = "2026-03-02T09:00:0{}Z"
CALL = {"id": "k", "type": "function", "function": {"name": "find", "arguments": "{}"}}
MESSAGES: list[dict[str, Any]] = [
    {"role": "user", "content": "Where is it?"},
    {"role": "assistant", "content": "", "tool_calls": [CALL]},
    {"role": "tool", "content": "Here.", "tool_call_id": "k"},
    {"role": "assistant", "content": "It is here."},
]


def whole() -> Conversation:
    """A conversation with all that a log may have."""
    turns = [
        Turn(0, "user", "Where is it?", timestamp=datetime(2026, 3, 2, 9, 0, 1)),
        Turn(1, "assistant", "", tool_calls=[ToolCall("find", "{}", "k")], timestamp=datetime(2026, 3, 2, 9, 0, 2)),
        Turn(2, "tool", "Here.", name="find", tool_call_id="k", timestamp=datetime(2026, 3, 2, 9, 0, 3)),
        Turn(3, "assistant", "It is here.", timestamp=datetime(2026, 3, 2, 9, 0, 4), feedback=-1),
    ]
    attach_tool_results(turns)
    return Conversation("c-1", "shop", turns, started_at=datetime(2026, 3, 2, 9, 0, 1), outcome="failed")


def spans(make: Callable[[Conversation], Any]) -> list[list[Any]]:
    made = make(whole())
    return list(made) if isinstance(made, tuple) else [made]


def timed(**last: Any) -> list[dict[str, Any]]:
    rows = [{**each, "timestamp": AT.format(n)} for n, each in enumerate(MESSAGES)]
    return [*rows[:-1], {**rows[-1], **last}]


def mlflow_span(identity: str, parent: str | None, kind: str, asked: Any, answered: Any) -> dict[str, Any]:
    values = {"mlflow.spanType": kind, "mlflow.spanInputs": asked, "mlflow.spanOutputs": answered}
    return {
        "trace_id": "x", "span_id": identity, "parent_span_id": parent, "name": "find", "start_time_unix_nano": 1772442000000000000,
        "end_time_unix_nano": 1772442005000000000, "attributes": {name: json.dumps(value) for name, value in values.items()},
    }  # fmt: skip


def opik_span(identity: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "name": "find", "start_time": AT.format(1), "end_time": AT.format(2), "usage": {}, "duration": 1, **more}  # fmt: skip


def node(n: int, role: str, text: str, **more: Any) -> dict[str, Any]:
    content = {"content_type": "text", "parts": [text]}
    message = {"author": {"role": role, "name": "find"}, "content": content, "create_time": 1772442000.0 + n, "recipient": "all", **more}  # fmt: skip
    return {"id": str(n), "parent": str(n - 1) if n else None, "children": [], "message": message}


def said(number: int, **item: Any) -> dict[str, Any]:
    """An event of the Realtime API that has one item."""
    time = {"event_id": str(number), "timestamp": AT.format(number)}
    return {"type": "conversation.item.done", **time, "item": {"id": str(number), **item}}


def entry(n: int, role: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": role, "sessionId": "s", "uuid": str(n), "timestamp": AT.format(n), "message": {"role": role, "content": list(parts)}}  # fmt: skip


FULLEST: dict[str, list[list[Any]]] = {
    "chat": [[{"conversation_id": "c", "outcome": "failed", "messages": timed(feedback=-1)}]],
    "turns": [
        [{"conversation_id": "c", "outcome": "failed", "turn_index": n, **each} for n, each in enumerate(timed(feedback=-1))]
    ],
    "openinference": spans(span_logs.openinference),
    "otel": spans(span_logs.otlp),
    "langfuse": spans(span_logs.langfuse),
    "langsmith": spans(span_logs.langsmith),
    "opik": [
        [
            opik_span("t", thread_id="c", input={"input": "Where is it?"}, output={"output": "It is here."}, metadata={"outcome": "failed"},
                      feedback_scores=[{"name": "User feedback", "value": 0}, {"name": "helpful", "value": 0.5}]),
            opik_span("s", trace_id="t", parent_span_id=None, type="tool", input={}, output={"output": "Here."}),
        ]
    ],
    "pairs": [
        [{"id": "q", "session_id": "c", "created_at": AT.format(1), "outcome": "failed", "feedback_score": 1, "messages": MESSAGES[:3], "response": "It is here."}]
    ],
    "table": [
        [{"session_id": "c", "created_at": AT.format(1), "question": "Where is it?", "answer": "It is here.", "thumbs": "down", "outcome": "failed"}]
    ],
    "mlflow": [
        [{"info": {"trace_id": "t", "trace_metadata": {"mlflow.trace.session": "c", "outcome": "failed"},
                   "assessments": [{"assessment_name": "user_feedback", "feedback": {"value": False}}, {"assessment_name": "helpful", "feedback": {"value": 0.5}}]},
          "data": {"spans": [mlflow_span("a", None, "AGENT", {"question": "Where is it?"}, "It is here."), mlflow_span("b", "a", "TOOL", {}, "Here.")]}}]
    ],
    "arena": [
        [{"question_id": "q", "model_a": "m", "model_b": "n", "winner": "model_a", "tstamp": 1772442000.0, "conversation_a": [MESSAGES[0], MESSAGES[3]], "conversation_b": [MESSAGES[0], MESSAGES[3]]}]
    ],
    "chatgpt": [
        [{"conversation_id": "c", "current_node": "3", "mapping": {"0": node(0, "user", "Where is it?"), "1": node(1, "assistant", "{}", recipient="find"),
                                                                  "2": node(2, "tool", "Here."), "3": node(3, "assistant", "It is here.")}}]
    ],
    "rasa": [
        [{"sender_id": "c", "events": [{"event": "user", "timestamp": 1772442000.0, "text": "Where is it?"}, {"event": "action", "name": "find", "timestamp": 1772442001.0},
                                       {"event": "bot", "timestamp": 1772442002.0, "text": "It is here."}]}]
    ],
    "botframework": [
        [{"type": "message", "id": str(n), "timestamp": AT.format(n), "from": {"id": role, "role": role}, "conversation": {"id": "c"}, "text": text}
         for n, (role, text) in enumerate([("user", "Where is it?"), ("bot", "It is here.")])]
    ],
    "atif": [
        [{"schema_version": "ATIF-v1.4", "session_id": "c", "agent": {"name": "shop", "version": "1"}, "steps": [
            {"step_id": 1, "timestamp": AT.format(1), "source": "user", "message": "Where is it?"},
            {"step_id": 2, "timestamp": AT.format(2), "source": "agent", "message": "", "tool_calls": [{"tool_call_id": "k", "function_name": "find", "arguments": {}}],
             "observation": {"results": [{"source_call_id": "k", "content": "Here."}]}},
            {"step_id": 3, "timestamp": AT.format(3), "source": "agent", "message": "It is here."}]}]
    ],
    "inspect": [
        [{"eval": {"run_id": "r", "task": "shop"}, "samples": [{"id": 1, "epoch": 1, "scores": {"match": {"value": "I", "explanation": "Late."}}, "messages": [
            MESSAGES[0], {"role": "assistant", "content": "", "tool_calls": [{"id": "k", "function": "find", "arguments": {}}]},
            {"role": "tool", "content": "Here.", "tool_call_id": "k", "function": "find"}, MESSAGES[3]]}]}]
    ],
    "coding-agents": [
        [entry(0, "user", {"type": "text", "text": "Where is it?"}), entry(1, "assistant", {"type": "tool_use", "id": "k", "name": "find", "input": {}}),
         entry(2, "user", {"type": "tool_result", "tool_use_id": "k", "content": "Here."}), entry(3, "assistant", {"type": "text", "text": "It is here."})]
    ],
    "realtime": [
        [{"type": "session.created", "event_id": "0", "session": {"id": "c", "object": "realtime.session"}},
         said(1, type="message", role="user", content=[{"type": "input_text", "text": "Where is it?"}]),
         said(2, type="function_call", call_id="k", name="find", arguments="{}"), said(3, type="function_call_output", call_id="k", output="Here."),
         said(4, type="message", role="assistant", content=[{"type": "output_text", "text": "It is here."}])]
    ],
    "single": [timed(feedback=-1)],
    "steps": [
        [
            {"id": "1", "trace_id": "t", "parent_id": None, "session_id": "s", "name": "turn", "kind": "agent", "started_at": AT.format(1), "input": "Where is it?", "output": "It is here.", "scores": {"quality": 0.5}},
            {"id": "2", "trace_id": "t", "parent_id": "1", "session_id": "s", "name": "find", "kind": "tool", "started_at": AT.format(2), "input": "{}", "output": "Here."},
        ]
    ],
    "tau": [[{"task_id": 3, "trial": 0, "reward": 0.0, "info": {}, "traj": MESSAGES}]],
}  # fmt: skip
"""By format the rows of its files."""
