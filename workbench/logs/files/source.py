"""One input file, opened and checked, as readers see it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.records import Reject
from workbench.logs.values.times import AWARE_TEXT, NAIVE_TEXT

TIME_COLUMNS = ("timestamp", "started_at", "ended_at")
MESSAGE_COLUMNS = ("messages", "conversation", "conversations", "turns")
OTHER_MESSAGE_COLUMNS = tuple(
    "transcript_with_tool_calls transcript_object transcript dialogue dialog chat_history chatHistory history message_list "
    "messageList chat_messages chatMessages message_history utterances msgs items".split()
)
"""Where other logs have the messages of a conversation, as a list."""
_TALK_COLUMNS = {*MESSAGE_COLUMNS, *OTHER_MESSAGE_COLUMNS, "traj"}
_PATTERNS = {"aware": AWARE_TEXT, "naive": NAIVE_TEXT}
_IN_JSON = {name: rf'"timestamp"\s*:\s*"[^"]*{pattern}"' for name, pattern in _PATTERNS.items()}
_ALONE = {name: pattern + "$" for name, pattern in _PATTERNS.items()}
Tally = Callable[[str, int], str]
"""What was counted, as a function that tells it of a file, by its name."""


class Log(Protocol):
    """A file as rows, whatever it is made of."""

    @property
    def path(self) -> Path:
        """Where the file lies."""

    @property
    def name(self) -> str:
        """Its name in messages."""

    @property
    def container(self) -> str:
        """What holds the rows: parquet, json, otlp, csv and the like."""

    @property
    def columns(self) -> list[str]:
        """The names of the rows' columns."""

    @property
    def outline(self) -> frozenset[str]:
        """The dotted names of all fields in the rows; lists add none: `messages.role`. In JSON as far as the first rows tell."""

    @property
    def rows(self) -> int:
        """How many rows it has, rejects too; holds after `check`."""

    @property
    def unpacked(self) -> int:
        """Its bytes once unpacked; holds after `check`."""

    @property
    def rejects(self) -> Sequence[Reject]:
        """Its rows that can't be read; holds after `check`."""

    def check(self, look: Callable[[Any], None]) -> None:
        """Decode the whole file once and hand each batch or row to `look`; RefusedFile for damage."""

    def read(self) -> Iterator[tuple[int, JsonObject]]:
        """Each good row: its number from 1, and its fields."""

    def deal(self, columns: Sequence[str], share: Callable[[JsonObject], int], paths: Sequence[Path]) -> None:
        """Deal the good rows out to the files at `paths`: `share`, given these columns of a row, says to which."""

    def dealt(self, path: Path) -> Iterator[tuple[int, JsonObject]]:
        """The rows of one file that was dealt out, as `read` gives them."""


@dataclass
class Source:
    """A file that can be read, with what `check` and its reader learn of it."""

    log: Log
    """Its rows."""
    times: Sequence[str] = TIME_COLUMNS
    """The columns that hold times, as its reader names them."""
    time_kinds: set[str] = field(default_factory=set)
    """After `check`: whether its times are `aware` of their zone, `naive`, or both."""
    notes: list[str] = field(default_factory=list)
    """Sentences that its reader leaves for a person, who finds them with the import."""
    exchanges: bool = False
    """Whether somebody says that a column `reply` of its rows is what was answered; else the rows tell."""
    layout: str | None = None
    """The format in which it is read, where that was guessed from what lies in it."""
    advice: str = ""
    """The mapping that reads it once a person has said who speaks, as TOML."""
    tallies: Counter[Tally] = field(default_factory=Counter)
    """How often its reader met what a sentence shall tell of."""

    @property
    def name(self) -> str:
        """Its name in messages."""
        return self.log.name

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.log.path

    @property
    def columns(self) -> list[str]:
        """The columns of its rows."""
        return self.log.columns

    @property
    def outline(self) -> frozenset[str]:
        """The dotted names of all fields in its rows."""
        return self.log.outline

    def all_notes(self) -> list[str]:
        """The notes, and a sentence for each tally."""
        return [*self.notes, *(tell(self.name, count) for tell, count in self.tallies.items())]

    @property
    def mixed_times(self) -> bool:
        """Whether some of its times name a zone and some don't; holds after `check`."""
        return len(self.time_kinds) > 1

    def check(self) -> None:
        """Decode the whole file once; RefusedFile for damage and for what breaks a limit."""
        self.time_kinds.clear()
        self.log.check(self._look)

    def sha256(self) -> str:
        """The digest of its bytes, in hexadecimal."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _look(self, piece: pa.RecordBatch | JsonFields) -> None:
        """Look for times in what `check` meets: a batch of a Parquet file, or one row of another."""
        if self.mixed_times:
            return
        if isinstance(piece, Mapping):
            self.time_kinds |= _kinds_in_row(piece, self.times)
            return
        for name, column in zip(piece.schema.names, piece.columns, strict=True):
            if name in self.times:
                self.time_kinds |= _kinds(column)
            elif name in _TALK_COLUMNS:
                self.time_kinds |= _kinds_in_messages(column)


def _kinds_in_row(row: JsonFields, columns: Sequence[str]) -> set[str]:
    kinds = {kind for name in columns if name in row for kind in _kind(row[name])}
    for column in _TALK_COLUMNS & row.keys():
        messages = row[column]
        for message in messages if isinstance(messages, list) else [messages]:
            if isinstance(message, str):
                kinds |= {name for name, pattern in _IN_JSON.items() if re.search(pattern, message)}
            elif isinstance(message, Mapping):
                kinds.update(_kind(message.get("timestamp")))
    return kinds


def _kind(time: Any) -> Iterator[str]:
    if isinstance(time, datetime):
        yield "aware" if time.tzinfo else "naive"
    elif isinstance(time, str):
        yield from (name for name, pattern in _ALONE.items() if re.search(pattern, time))


def _kinds_in_messages(column: pa.Array) -> set[str]:
    """What stands in a column of messages: lists of structs, or JSON text of a list or of each message."""
    column = _plain(column)
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return _kinds_in_messages(column.flatten())
    if pa.types.is_struct(kind):
        place = kind.get_field_index("timestamp")
        return _kinds(column.flatten()[place]) if place >= 0 else set()
    return _matching(column, _IN_JSON)


def _kinds(column: pa.Array) -> set[str]:
    column = _plain(column)
    kind = column.type
    if pa.types.is_timestamp(kind):
        return set() if column.null_count == len(column) else {"aware" if kind.tz else "naive"}
    return _matching(column, _ALONE)


def _plain(column: pa.Array) -> pa.Array:
    """A column as its storage; of a dictionary-encoded one each value that is there, once."""
    if isinstance(column, pa.ExtensionArray):
        return _plain(column.storage)
    if pa.types.is_dictionary(column.type):
        return column.dictionary.take(column.indices.unique().drop_null())
    return column


def _matching(column: pa.Array, patterns: Mapping[str, str]) -> set[str]:
    """The patterns that a value matches; none where the column holds no text."""
    kind = column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
        return set()
    return {name for name, pattern in patterns.items() if _any(pc.match_substring_regex(column, pattern))}


def _any(flags: pa.Array) -> bool:
    return bool(pc.any(flags).as_py())
