"""One input file, opened and checked, as readers see it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from workbench.parquet_files import ParquetLog
from workbench.readers.times import AWARE_TEXT, NAIVE_TEXT

TIME_COLUMNS = ("timestamp", "started_at", "ended_at")
_PATTERNS = {"aware": AWARE_TEXT, "naive": NAIVE_TEXT}
_IN_JSON = r'"timestamp"\s*:\s*"[^"]*{}"'


@dataclass
class Source:
    """A file that can be read. `time_kinds` says whether its times are `aware`, `naive` or both, after `check`."""

    log: ParquetLog
    time_kinds: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return self.log.name

    @property
    def path(self) -> Path:
        return self.log.path

    @property
    def columns(self) -> list[str]:
        return self.log.columns

    @property
    def mixed_times(self) -> bool:
        return len(self.time_kinds) > 1

    def check(self) -> None:
        """Decode the whole file once; RefusedFile for damage and for what breaks a limit."""
        self.time_kinds.clear()
        self.log.check(self._look)

    def sha256(self) -> str:
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _look(self, batch: pa.RecordBatch) -> None:
        if self.mixed_times:
            return
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            if name in TIME_COLUMNS:
                self.time_kinds |= _kinds(column)
            elif name == "messages":
                self.time_kinds |= _kinds_in_messages(column)


def _kinds_in_messages(column: pa.Array) -> set[str]:
    kind = column.type
    if _is_text(kind):
        return {name for name, pattern in _PATTERNS.items() if _matches(column, _IN_JSON.format(pattern))}
    if (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and pa.types.is_struct(kind.value_type):
        messages = column.flatten()
        place = messages.type.get_field_index("timestamp")
        return _kinds(messages.flatten()[place]) if place >= 0 else set()
    return set()


def _kinds(column: pa.Array) -> set[str]:
    kind = column.type
    if pa.types.is_timestamp(kind):
        return set() if column.null_count == len(column) else {"aware" if kind.tz else "naive"}
    if _is_text(kind):
        return {name for name, pattern in _PATTERNS.items() if _matches(column, pattern + "$")}
    return set()


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _matches(column: pa.Array, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(column, pattern)).as_py())
