"""A part, one import's conversations on disk: written in runs as they come, and read back by row group.

conversations-0000.parquet …   runs of at most 20,000 conversations
rejects.parquet                the rows that could not be taken
manifest.json                  what was read; written last, so a folder without it is no part

`turns` is a list of structs with the fields of `Turn`, `metadata` is JSON text; times are naive UTC. `beginnings` has eight bytes
a turn, which stand for the conversation up to there: they tell an older state of it from another content.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from workbench.conversation import Conversation, Document, ToolCall, Turn
from workbench.conversation.model import Evaluation
from workbench.errors import WorkbenchError
from workbench.logs.files.parquet import python_rows
from workbench.logs.manifest import Manifest
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.records import LoggedConversation, Reject

RUN = 20_000
GROUP = 1_000
GROUP_TEXT = 4 << 20
"""Characters of a row group: one is read to show a single conversation of it."""
ZSTD_LEVEL = 3
"""What is kept of logs is written at this level: a twentieth smaller than at the lowest, for a few milliseconds in a thousand."""

_text, _time, _number = pa.string(), pa.timestamp("us"), pa.float64()
DOCUMENT = pa.struct([("id", _text), ("title", _text), ("text", _text), ("score", _number), ("url", _text)])
TOOL_CALL = pa.struct([("name", _text), ("arguments", _text), ("id", _text), ("result_position", pa.int32())])
TURN = pa.struct(
    [
        ("position", pa.int32()),
        ("role", _text),
        ("content", _text),
        ("name", _text),
        ("tool_calls", pa.list_(TOOL_CALL)),
        ("tool_call_id", _text),
        ("caller", _text),
        ("call_position", pa.int32()),
        ("timestamp", _time),
        ("latency_ms", _number),
        ("finish_reason", _text),
        ("error", _text),
        ("citations", pa.list_(DOCUMENT)),
        ("retrieved", pa.list_(DOCUMENT)),
        ("feedback", pa.int8()),
    ]
)
EVALUATION = pa.struct(
    [
        ("name", _text),
        ("value", _number),
        ("label", _text),
        ("explanation", _text),
        ("by", _text),
        ("position", pa.int32()),
    ]
)
SCHEMA = pa.schema(
    [
        ("key", _text),
        ("content_hash", _text),
        ("beginnings", pa.binary()),
        ("source_file", _text),
        ("source_row", pa.int64()),
        ("conversation_id", _text),
        ("bot", _text),
        ("turns", pa.list_(TURN)),
        ("channel", _text),
        ("started_at", _time),
        ("ended_at", _time),
        ("model", _text),
        ("model_version", _text),
        ("prompt_version", _text),
        ("release", _text),
        ("outcome", _text),
        ("feedback_score", _number),
        ("feedback_text", _text),
        ("reward", _number),
        ("user_id", _text),
        ("retrieved", pa.list_(DOCUMENT)),
        ("metadata", _text),
        ("evaluations", pa.list_(EVALUATION)),
    ]
)


# --- writing --------------------------------------------------------------------------------------------------------


class Watch(Protocol):
    """Sees what is written of a part, so that it needn't be read again for that."""

    def see(self, conversation: Conversation) -> None:
        """A conversation of the run file that is being written."""

    def close(self, run_file: Path) -> None:
        """That run file is whole; conversations of the next one follow."""


