"""*table*: a table of messages, or of questions with their answers, under the column names that chat tools use.

For CSV as people export it, and for any table that no other reader knows. Which column is taken for what is guessed from its name and
told with the import; a mapping says it for sure. Without a time or a place rows stand in the order of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.logs.files.source import Source
from workbench.logs.files.translated import TranslatedLog
from workbench.logs.formats import chat, turns
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.records import LoggedConversation, ReadOptions, Reject, Repeat

NAME = "table"
WHAT = (
    "one row a message or a question with its answer, under usual names: session_id, sender, text, question, answer …"
)
REQUIRED = ("role and content", "question and answer")
TIMES = ("timestamp", "created_at", "createdAt", "time", "date", "datetime", "sent_at", "Timestamp", "Date", "Time")
_NAMES = {
    "conversation_id": "conversationid sessionid threadid chatid dialogid callid conversation session thread chat dialog "
    "dialogue conversationuuid sessionuuid chatsessionid conversationkey contactid caseid ticketid messagetreeid",
    "role": "role sender author speaker from sendertype authortype participant participanttype senderrole who actor "
    "direction messagetype",
    "content": "content text message body messagetext utterance msg messagebody messagecontent",
    "question": "question query userquery userinput prompt input usermessage userquestion request humanmessage",
    "reply": "answer response reply botresponse output assistantresponse botmessage completion botanswer modelresponse "
    "botreply aimessage modelanswer",
    "timestamp": "timestamp createdat time date datetime sentat createddate created messagetime creationtime ts "
    "senttime eventtime messagedate",
    "turn_index": "turnindex position seq sequence messageindex turn turnid order sequencenumber",
    "feedback": "feedback thumbs thumb vote thumbsupdown userfeedback rating",
    "user_id": "userid user customerid",
    "bot": "bot botname botid assistantname",
}
_OF_SPANS = frozenset(
    "trace_id traceId span_id spanId run_type context.trace_id parent_span_id attributes resourceSpans".split()
)
_WANTED = {usual: ours for ours, names in _NAMES.items() for usual in names.split()}
_SIGNS = re.compile(r"[\W_]+")
_ROLES = {
    "inbound": "user",
    "incoming": "user",
    "in": "user",
    "outbound": "assistant",
    "outgoing": "assistant",
    "out": "assistant",
}


def guessed(columns: Sequence[str]) -> dict[str, str]:
    """Our columns by those of a table that are named as usual: the surest name of each counts."""
    names: dict[str, list[str]] = {}
    for column in columns:
        ours = (
            column if column in turns.REQUIRED or column in turns.ORDER else _WANTED.get(_SIGNS.sub("", column.lower()))
        )
        if ours is not None:
            names.setdefault(ours, []).append(column)
    order = {usual: place for place, usual in enumerate(_WANTED)}
    return {
        ours: min(each, key=lambda name: order.get(_SIGNS.sub("", name.lower()), -1)) for ours, each in names.items()
    }


def _is_exchange(columns: Mapping[str, str]) -> bool:
    return "reply" in columns and ("question" in columns or "content" in columns) and "role" not in columns


def missing(source: Source) -> list[str]:
    """What is not there: who says what and when, or what was asked and answered; steps of a trace are neither."""
    columns = guessed(source.columns)
    if _OF_SPANS & {*source.columns}:
        return ["rows that are messages: these are steps of a trace"]
    if _is_exchange(columns):
        return []
    if source.log.container != "csv" and not {"timestamp", "turn_index"} & columns.keys():
        return ["turn_index or timestamp"]
    lacking = [name for name in ("conversation_id", "role", "content") if name not in columns]
    return [f"a column for {name} (like {', '.join(_NAMES[name].split()[:4])})" for name in lacking]


def recognises(source: Source) -> str | None:
    """Why this is a table of messages or exchanges, or None."""
    columns = guessed(source.columns)
    if missing(source):
        return None
    names = ("question", "content", "reply") if _is_exchange(columns) else ("conversation_id", "role", "content")
    kind = "an exchange" if _is_exchange(columns) else "a message"
    listed = [columns[name] for name in names if name in columns]
    return f"its columns {', '.join(listed[:-1])} and {listed[-1]} look like {kind} a row"


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """The conversations of all files together, as *turns* reads them under the guessed names."""
    names = chat.names_of(sources)
    renamed = []
    for source, name in zip(sources, names, strict=True):
        columns = guessed(source.columns)
        if _is_exchange(columns) and "question" in columns:
            columns["content"] = columns.pop("question")
        listed = ", ".join(f"{ours} from {theirs}" for ours, theirs in columns.items())
        alone = "" if "conversation_id" in columns else " No column names the conversation, so each row is one."
        source.notes.append(
            f"{source.name}: columns were guessed by their names: {listed}.{alone} A mapping says it for sure."
        )
        log = TranslatedLog(source.log, [*columns], _translation(columns, name))
        renamed.append(replace(source, log=log))
    yield from turns.read(renamed, options, scratch)


def _translation(columns: Mapping[str, str], name: str) -> Any:
    theirs = {column: ours for ours, column in columns.items()}
    exchange = "reply" in columns and "role" not in columns
    ordered = bool({"timestamp", "turn_index"} & columns.keys())

    def translate(number: int, fields: JsonObject) -> JsonObject:
        row = {theirs.get(column, column): value for column, value in fields.items()}
        if exchange:
            row["role"] = "user"
            row.setdefault("reply", "")
        elif isinstance(role := row.get("role"), str):
            row["role"] = _ROLES.get(role.strip().lower(), role)
        if "conversation_id" not in columns:
            row["conversation_id"] = f"{name}:{number}"
        if not ordered:
            row["turn_index"] = number
        return row

    return translate
