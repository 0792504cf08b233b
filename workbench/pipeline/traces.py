"""Where a text stands in the files of a store, whatever packs them: JSON, Parquet, DuckDB, SQLite and its log, gzip and zip.

What is compressed is opened and each text in it looked at (what a Parquet file says of its columns' least and greatest values are
texts of these); every other file is looked at as bytes, free pages among them.
"""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from workbench.errors import WorkbenchError
from workbench.evidence.snapshot import tables_of
from workbench.judgement.sqlite_file import bytes_of_database, values_of_database
from workbench.text.naming import byte_naming, naming

_CHUNK = 1 << 24
_UNLIKELY = 5
"""Bytes from which on other words seldom hold the same."""
_WORD = re.compile(rb"[0-9A-Za-z_]")
_OPENABLE = (OSError, ValueError, EOFError, zlib.error, zipfile.BadZipFile, pa.ArrowInvalid)


class Searcher:
    """Looks for a text as whole words, in any case."""

    def __init__(self, text: str) -> None:
        self.pattern = naming(text)
        self._bytes = byte_naming(text)
        self._bare = re.escape(text.strip())
        self._longest = 6 * len(text.encode("utf-8", "surrogatepass")) + 2
        # Arrow looks for the longest word of it, which costs far less than a look at each text here.
        self._word = max(re.findall(r"\w+", text) or [text], key=len)

    def in_array(self, array: pa.Array | pa.ChunkedArray) -> bool:
        """Whether a column holds it, at whatever depth."""
        if isinstance(array, pa.ChunkedArray):
            return any(map(self.in_array, array.chunks))
        kind = array.type
        if pa.types.is_dictionary(kind):
            return self.in_array(array.dictionary)
        if pa.types.is_struct(kind):
            return any(self.in_array(part) for part in array.flatten())
        if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
            return self.in_array(array.flatten())
        if pa.types.is_map(kind):
            return self.in_array(array.keys) or self.in_array(array.items)
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            return False
        hits = array.filter(pc.match_substring(array, self._word, ignore_case=True).fill_null(False))
        return any(self.pattern.search(text) for text in hits.to_pylist())

    def in_table(self, table: pa.Table) -> bool:
        """Whether a table holds it."""
        return any(map(self.in_array, table.columns))

    def in_file(self, file: Path) -> bool:
        """Whether a file holds it."""
        if file.suffix == ".duckdb":
            with suppress(WorkbenchError):  # a damaged one is looked at as bytes
                return any(map(self.in_table, tables_of(file)))
        if not file.name.startswith("judgement.db"):
            with file.open("rb") as opened:
                return self._in_stream(file.name, opened)
        values = values_of_database(file)
        if self.pattern.search(values):
            return True
        longer = {
            word.encode("utf-8", "surrogatepass") for word in re.findall(rf"\w*{self._bare}\w*", values, re.IGNORECASE)
        }
        with bytes_of_database(file) as opened:
            return self._in_bytes(opened, longer)

    def _in_stream(self, name: str, stream: BinaryIO) -> bool:
        try:
            if name.endswith(".parquet"):
                return self._in_parquet(stream)
            if name.endswith(".gz"):
                return self._in_bytes(gzip.open(stream))
            if name.endswith(".zip"):
                return self._in_zip(stream)
        except _OPENABLE:  # cut, or not what its name says
            stream.seek(0)
        return self._in_bytes(stream)

    def _in_parquet(self, stream: BinaryIO) -> bool:
        with pq.ParquetFile(stream) as file:
            schema = file.schema_arrow
            beside = b"\n".join([*map(str.encode, schema.names), *(schema.metadata or {}).values()])
            return self._in_bytes(io.BytesIO(beside)) or any(
                self.in_table(file.read_row_group(number)) for number in range(file.num_row_groups)
            )

    def _in_zip(self, stream: BinaryIO) -> bool:
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
            return any(map(self.pattern.search, names)) or any(
                self._in_stream(name, io.BytesIO(archive.read(name))) for name in names
            )

    def _in_bytes(self, stream: BinaryIO | gzip.GzipFile, longer: Collection[bytes] = ()) -> bool:
        """Whether a stream holds it; where it is a part of one of the `longer` words, these are others', like the id of somebody else."""
        before = b""
        while chunk := stream.read(_CHUNK):
            window = before + chunk
            for match in self._bytes.finditer(window):
                if self._counts(window, match) and not any(_is_part_of(word, window, match) for word in longer):
                    return True
            before = window[-self._longest :]
        return False

    def _counts(self, window: bytes, match: re.Match[bytes]) -> bool:
        """Whether bytes are it: a database writes its values one behind the other, so only a short text must stand alone."""
        return len(match[0]) >= _UNLIKELY or _stands_alone(window, match)


def _is_part_of(word: bytes, window: bytes, match: re.Match[bytes]) -> bool:
    """Whether a match lies in this word."""
    places = range(max(0, match.end() - len(word)), match.start() + 1)
    return any(window.startswith(word, place) for place in places)


def _stands_alone(window: bytes, match: re.Match[bytes]) -> bool:
    after = window[match.end() : match.end() + 1]
    before = window[max(0, match.start() - 1) : match.start()]
    return not _WORD.match(after) and not _WORD.match(before)