class Runs:
    """Writes conversations in runs of files, a row group at a time, so that memory stays that of one group."""

    def __init__(self, folder: Path, watch: Watch | None = None) -> None:
        self.folder = folder
        self.watch = watch
        self.waiting: list[LoggedConversation] = []
        self.waiting_text = 0
        self.in_run = 0
        self.runs = 0
        self.writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Runs:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is None:
            self._flush()
        self._close()

    def add(self, logged: LoggedConversation) -> None:
        """Write a conversation, with the others of its row group once that is full."""
        self.waiting.append(logged)
        if self.watch is not None:
            self.watch.see(logged.conversation)
        self.waiting_text += _text_size(logged.conversation)
        if len(self.waiting) >= GROUP or self.waiting_text >= GROUP_TEXT:
            self._flush()

    @property
    def _path(self) -> Path:
        return self.folder / f"conversations-{self.runs:04d}.parquet"

    def _flush(self) -> None:
        if not self.waiting:
            return
        if self.writer is None:
            self.writer = pq.ParquetWriter(
                self._path, SCHEMA, compression="zstd", compression_level=ZSTD_LEVEL, write_page_checksum=True
            )
        self.writer.write_table(_table(self.waiting))
        self.in_run += len(self.waiting)
        self.waiting, self.waiting_text = [], 0
        if self.in_run + GROUP > RUN:
            self._close()

    def _close(self) -> None:
        if self.writer is not None:
            self.writer.close()
            self.writer = None
            if self.watch is not None:
                self.watch.close(self._path)
            self.runs += 1
            self.in_run = 0


def _text_size(conversation: Conversation) -> int:
    size = sum(len(document.text or "") for document in conversation.retrieved)
    for turn in conversation.turns:
        size += len(turn.content)
        if turn.tool_calls or turn.retrieved:
            size += sum(len(call.arguments) for call in turn.tool_calls)
            size += sum(len(document.text or "") for document in turn.retrieved)
    return size


def _table(logged: Sequence[LoggedConversation]) -> pa.Table:
    conversations = [item.conversation for item in logged]
    columns: JsonObject = {
        "key": [item.key for item in conversations],
        "content_hash": [item.content_hash for item in conversations],
        "beginnings": [item.beginnings for item in conversations],
        "source_file": [item.file for item in logged],
        "source_row": [item.row for item in logged],
        "turns": _list([item.turns for item in conversations], _turns),
        "retrieved": _list([item.retrieved for item in conversations], _documents),
        "evaluations": _list([item.evaluations for item in conversations], lambda rows: _struct(rows, EVALUATION, {})),
        "metadata": [json.dumps(item.metadata, ensure_ascii=False) for item in conversations],
    }
    for name in SCHEMA.names:
        if name not in columns:
            columns[name] = [getattr(item, name) for item in conversations]
    return pa.Table.from_pydict(columns, SCHEMA)


def _list(lists: Sequence[Sequence[Any]], build: Callable[[list[Any]], pa.Array]) -> pa.ListArray:
    offsets = pa.array([0, *accumulate(map(len, lists))], pa.int32())
    return pa.ListArray.from_arrays(offsets, build([item for items in lists for item in items]))


def _struct(items: Sequence[Any], kind: pa.StructType, built: Mapping[str, pa.Array]) -> pa.StructArray:
    arrays = [
        built[child.name]
        if child.name in built
        else pa.array([getattr(item, child.name) for item in items], child.type)
        for child in kind
    ]
    return pa.StructArray.from_arrays(arrays, fields=list(kind))


def _turns(turns: list[Turn]) -> pa.StructArray:
    built = {
        "tool_calls": _list([turn.tool_calls for turn in turns], lambda calls: _struct(calls, TOOL_CALL, {})),
        "citations": _list([turn.citations for turn in turns], _documents),
        "retrieved": _list([turn.retrieved for turn in turns], _documents),
    }
    return _struct(turns, TURN, built)


def _documents(documents: list[Document]) -> pa.StructArray:
    return _struct(documents, DOCUMENT, {})


# --- reading --------------------------------------------------------------------------------------------------------


def read_part(folder: Path, only: Collection[str] | None = None) -> Iterator[Conversation]:
    """The conversations of a part in the order of their import, one row group in memory at a time.

    With `only`, those of these keys; a row group that holds none of them isn't read.
    """
    for path in run_files(folder):
        yield from read_run(path, only)


def read_run(path: Path, only: Collection[str] | None = None) -> Iterator[Conversation]:
    """The conversations of one of a part's run files; see `read_part`."""
    with opened_run(path) as file:
        if only is None:
            for batch in file.iter_batches(batch_size=GROUP):
                yield from map(_conversation, python_rows(batch))
            return
        wanted = pa.array(only, pa.string())
        for number in range(file.num_row_groups):
            if pc.any(pc.is_in(file.read_row_group(number, ["key"])["key"], wanted)).as_py():
                group = file.read_row_group(number)
                for batch in group.filter(pc.is_in(group["key"], wanted)).to_batches(GROUP):
                    yield from map(_conversation, python_rows(batch))


