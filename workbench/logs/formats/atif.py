"""*atif*: agents' runs in the Agent Trajectory Interchange Format (harborframework.com): one object a run, a list of steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.logs.files.source import TIME_COLUMNS, Source
from workbench.logs.formats import chat
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat

NAME = "atif"
WHAT = "one object a run in ATIF: schema_version, session_id, agent, steps"
REQUIRED = ("session_id", "agent", "steps")
TIMES = TIME_COLUMNS
_ROLES = {"agent": "assistant"}
_TAKEN = frozenset("step_id timestamp source message reasoning_content model_name tool_calls observation".split())


def missing(source: Source) -> list[str]:
    """The required columns that are not there."""
    return [column for column in REQUIRED if column not in source.columns]


def recognises(source: Source) -> str | None:
    """Why these are runs in ATIF, or None."""
    return None if missing(source) else "it has session_id, agent and steps, as ATIF writes runs"


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """Each run as a conversation: what an agent's step calls is a call, what it observes is a result."""
    return chat.read(sources, options, scratch, _as_chat)


def _as_chat(row: JsonObject) -> JsonObject:
    steps, agent = row.get("steps"), row.get("agent")
    if not isinstance(steps, list):
        raise BadValue("steps", "is no list of steps", steps)
    agent = agent if isinstance(agent, Mapping) else {}
    messages = [message for step in steps if isinstance(step, Mapping) for message in _messages(step)]
    fields = {name: value for name, value in row.items() if name not in ("steps", "session_id", "agent")}
    return {
        **fields,
        "conversation_id": row.get("session_id"),
        "bot": agent.get("name"),
        "model": agent.get("model_name"),
        "prompt_version": agent.get("version"),
        "messages": messages,
        "agent": dict(agent),
    }


def _messages(step: JsonFields) -> Iterator[JsonObject]:
    """The message of a step, and what it observed."""
    source = str(step.get("source"))
    calls = step.get("tool_calls")
    rest = {name: value for name, value in step.items() if name not in _TAKEN and value is not None}
    yield {
        **rest,
        "role": _ROLES.get(source, source),
        "content": _with_thoughts(step),
        "timestamp": step.get("timestamp"),
        "tool_calls": [_call(call) for call in calls if isinstance(call, Mapping)] if isinstance(calls, list) else None,
    }
    observation = step.get("observation")
    results = observation.get("results") if isinstance(observation, Mapping) else None
    for result in results if isinstance(results, list) else ():
        if isinstance(result, Mapping) and result.get("content") is not None:
            yield {
                "role": "tool",
                "content": result["content"],
                "tool_call_id": result.get("source_call_id"),
                "timestamp": step.get("timestamp"),
            }


def _with_thoughts(step: JsonFields) -> Any:
    message, thoughts = step.get("message"), step.get("reasoning_content")
    if not thoughts:
        return message
    words = message if isinstance(message, list) else [{"type": "text", "text": message}] if message else []
    return [{"type": "reasoning", "text": thoughts}, *words]


def _call(call: JsonFields) -> JsonObject:
    return {"id": call.get("tool_call_id"), "name": call.get("function_name"), "arguments": call.get("arguments")}
