"""Log formats: one module a format, all giving the same conversations.

A reader is a module with `NAME`, `WHAT` (what a row is, for messages), `REQUIRED` columns, `TIMES` (columns that hold
times), `missing(source)`, `recognises(source) -> why | None` and `read(sources, options, scratch)`, which yields for the files of one import
`LoggedConversation`, `Reject` and `Repeat` items whose rows add up to the rows of the files. `scratch` is a folder that it may
fill. One that declines where no required column is missing says in `RECOGNISED_BY` what it looked for. A new format is a new module and its line in
`READERS`; `--format auto` takes the first that recognises a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from workbench.errors import RefusedFile, UserError
from workbench.logs.files.csv_rows import SUFFIXES as CSV_SUFFIXES
from workbench.logs.files.csv_rows import CsvLog
from workbench.logs.files.enclosed import EnclosedLog, way_to_rows
from workbench.logs.files.find import CSV, GZIP, find_files, is_json, is_parquet, other_kind, shown
from workbench.logs.files.json_lines import JsonLog
from workbench.logs.files.nested import NestedLog, nested_log
from workbench.logs.files.otlp import OtlpLog, holds_batches
from workbench.logs.files.parquet import ParquetLog
from workbench.logs.files.partitions import PartitionedLog, partition
from workbench.logs.files.source import MESSAGE_COLUMNS, Log, Source
from workbench.logs.files.trace_table import TraceTable, holds_traces
from workbench.logs.files.wrapped import ItemsLog, list_of_rows
from workbench.logs.formats import (
    arena,
    atif,
    botframework,
    chat,
    chatgpt,
    coding_agents,
    inspect_ai,
    langfuse,
    langsmith,
    mlflow,
    openinference,
    opik,
    otel,
    pairs,
    rasa,
    realtime,
    single,
    steps,
    table,
    tau,
    turns,
)
from workbench.logs.formats.mapping import ColumnMapping, load_mapping
from workbench.logs.formats.proposal import CHOICE, Proposal, proposed
from workbench.logs.values.records import LoggedConversation, ReadOptions, Reject, Repeat, SourceFile
from workbench.logs.values.usual_names import USUAL, identity_column, plain, speaker_fields

__all__ = [
    "OTHER_LAYOUTS",
    "READERS",
    "ColumnMapping",
    "LoggedConversation",
    "ReadOptions",
    "Reader",
    "Reject",
    "Repeat",
    "Source",
    "SourceFile",
    "find_files",
    "load_mapping",
    "open_source",
    "partition",
    "recognise",
    "shown",
]


_RESULTS = (
    "these are results of OpenAI's batches: replies without what was asked. Put each behind the messages of its request "
    "(they share a custom_id), and write rows with conversation_id and messages."
)
_BATCHES = {
    "response.body.choices": _RESULTS,
    "response.body.output": _RESULTS,
    "body.messages": "these are requests of OpenAI's batches, without the replies. Put behind the messages of each the "
    "message of its result (they share a custom_id), and write rows with conversation_id and messages.",
}
"""What is known to hold no conversations, by a field of it, and what to do."""


class Reader(Protocol):
    """What every reader module offers."""

    NAME: str
    WHAT: str
    REQUIRED: Sequence[str]
    TIMES: Sequence[str]

    def missing(self, source: Source) -> list[str]:
        """The required columns that a file lacks."""

    def recognises(self, source: Source) -> str | None:
        """Why a file is of this format, or None."""

    def read(
        self, sources: Sequence[Source], options: ReadOptions, scratch: Path
    ) -> Iterator[LoggedConversation | Reject | Repeat]:
        """The conversations of all files together; the rows of what it yields add up to those of the files."""


READERS: MappingProxyType[str, Reader] = MappingProxyType(
    {
        reader.NAME: reader
        for reader in (
            inspect_ai,
            arena,
            chat,
            turns,
            tau,
            mlflow,
            openinference,
            otel,
            langfuse,
            langsmith,
            opik,
            chatgpt,
            rasa,
            botframework,
            atif,
            coding_agents,
            realtime,
            pairs,
            steps,
            table,
            single,
        )
    }
)


def open_source(
    path: Path,
    mapping: ColumnMapping | None = None,
    name: str | None = None,
    folders: Mapping[str, str | None] = MappingProxyType({}),
    guess: bool = True,
) -> Source:
    """Open a log file, reading no more than its outline; RefusedFile, by its `name`, where it is none.

    `folders` are the columns that its folders give (`partition`). Without a `guess` of where messages lie, a file that no reader
    knows is opened as it is.
    """
    name = name or shown(path)
    try:
        log, proposal = _opened(path, name, mapping, guess)
        notes = [log.note] if isinstance(log, (ItemsLog, CsvLog)) and log.note else []
        source = Source(PartitionedLog(log, folders) if folders else log, notes=notes)
        if mapping is not None:
            mapping.apply(source)
        elif proposal is not None and proposal.strangers:
            source.advice = f"{proposal}. Where {CHOICE} stands, say which"
        elif proposal is not None and proposal.mapping.layout is not None:
            source.notes.append(
                f"{name}: no reader knows it, but messages lie in it: read as by the mapping {shown(str(proposal))}. Save that as a "
                "file, and correct it, if it is not what you mean."
            )
            source.layout = proposal.mapping.layout
            proposal.mapping.apply(source)
        return source
    except OSError as e:
        raise RefusedFile(name, f"it can't be read ({e.strerror}). Check its permissions.") from e


def _opened(path: Path, name: str, mapping: ColumnMapping | None, guess: bool) -> tuple[Log, Proposal | None]:
    """A file as rows, and how to read them where that had to be guessed."""
    as_json = is_json(path)
    named_csv = path.name.lower().endswith(CSV_SUFFIXES)
    if named_csv and not as_json and not is_parquet(path) and other_kind(path) in (None, CSV):
        return CsvLog(path, name), None
    try:
        log = JsonLog(path, name) if as_json else ParquetLog(path, name)
    except RefusedFile as refusal:
        kind = other_kind(path)
        if kind and not (as_json and kind == GZIP):  # of packed JSON the refusal says more
            raise RefusedFile(name, f"this is no {'JSON' if as_json else 'Parquet'} file: {kind}") from refusal
        raise
    if isinstance(log, ParquetLog):
        return TraceTable(log) if mapping is None and holds_traces(log) else log, None
    rows: Log
    if holds_batches(log):
        rows = OtlpLog(log)
    elif mapping is None and (way := way_to_rows(log)) is not None:
        rows = EnclosedLog(log, way)
    else:
        rows = _unwrapped(log, mapping)
    is_readable = mapping is not None or not guess or _of_batches(rows.outline) is not None or _is_recognised(rows)
    proposal = None if is_readable else proposed(log.sample)
    if proposal is not None and not proposal.strangers:
        rows = _named_rows(log, proposal.mapping) if proposal.mapping.rows else log
    log.sample.clear()  # an object around all rows may be large
    return rows, proposal


def _unwrapped(log: JsonLog, mapping: ColumnMapping | None) -> JsonLog | ItemsLog | NestedLog:
    """A log whose objects are no rows, but hold a list of them, as a log of these; any other as it is."""
    if mapping is not None and mapping.rows:
        return _named_rows(log, mapping)
    if mapping is None and (nested := nested_log(log, log.sample)) is not None:
        return nested
    field = list_of_rows(log)
    if field is None or (mapping is not None and mapping.names_any(log.columns)) or _is_recognised(log):
        return log
    items = ItemsLog(log, field)
    if mapping is not None and mapping.layout is not None and mapping.names_any(items.columns):
        return items
    if mapping is None and (nested := nested_log(items, items.first)) is not None:
        return nested
    return items if _is_recognised(items, single.NAME) or items.looks_like_rows else log


def _named_rows(log: JsonLog, mapping: ColumnMapping) -> ItemsLog:
    """The items of the list that a mapping names; RefusedFile where there is none."""
    items = ItemsLog(log, mapping.rows)
    if not items.first:
        reason = f"the mapping {mapping.file} says that its rows lie in {shown(mapping.rows)}, but no list of objects is there."
        raise RefusedFile(log.name, f"{reason} Found: {', '.join(map(shown, log.columns[:20]))}.")
    return items


def _is_recognised(log: Log, but: str = "") -> bool:
    return any(reader.recognises(Source(log)) for reader in READERS.values() if but != reader.NAME)


def recognise(source: Source, format: str, mapping: ColumnMapping | None = None) -> tuple[str, str]:
    """The name of the format to read a file in, and why; RefusedFile naming the missing columns where none fits."""
    if mapping is not None and mapping.layout is not None:
        if format not in ("auto", mapping.layout):
            raise UserError(f"--format {format} and layout = {mapping.layout!r} in {mapping.file} differ. Drop one.")
        return recognise(source, mapping.layout)[0], f"laid out by {mapping.file}"
    if format != "auto":
        if format not in READERS:
            raise UserError(f"There is no format {format!r}. Known are: auto, {', '.join(READERS)}.")
        if gaps := READERS[format].missing(source):
            raise RefusedFile(source.name, _lacks(source, READERS[format], gaps))
        return format, "named by --format"
    if source.layout is not None:
        return source.layout, "messages lie in it"
    for name, reader in READERS.items():
        if why := reader.recognises(source):
            return name, why
    if (hint := _of_batches(source.outline)) is not None:
        raise RefusedFile(source.name, hint)
    near = [reader for reader in READERS.values() if _is_near(reader, source)]
    if not near:
        raise RefusedFile(source.name, f"it is like no log that is known here. {_advice(source)}")
    nearest = min(near, key=lambda reader: _distance(reader, source))
    raise RefusedFile(
        source.name,
        _lacks(source, nearest, nearest.missing(source) or [getattr(nearest, "RECOGNISED_BY", "what tells one")]),
    )


def _of_batches(outline: frozenset[str]) -> str | None:
    """What to do with a file of OpenAI's batches; None for any other."""
    return next((hint for field, hint in _BATCHES.items() if {"custom_id", field} <= outline), None)


