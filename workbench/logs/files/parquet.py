"""Parquet files from outside: opened with suspicion, decoded within limits, and given as plain Python rows.

A Parquet footer can lie and a few kilobytes can unpack to gigabytes, so a file is decoded once from end to end
before anything of it counts, under a ceiling of memory; what breaks a limit is refused with the cause. Extension
types are read as their storage and never unpickled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, tzinfo
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from workbench.errors import RefusedFile
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.times import Instant
from workbench.memory import memory_ceiling

MAX_COLUMNS = 1_000
MAX_ROW_GROUPS = 20_000
MAX_DEPTH = 300
MAX_CELL = 64 << 20
MAX_BATCH = 1 << 30
PIECE = 32 << 20
FREE_UNPACKING = 1 << 30
MAX_UNPACKING = 1_000  # times the file's own size, beyond the free gigabyte
BATCH_ROWS = (2_048, 64, 1)
OUTLINE_DEPTH = 6

_BYTES_OF = {
    pa.string(): pa.binary(),
    pa.large_string(): pa.large_binary(),
    pa.string_view(): pa.binary_view(),
}
_UNREADABLE = (pa.ArrowException, OverflowError, ValueError, NotImplementedError)
Look = Callable[[pa.RecordBatch], None]


class ParquetLog:
    """One Parquet file: its columns at once, its rows after `check`. A row of it is never rejected by itself."""

    container = "parquet"
    rejects = ()

    def __init__(self, path: Path, name: str) -> None:
        """Read the footer only; RefusedFile where there is none that can be read, or where it breaks a limit."""
        self.path = path
        self.name = name
        self.bytes = path.stat().st_size
        self.unpacked = 0
        self._batch_rows = BATCH_ROWS[0]
        if self.bytes == 0:
            raise RefusedFile(name, "the file is empty (0 bytes). Export it again.")
        with self._refusing("this is no Parquet file, or only a part of one"):
            file = self._open()
            self._check_shape(file)
            self.columns: list[str] = file.schema_arrow.names
            self.outline = frozenset(_dotted(file.schema_arrow))
            self.rows: int = file.metadata.num_rows
        repeated = sorted({column for column in self.columns if self.columns.count(column) > 1})
        if repeated:
            raise RefusedFile(name, f"the column {repeated[0]!r} stands more than once. Rename one of them.")

    def _open(self) -> pq.ParquetFile:
        return pq.ParquetFile(
            self.path,
            pre_buffer=False,
            buffer_size=1 << 20,
            page_checksum_verification=True,
            schema_depth_limit=MAX_DEPTH,
            coerce_int96_timestamp_unit="us",  # in nanoseconds the year 9999 wraps around to a plausible one
        )

    def _check_shape(self, file: pq.ParquetFile) -> None:
        metadata = file.metadata
        if metadata.num_columns > MAX_COLUMNS:
            raise RefusedFile(
                self.name,
                f"{metadata.num_columns:,} columns; at most {MAX_COLUMNS:,} are read. Select the ones that count.",
            )
        if metadata.num_row_groups > MAX_ROW_GROUPS:
            raise RefusedFile(
                self.name,
                f"{metadata.num_row_groups:,} row groups; at most {MAX_ROW_GROUPS:,} are read. Write it again with larger ones.",
            )

    @contextmanager
    def _refusing(self, problem: str) -> Iterator[None]:
        """Turn whatever Arrow raises into the refusal of this file."""
        try:
            yield
        except MemoryError:
            raise
        except (pa.ArrowException, OSError, ValueError, NotImplementedError, OverflowError, RecursionError) as e:
            detail = " ".join(str(e).split())[:300]
            if isinstance(e, PermissionError):
                problem = "it can't be read. Check its permissions"
            elif "crypt" in detail.lower():
                problem = "the file is encrypted. Export it without encryption"
            elif isinstance(e, NotImplementedError) or "support" in detail.lower():
                problem = "it needs a codec or type that can't be read here. Write it again with zstd or snappy"
            raise RefusedFile(self.name, f"{problem} ({detail}).") from e

    def check(self, look: Look) -> None:
        """Decode everything once and show each batch to `look`; RefusedFile for damage, bombs and huge cells."""
        for batch_rows in BATCH_ROWS:
            try:
                self._check_batches(batch_rows, look)
            except (MemoryError, _ChunkedColumn):
                pa.default_memory_pool().release_unused()
                continue
            self._batch_rows = batch_rows
            return
        raise RefusedFile(self.name, f"one row unpacks to more than {_size(MAX_BATCH)}. Split it, or leave it out.")

    def _check_batches(self, batch_rows: int, look: Look) -> None:
        rows = self.unpacked = 0
        with self._refusing("the file is damaged"), memory_ceiling(MAX_BATCH):
            for batch in self._batches(batch_rows):
                rows += batch.num_rows
                self._check_size(batch)
                look(batch)
        if rows != self.rows:
            raise RefusedFile(self.name, f"the footer says {self.rows:,} rows, but {rows:,} are there: it is damaged.")

    def _batches(self, batch_rows: int) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._open().iter_batches(batch_size=batch_rows)
        except NotImplementedError as e:
            if "chunked array" in str(e):  # a nested column beyond 2 GB in one batch
                raise _ChunkedColumn from e
            raise

    def _check_size(self, batch: pa.RecordBatch) -> None:
        size = batch.nbytes
        self.unpacked += size
        if size > MAX_BATCH:
            raise MemoryError
        if size > MAX_CELL and (cell := max(map(_largest_cell, batch.columns), default=0)) > MAX_CELL:
            raise RefusedFile(self.name, f"a cell of {_size(cell)}; at most {_size(MAX_CELL)} are read.")
        if self.unpacked > FREE_UNPACKING and self.unpacked > MAX_UNPACKING * self.bytes:
            raise RefusedFile(
                self.name, f"its {_size(self.bytes)} unpack to more than {_size(self.unpacked)}, as no real log does."
            )

    def read(self) -> Iterator[tuple[int, JsonObject]]:
        """Each row with its number from 1; its nulls are left out."""
        return enumerate((row for piece in self.pieces() for row in python_rows(piece)), 1)

    def deal(self, columns: Sequence[str], share: Callable[[JsonObject], int], paths: Sequence[Path]) -> None:
        """Write each row to the path that `share` numbers, from `columns` alone; Arrow files, row number last."""
        with ExitStack() as open_files:
            writers: dict[int, pa.RecordBatchStreamWriter] = {}
            first_row = 1
            for batch in _gathered(self.pieces()):
                numbers = pa.array(range(first_row, first_row + batch.num_rows), pa.int64())
                first_row += batch.num_rows
                numbered = batch.append_column("row", numbers)
                looked_at = batch.select([column for column in columns if column in self.columns])
                shares = np.array([share(row) for row in python_rows(looked_at)])
                for place in np.unique(shares).tolist():
                    own = numbered.take(pa.array(np.flatnonzero(shares == place)))
                    if place not in writers:
                        stream = open_files.enter_context(pa.OSFile(str(paths[place]), "wb"))
                        writers[place] = open_files.enter_context(pa.ipc.new_stream(stream, own.schema))
                    writers[place].write_batch(own)

    def dealt(self, path: Path) -> Iterator[tuple[int, JsonObject]]:
        """The rows that `deal` wrote to a path."""
        with pa.OSFile(str(path)) as stream:
            for batch in pa.ipc.open_stream(stream):
                rows = batch.column(batch.num_columns - 1).to_pylist()
                yield from zip(rows, python_rows(batch.select(list(range(batch.num_columns - 1)))), strict=True)

    def pieces(self) -> Iterator[pa.RecordBatch]:
        """All rows in batches of at most 32 MB, or one row."""
        with self._refusing("the file changed or broke while it was read"):
            for batch in self._batches(self._batch_rows):
                yield from _cut(batch)


class _ChunkedColumn(Exception):
    """Arrow can't hold this many rows of a nested column at once."""


