"""*table*: a table of messages, or of questions with their answers, under the column names that chat tools use.

For CSV as people export it, and for any table that no other reader knows. Which column is taken for what is guessed from its name and
told with the import; a mapping says it for sure. Without a time or a place rows stand in the order of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.conversation.roles import side_of
from workbench.errors import RefusedFile
from workbench.logs.files.source import Source
from workbench.logs.files.translated import TranslatedLog
from workbench.logs.formats import chat, turns
from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.message_lists import message
from workbench.logs.values.messages import unwrapped
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat
from workbench.logs.values.replies import decoded
from workbench.logs.values.usual_names import USUAL, candidates, guessed, plain, role_of

NAME = "table"
WHAT = (
    "one row a message or a question with its answer, under usual names: session_id, sender, text, question, answer …"
)
REQUIRED = ("role and content", "question and answer")
TIMES = ("timestamp", "created_at", "createdAt", "time", "date", "datetime", "sent_at", "Timestamp", "Date", "Time")
_OWN = frozenset({*turns.REQUIRED, *turns.ORDER})
_BESIDE_WHOLE = ("conversation_id", "timestamp", "turn_index", "user_id", "bot", "feedback")
_OF_SPANS = frozenset("trace_id traceId span_id spanId run_type context.trace_id parent_span_id resourceSpans".split())
_MESSAGES = ("message", "messagedata", "messagejson", "data", "payload", "body", "content", "messages", "history")
_PEEKED = 20
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def _is_exchange(columns: Mapping[str, str]) -> bool:
    return "reply" in columns and ("question" in columns or "content" in columns) and "role" not in columns


def _named(source: Source) -> list[str]:
    """The columns by which rows are guessed."""
    if _types_speak(source):
        named = {"type": "role", "output": "content"}
        return [named.get(name, name) for name in source.columns if name not in ("input", "name")]
    return [*source.columns, *(["reply"] if _replies_in_messages(source) else [])]


def _types_speak(source: Source) -> bool:
    """Whether a row's type says who speaks, so that its output is what was said, and no reply to its input (Chainlit)."""
    if not {"type", "output"} <= {*source.columns} or "role" in guessed(source.columns, ()):
        return False
    with suppress(BadValue, RefusedFile):
        kinds = {str(fields.get("type")) for _, fields in islice(source.log.read(), _PEEKED)}
        return any(side_of(kind) == "user" for kind in kinds)
    return False


def _replies_in_messages(source: Source) -> bool:
    """Whether `messages` beside a question are what the bot replied, all of them its own (Amazon Lex)."""
    inside = {name for name in source.outline if name.startswith("messages.")}
    return "messages.content" in inside and "messages.role" not in inside and "question" in guessed(source.columns, ())


def _whole(source: Source) -> str | None:
    """The column whose values are whole messages, as objects or their JSON text; None where none holds such ones only."""
    if "role" in guessed(source.columns, _OWN):
        return None
    with suppress(BadValue, RefusedFile, StopIteration):
        rows = [fields for _, fields in islice(source.log.read(), _PEEKED)]
        for column in source.columns:
            if plain(column) in _MESSAGES and rows and all(_message_in(row.get(column)) is not None for row in rows):
                return column
    return None


def _message_in(value: Any) -> JsonFields | None:
    """The message that a value is, as its fields; None where it is none."""
    held = decoded(value)
    if not isinstance(held, Mapping):
        return None
    with suppress(BadValue):
        fields = unwrapped(message(held, ""))
        return fields if isinstance(fields.get("role"), str) else None
    return None


def missing(source: Source) -> list[str]:
    """What is not there: who says what and when, or what was asked and answered; steps of a trace are neither."""
    columns = guessed(_named(source), _OWN)
    if _OF_SPANS & {*source.columns}:
        return ["rows that are messages: these are steps of a trace"]
    if _is_exchange(columns):
        return []
    if "conversation_id" in columns and _whole(source) is not None:
        return []
    if source.log.container != "csv" and not {"timestamp", "turn_index"} & columns.keys():
        return ["turn_index or timestamp"]
    lacking = [name for name in ("conversation_id", "role", "content") if name not in columns]
    return [f"a column for {name} (like {', '.join(USUAL[name][:4])})" for name in lacking]


def recognises(source: Source) -> str | None:
    """Why this is a table of messages or exchanges, or None."""
    columns = guessed(_named(source), _OWN)
    if missing(source):
        return None
    if not _is_exchange(columns) and (whole := _whole(source)) is not None:
        return f"its column {whole} holds a message a row, beside {columns['conversation_id']}"
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
        names_of_each = candidates(_named(source), _OWN)
        if _replies_in_messages(source):
            names_of_each["reply"] = ["messages"]
        if _types_speak(source):
            names_of_each |= {"role": ["type"], "content": ["output"]}
        columns = {ours: several[0] for ours, several in names_of_each.items()}
        if _is_exchange(columns) and "question" in columns:
            names_of_each["content"] = names_of_each.pop("question")
            columns["content"] = columns.pop("question")
        if not _is_exchange(columns) and (whole := _whole(source)) is not None:
            columns = {ours: name for ours, name in columns.items() if ours in _BESIDE_WHOLE and name != whole}
            names_of_each = {ours: [name] for ours, name in columns.items()}
            columns["role and content"] = whole
        else:
            whole = None
        listed = ", ".join(f"{ours} from {theirs}" for ours, theirs in columns.items())
        alone = "" if "conversation_id" in columns else " No column names the conversation, so each row is one."
        source.notes.append(
            f"{source.name}: columns were guessed by their names: {listed}.{alone} A mapping says it for sure."
        )
        log = TranslatedLog(source.log, [*columns], _translation(names_of_each, name, whole))
        renamed.append(replace(source, log=log, exchanges=True))
    yield from turns.read(renamed, options, scratch)


def _translation(columns: Mapping[str, Sequence[str]], name: str, whole: str | None = None) -> Any:
    exchange = "reply" in columns and "role" not in columns
    ordered = bool({"timestamp", "turn_index"} & columns.keys())
    several = columns.get("content", ()) if exchange else ()
    names_beside = several[1:] if any(plain(each) == "instruction" for each in several[:1]) else ()

    def translate(number: int, fields: JsonObject) -> JsonObject:
        row = dict(fields)
        if whole is not None and (held := _message_in(fields.get(whole))) is not None:
            del row[whole]
            row = {
                **{each: value for each, value in held.items() if each not in row},
                **row,
                "role": held["role"],
            }
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
            for more in names_beside:  # what an instruction is about
                if isinstance(beside := row.get(more), str) and beside.strip() and isinstance(row.get("content"), str):
                    row["content"] = f"{row['content']}\n\n{row.pop(more)}"
            row.setdefault("reply", "")
        if "conversation_id" not in columns or (exchange and row.get("conversation_id") is None):
            row["conversation_id"] = f"{name}:{number}"
        if not ordered:
            row["turn_index"] = number
        return row

    return translate
