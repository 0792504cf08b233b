"""*table*: a table of messages, or of questions with their answers, under the column names that chat tools use.

For CSV as people export it, and for any table that no other reader knows. Which column is taken for what is guessed from its name and
told with the import; a mapping says it for sure. Without a time or a place rows stand in the order of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.logs.files.source import Source
from workbench.logs.files.translated import TranslatedLog
from workbench.logs.formats import chat, turns
from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.records import LoggedConversation, ReadOptions, Reject, Repeat
from workbench.logs.values.usual_names import USUAL, candidates, guessed, plain, role_of

NAME = "table"
WHAT = (
    "one row a message or a question with its answer, under usual names: session_id, sender, text, question, answer …"
)
REQUIRED = ("role and content", "question and answer")
TIMES = ("timestamp", "created_at", "createdAt", "time", "date", "datetime", "sent_at", "Timestamp", "Date", "Time")
_OWN = frozenset({*turns.REQUIRED, *turns.ORDER})
_OF_SPANS = frozenset("trace_id traceId span_id spanId run_type context.trace_id parent_span_id resourceSpans".split())
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def _is_exchange(columns: Mapping[str, str]) -> bool:
    return "reply" in columns and ("question" in columns or "content" in columns) and "role" not in columns


def missing(source: Source) -> list[str]:
    """What is not there: who says what and when, or what was asked and answered; steps of a trace are neither."""
    columns = guessed(source.columns, _OWN)
    if _OF_SPANS & {*source.columns}:
        return ["rows that are messages: these are steps of a trace"]
    if _is_exchange(columns):
        return []
    if source.log.container != "csv" and not {"timestamp", "turn_index"} & columns.keys():
        return ["turn_index or timestamp"]
    lacking = [name for name in ("conversation_id", "role", "content") if name not in columns]
    return [f"a column for {name} (like {', '.join(USUAL[name][:4])})" for name in lacking]


def recognises(source: Source) -> str | None:
    """Why this is a table of messages or exchanges, or None."""
    columns = guessed(source.columns, _OWN)
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
        names_of_each = candidates(source.columns, _OWN)
        columns = {ours: several[0] for ours, several in names_of_each.items()}
        if _is_exchange(columns) and "question" in columns:
            names_of_each["content"] = names_of_each.pop("question")
            columns["content"] = columns.pop("question")
        listed = ", ".join(f"{ours} from {theirs}" for ours, theirs in columns.items())
        alone = "" if "conversation_id" in columns else " No column names the conversation, so each row is one."
        source.notes.append(
            f"{source.name}: columns were guessed by their names: {listed}.{alone} A mapping says it for sure."
        )
        log = TranslatedLog(source.log, [*columns], _translation(names_of_each, name))
        renamed.append(replace(source, log=log, exchanges=True))
    yield from turns.read(renamed, options, scratch)


def _translation(columns: Mapping[str, Sequence[str]], name: str) -> Any:
    exchange = "reply" in columns and "role" not in columns
    ordered = bool({"timestamp", "turn_index"} & columns.keys())

    def translate(number: int, fields: JsonObject) -> JsonObject:
        row = dict(fields)
        for ours, names in columns.items():
            theirs = next((each for each in names if fields.get(each) not in _EMPTY), names[0])
            if (value := row.pop(theirs, None)) is not None:
                if ours == "feedback" and plain(theirs) == "rating" and normalise.number(value) is not None:
                    row["feedback_score"] = value  # one star is no thumb up
                    continue
                if ours != theirs and ours in row:
                    row[f"{ours}_logged"] = row[ours]
                row[ours] = role_of(theirs, value) if ours == "role" else value
        if exchange:
            row["role"] = "user"
            row.setdefault("reply", "")
        if "conversation_id" not in columns:
            row["conversation_id"] = f"{name}:{number}"
        if not ordered:
            row["turn_index"] = number
        return row

    return translate