def drop(folder: Path, contents: Collection[str]) -> None:
    """Write the run files again without the conversations of these content hashes."""
    for path in run_files(folder):
        draft = path.with_suffix(".tmp")
        with opened_run(path) as file, rewriter(draft, file) as writer:
            for number in range(file.num_row_groups):
                group = file.read_row_group(number)
                gone = pc.is_in(group["content_hash"], pa.array(contents, pa.string()))
                writer.write_table(group.filter(pc.invert(gone)))
        draft.replace(path)


def opened_run(path: Path, metadata: pq.FileMetaData | None = None) -> pq.ParquetFile:
    """A part's file to read; its pages raise `OSError` where they are not as they were written."""
    return pq.ParquetFile(path, metadata=metadata, page_checksum_verification=True)


def rewriter(draft: Path, like: pq.ParquetFile) -> pq.ParquetWriter:
    """A file that takes the place of one of a part, with the same columns."""
    return pq.ParquetWriter(draft, like.schema_arrow, compression="zstd", write_page_checksum=True)


def run_files(folder: Path) -> list[Path]:
    """The Parquet files of a part's conversations, for a bulk load (columns: `SCHEMA`)."""
    return sorted(folder.glob("conversations-*.parquet"))


def conversations_of(rows: pa.Table) -> Iterator[Conversation]:
    """The conversations of whole rows of a run file."""
    for batch in rows.to_batches():
        yield from map(_conversation, python_rows(batch))


def _conversation(row: JsonObject) -> Conversation:
    content_hash = row.pop("content_hash")
    for name in ("key", "source_file", "source_row", "beginnings"):
        row.pop(name, None)
    row["turns"] = [_turn(turn) for turn in row["turns"]]
    row["retrieved"] = [Document(**document) for document in row["retrieved"]]
    row["metadata"] = json.loads(row["metadata"])
    row["evaluations"] = [Evaluation(**evaluation) for evaluation in row.get("evaluations") or ()]
    conversation = Conversation(**row)
    vars(conversation)["content_hash"] = content_hash  # where the cached property keeps it: computed once, at import
    return conversation


def _turn(row: JsonObject) -> Turn:
    row["tool_calls"] = [ToolCall(**call) for call in row["tool_calls"]]
    row["citations"] = [Document(**document) for document in row["citations"]]
    row["retrieved"] = [Document(**document) for document in row["retrieved"]]
    return Turn(**row)


@dataclass(frozen=True)
class Part:
    """One import to build from."""

    import_id: str
    """`I000001` and so on."""
    folder: Path
    """Where its Parquet files lie."""


MANIFEST = "manifest.json"
MEND = "Undo that import on the Data page and import its files again, or put the file back from a backup made with --imports."
"""What to do about a file of an import that is damaged."""
REJECTS_FILE = "rejects.parquet"


REJECTS = pa.schema(
    [
        ("file", pa.string()),
        ("row", pa.int64()),
        ("column", pa.string()),
        ("reason", pa.string()),
        ("value", pa.string()),
        ("rows", pa.int64()),
    ]
)


Progress = Callable[[str, int, int | None], None]


def read_rejects(folder: Path) -> list[Reject]:
    """The rejected rows of a part."""
    return [Reject(**row) for row in pq.read_table(folder / REJECTS_FILE, page_checksum_verification=True).to_pylist()]


def read_manifest(folder: Path) -> Manifest:
    """What one import read; WorkbenchError where that can't be read."""
    try:
        return Manifest.of(json.loads((folder / MANIFEST).read_text("utf-8")))
    except FileNotFoundError as e:
        raise WorkbenchError(f"{folder} is no complete part: its {MANIFEST} is gone. {MEND}") from e
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as e:
        raise WorkbenchError(f"{folder / MANIFEST} can't be read ({e}). {MEND}") from e