_COMMON = frozenset("id type name start_time end_time timestamp input output inputs outputs attributes".split())
"""Columns that logs of every kind have, so that they tell none."""


def _is_near(reader: Reader, source: Source) -> bool:
    """Whether a file has half of what tells a format, so that naming it helps."""
    if reader.NAME == chat.NAME:
        return not {*MESSAGE_COLUMNS, "conversation_id"}.isdisjoint(source.columns)
    telling = [column for column in reader.REQUIRED if column not in _COMMON]
    return 2 * len({*telling} & {*source.columns}) >= max(len(telling), 1)


def _distance(reader: Reader, source: Source) -> int:
    """How far columns are from a format: what they lack of it less what they have of it."""
    return len(reader.missing(source)) - len(set(reader.REQUIRED) & set(source.columns))


def _lacks(source: Source, reader: Reader, gaps: list[str]) -> str:
    return f"as a {reader.NAME} log it lacks {', '.join(gaps)}. {_advice(source)}"


def _suggested(source: Source) -> str:
    """The mapping that would read messages which lie deeper than a column, "" where nothing looks like them."""
    if source.advice:
        return f"What looks like messages can be read with a mapping: {source.advice}."
    outline = source.outline
    fields: dict[str, set[str]] = {}
    for name in outline:
        holder, _, field = name.rpartition(".")
        fields.setdefault(holder, set()).add(field)
    held: dict[str, tuple[str, str]] = {}
    for holder in sorted(filter(None, fields), key=lambda name: (name.count("."), name)):
        who = "role" if "role" in fields[holder] else next(iter(speaker_fields(fields[holder])), None)
        deeper = next((kind for kind in ("role", "type") if who and f"{holder}.{who}.{kind}" in outline), None)
        words = next(
            (name for usual in USUAL["content"] for name in sorted(fields[holder]) if plain(name) == usual), None
        )
        if who and words and not any(holder.startswith(f"{other}.") for other in held):
            held[holder] = (f"{who}.{deeper}" if deeper else who, words)
    if not held:
        return ""
    columns = [*held][:3]
    where = (
        f'"{columns[0]}"' if len(columns) == 1 else f"[{', '.join(f'{chr(34)}{each}{chr(34)}' for each in columns)}]"
    )
    identity = identity_column([name for name in source.columns if name not in fields]) or (
        "id" if "id" in source.columns else "…"
    )
    who, words = held[columns[-1]]
    return (
        f'What looks like messages can be read with a mapping: layout = "chat", [columns] conversation_id = "{identity}", '
        f'messages = {where}, [message] role = "{who}", content = "{words}".'
    )


OTHER_LAYOUTS = "Where it is of another layout, name that with --format: "
"""What the list of all layouts in a refusal begins with."""


def _advice(source: Source) -> str:
    """What stands in a file, and what would make it readable."""
    columns = [shown(column) for column in source.columns[:30]]
    more = f" and {len(source.columns) - 30} more" if len(source.columns) > 30 else ""
    layouts = "; ".join(f"{each.NAME} ({each.WHAT})" for each in READERS.values())
    mend = shown(_suggested(source))
    return (
        f"Found: {', '.join(columns) or 'no column'}{more}. {mend}{' ' if mend else ''}It can be read where each row has an id of its conversation, who speaks and what "
        "is said, or all messages in a list. Where it has them under other names, say so with --mapping FILE.toml, or on the data "
        "page: “Preview”, then “Name its "
        f"columns”. {OTHER_LAYOUTS}{layouts}."
    )
