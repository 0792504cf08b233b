"""*coding-agents*: session files of Claude Code and Codex: one line an entry, the lines of a session in one or several files.

Claude Code: `type`, `sessionId`, `uuid`, `message`; what a sub-agent did (`isSidechain`, `agentId`) is a conversation of its own. Codex:
`timestamp`, `type`, `payload`; `session_meta` names the session, `response_item` holds the messages and calls, and what only
repeats them for the screen (`event_msg`) is no turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.logs.files.source import TIME_COLUMNS, Source
from workbench.logs.files.translated import TranslatedLog
from workbench.logs.formats import chat, turns
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.messages import unwrapped
from workbench.logs.values.records import LoggedConversation, ReadOptions, Reject, Repeat

NAME = "coding-agents"
WHAT = "one line an entry of a session of Claude Code (sessionId, uuid, message) or Codex (timestamp, type, payload)"
REQUIRED = ("sessionId", "uuid", "message")
TIMES = TIME_COLUMNS
_CODEX = ("timestamp", "type", "payload")
_COLUMNS = ("conversation_id", "role", "content", "timestamp")
_HEAD = 200
_INJECTED = (
    "<environment_context>",
    "<user_instructions>",
    "# AGENTS.md instructions",
    "<INSTRUCTIONS>",
    "<system-reminder>",
    "Caveat:",
)
Fields = JsonObject


def missing(source: Source) -> list[str]:
    """The required columns that are not there, of whichever it is nearer to."""
    if {*_CODEX} <= {*source.columns}:
        return []
    return [column for column in REQUIRED if column not in source.columns]


def recognises(source: Source) -> str | None:
    """Why these are sessions of a coding agent, or None."""
    if {*REQUIRED} <= {*source.columns} and "message.role" in source.outline:
        return "its lines have sessionId, uuid and message, as Claude Code writes sessions"
    if {*_CODEX} <= {*source.columns} and {"payload.cwd", "payload.cli_version"} & source.outline:
        return "its lines have timestamp, type and payload, as Codex writes sessions"
    return None


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """The sessions of all files together."""
    translated = []
    for source, name in zip(sources, chat.names_of(sources), strict=True):
        head = [fields for _, fields in islice(source.log.read(), _HEAD)]
        first_time = next((fields["timestamp"] for fields in head if fields.get("timestamp")), None)
        session = _Session(name, first_time, _meta(head), codex="payload" in source.columns)
        translated.append(replace(source, log=TranslatedLog(source.log, _COLUMNS, session.turn)))
    yield from turns.read(translated, options, scratch)


def _meta(head: Sequence[Fields]) -> JsonFields:
    """What a session of Codex says of itself."""
    for fields in head:
        if fields.get("type") == "session_meta" and isinstance(fields.get("payload"), Mapping):
            return fields["payload"]  # type: ignore[no-any-return]
    return {}


class _Session:
    """One file: its entries as rows of *turns*."""

    def __init__(self, name: str, first_time: Any, meta: JsonFields, codex: bool) -> None:
        self.name = name.removesuffix(".jsonl")
        self.time = first_time
        self.meta = meta
        self.codex = codex

    def turn(self, number: int, fields: Fields) -> Fields:
        """An entry as a row; one that is no message says nothing, so that it is kept as an event."""
        self.time = fields.get("timestamp") or self.time
        row = self._codex(fields) if self.codex else self._claude(fields)
        if row.get("role") == "user" and _is_injected(row.get("content")):
            row["role"] = "system"
        return {"timestamp": self.time, **row}

    def _claude(self, fields: Fields) -> Fields:
        session = fields.get("sessionId") or self.name
        agent = fields.get("agentId") if fields.get("isSidechain") else None
        identity = f"{session}/{agent or 'sidechain'}" if fields.get("isSidechain") else session
        about = {"conversation_id": identity, "bot": "claude-code", "prompt_version": fields.get("version")}
        message = fields.get("message")
        if not isinstance(message, Mapping) or message.get("role") is None:
            return {**about, "role": f"entry:{fields.get('type')}", "content": "", "entry": fields}
        kept: Fields = {name: fields[name] for name in ("uuid", "parentUuid", "cwd", "gitBranch") if name in fields}
        role = "system" if fields.get("isMeta") else message["role"]
        error = {"error": "the request failed"} if fields.get("isApiErrorMessage") else {}
        model = message.get("model")
        more = {"model": model} if model and model != "<synthetic>" else {}
        return {
            **about,
            **kept,
            **more,
            **error,
            "role": role,
            "content": message.get("content"),
            "finish_reason": message.get("stop_reason"),
        }

    def _codex(self, fields: Fields) -> Fields:
        payload = fields.get("payload")
        about = {
            "conversation_id": self.meta.get("id") or self.name,
            "bot": "codex",
            "prompt_version": self.meta.get("cli_version"),
            "session_source": self.meta.get("source"),
        }
        if not isinstance(payload, Mapping):
            payload = {}
        if fields.get("type") == "turn_context":
            about["model"] = payload.get("model")
        message = unwrapped(payload) if fields.get("type") == "response_item" else {}
        if message.get("role") is None:
            return {
                **about,
                "role": f"entry:{payload.get('type') or fields.get('type')}",
                "content": "",
                "entry": dict(payload),
            }
        kept = {
            name: message[name] for name in ("role", "content", "name", "tool_calls", "tool_call_id") if name in message
        }
        return {**about, **kept}


def _is_injected(content: Any) -> bool:
    """Whether the agent's own program wrote this in the user's name."""
    if isinstance(content, list) and content and isinstance(content[0], Mapping):
        content = content[0].get("text")
    return isinstance(content, str) and content.lstrip().startswith(_INJECTED)
