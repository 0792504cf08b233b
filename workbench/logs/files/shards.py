"""Rows that belong together and may lie anywhere in the files of an import, brought together in bounded memory."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from workbench.logs.files.source import Source
from workbench.logs.values.json_object import JsonObject

SHARE = 32 << 20
MAX_SHARES = 500  # each is an open file while rows are dealt out


def shares(
    sources: Sequence[Source], scratch: Path, columns: Sequence[str], key: Callable[[JsonObject], str]
) -> Iterator[Iterator[tuple[int, int, JsonObject]]]:
    """The rows (file, row, columns) of all files in shares of about 32 MB, each with all rows of its keys.

    `key` sees of a row at least `columns`. Many rows are dealt out by a hash of their key through files in `scratch`;
    the rows of a file keep their order.
    """
    count = share_count(sources)
    if count == 1:
        yield ((file, row, fields) for file, source in enumerate(sources) for row, fields in source.log.read())
        return
    for file, source in enumerate(sources):
        source.log.deal(
            columns,
            lambda fields: zlib.crc32(key(fields).encode("utf-8", "surrogatepass")) % count,
            [_path(scratch, share, file) for share in range(count)],
        )
    for share in range(count):
        yield _rows_of_share(share, sources, scratch)


def share_count(sources: Sequence[Source]) -> int:
    """How many shares the rows of these files are dealt into."""
    return min(1 + sum(source.log.unpacked for source in sources) // SHARE, MAX_SHARES)


def _rows_of_share(share: int, sources: Sequence[Source], scratch: Path) -> Iterator[tuple[int, int, JsonObject]]:
    for file, source in enumerate(sources):
        path = _path(scratch, share, file)
        if path.exists():
            for row, fields in source.log.dealt(path):
                yield file, row, fields
            path.unlink()


def _path(scratch: Path, share: int, file: int) -> Path:
    return scratch / f"{share:05d}-{file:05d}"