def _dotted(fields: Iterable[pa.Field], above: str = "", depth: int = 0) -> Iterator[str]:
    """The dotted names of all fields, at most six levels deep; lists add no name: `messages.role`."""
    for field in fields:
        yield above + field.name
        kind = field.type
        while pa.types.is_list(kind) or pa.types.is_large_list(kind):
            kind = kind.value_type
        if pa.types.is_struct(kind) and depth < OUTLINE_DEPTH:
            yield from _dotted(kind, f"{above}{field.name}.", depth + 1)


def _gathered(pieces: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Larger batches, so that a share is not written row by row."""
    waiting: list[pa.RecordBatch] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += piece.nbytes
        if size >= PIECE:
            yield pa.concat_batches(waiting)
            waiting, size = [], 0
    if waiting:
        yield pa.concat_batches(waiting)


def _cut(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    if batch.nbytes <= PIECE or batch.num_rows == 1:
        yield batch
        return
    middle = batch.num_rows // 2
    yield from _cut(batch.slice(0, middle))
    yield from _cut(batch.slice(middle))


def _largest_cell(array: pa.Array) -> int:
    """Bytes of the largest text or binary value in a column, at any depth."""
    kind = array.type
    if isinstance(array, pa.ExtensionArray):
        return _largest_cell(array.storage)
    if pa.types.is_dictionary(kind):
        return _largest_cell(array.dictionary)
    if pa.types.is_fixed_size_binary(kind):
        return int(kind.byte_width)
    if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):
        return _largest_cell(array.cast(pa.large_binary()))
    if pa.types.is_nested(kind):
        inner = array.flatten()
        return max(map(_largest_cell, inner if isinstance(inner, list) else [inner]), default=0)
    lengths = pc.binary_length(array) if kind in _BYTES_OF or kind in _BYTES_OF.values() else None
    return 0 if lengths is None else int(pc.max(lengths).as_py() or 0)


def _size(count: int) -> str:
    for unit in ("bytes", "KB", "MB"):
        if count < 1024:
            return f"{count:,.0f} {unit}"
        count = count // 1024 if unit == "bytes" else round(count / 1024)
    return f"{count:,.0f} GB"


# --- Arrow to Python ------------------------------------------------------------------------------------------------


def python_rows(batch: pa.RecordBatch) -> Iterator[JsonObject]:
    """Each row as a dictionary without its nulls; structs likewise, so that absent and null are one thing."""
    return iter(_dictionaries(batch.schema.names, [python_values(column) for column in batch.columns], batch.num_rows))


def _dictionaries(names: list[str], columns: list[list[Any]], count: int) -> list[JsonObject]:
    if not columns:
        return [{} for _ in range(count)]
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in zip(*columns, strict=True)
    ]


def python_values(array: pa.Array) -> list[Any]:
    """A column as Python values, column by column down to the leaves (several times faster than `to_pylist`).

    Times with a zone come as aware UTC datetimes, times without as naive ones, and what no datetime can hold as
    text; invalid UTF-8 comes with U+FFFD; UUIDs as their text.
    """
    kind = array.type
    if isinstance(array, pa.ExtensionArray):
        return _extension_values(array)
    if pa.types.is_dictionary(kind):
        return python_values(array.dictionary_decode())
    if pa.types.is_struct(kind):
        rows: list[Any] = _dictionaries(kind.names, [python_values(child) for child in array.flatten()], len(array))
        return _with_nulls(rows, array)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        inner = python_values(array.flatten())
        ends = [0, *accumulate(length or 0 for length in pc.list_value_length(array).to_pylist())]
        return _with_nulls([inner[start:end] for start, end in pairwise(ends)], array)
    if pa.types.is_map(kind):
        return [pairs and {str(name): value for name, value in pairs} for pairs in _plain(array)]
    if pa.types.is_timestamp(kind):
        return _times(array)
    return _plain(array)


def _with_nulls(values: list[Any], array: pa.Array) -> list[Any]:
    if not array.null_count:
        return values
    return [value if valid else None for value, valid in zip(values, array.is_valid().to_pylist(), strict=True)]


def _extension_values(array: pa.ExtensionArray) -> list[Any]:
    if array.type.extension_name == "arrow.uuid":
        return [None if raw is None else str(UUID(bytes=raw)) for raw in array.storage.to_pylist()]
    return python_values(array.storage)


def _times(array: pa.TimestampArray) -> list[Any]:
    unit, aware = array.type.unit, array.type.tz is not None
    ticks = array.cast(pa.int64())
    scale = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 1}[unit]
    counts = ticks.fill_null(0).to_numpy(zero_copy_only=False)
    below = counts % 1_000 if unit == "ns" else None
    if unit == "ns":
        counts = counts // 1_000
    in_range = np.abs(counts) < (1 << 62) // scale
    stamps = (np.where(in_range, counts, 0) * scale).astype("datetime64[us]").tolist()
    zone = UTC if aware else None
    if below is not None and below.any():
        stamps = [
            Instant.of(stamp, rest) if rest and not isinstance(stamp, int) else stamp
            for stamp, rest in zip(stamps, below.tolist(), strict=True)
        ]
    return [
        None
        if tick is None
        else _zoned(stamp, zone)
        if fits and not isinstance(stamp, int)
        else f"{tick} {unit} since 1970"
        for tick, stamp, fits in zip(ticks.to_pylist(), stamps, in_range.tolist(), strict=True)
    ]


def _zoned(stamp: datetime, zone: tzinfo | None) -> datetime:
    zoned = stamp.replace(tzinfo=zone)
    return Instant.of(zoned, stamp.nanosecond) if isinstance(stamp, Instant) else zoned


def _plain(array: pa.Array) -> list[Any]:
    try:
        return list(array.to_pylist())
    except UnicodeDecodeError:
        return [_scalar_value(scalar) for scalar in array.cast(_BYTES_OF.get(array.type, array.type))]
    except _UNREADABLE:
        return [_scalar_value(scalar) for scalar in array]


def _scalar_value(scalar: pa.Scalar) -> Any:
    try:
        value = scalar.as_py()
    except _UNREADABLE:
        return f"{getattr(scalar, 'value', '?')} ({scalar.type}, out of range)"
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
