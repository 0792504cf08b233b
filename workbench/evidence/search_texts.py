"""What searches by words look through: the turns of a run file masked and folded once, kept as Parquet beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from workbench.evidence.turns import TEXT_COLUMNS, turn_texts
from workbench.logs.parts import opened_run
from workbench.text.search_text import searchable

NAME = "search-texts"
"""How the files' names begin, where those of run files say `conversations`."""
GROUP = 20_000
"""Turns of a row group."""
_LEVEL = 6
"""Of zstd: read by searches only, and a quarter smaller than at the lowest."""
REMEMBERED = 20_000
"""Texts that are not masked again where they come again soon: names of tools, greetings, phrases of the bot's."""
SCHEMA = pa.schema(
    [
        ("row", pa.int32()),
        ("position", pa.int32()),
        ("role", pa.string()),
        ("text", pa.string()),
    ]
)
"""A row a turn; `row` is the place of its conversation in the run file, from 0."""


def search_file(run_file: str) -> str:
    """The name of the search texts of a run file of this name."""
    return run_file.replace("conversations", NAME)


def write_search_texts(
    run_file: Path, out: Path, metadata: Mapping[bytes, bytes], report: Callable[[int], None]
) -> None:
    """Write the search texts of a run file's turns, a row each, to `out`; `report` is told how many conversations are done."""
    once = lru_cache(REMEMBERED)(searchable)
    schema, row = SCHEMA.with_metadata(dict(metadata)), 0
    columns: dict[str, list[object]] = {name: [] for name in SCHEMA.names}
    with (
        opened_run(run_file) as file,
        pq.ParquetWriter(out, schema, compression="zstd", compression_level=_LEVEL, write_page_checksum=True) as writer,
    ):
        for group in range(file.num_row_groups):
            report(row)
            turns = file.read_row_group(group, columns=TEXT_COLUMNS)["turns"].combine_chunks()
            for said in turn_texts(turns):
                for turn in said:
                    columns["row"].append(row)
                    columns["position"].append(turn.position)
                    columns["role"].append(turn.role)
                    columns["text"].append(" ".join(filter(None, map(once, turn.fields))))
                row += 1
            if len(columns["row"]) >= GROUP or group == file.num_row_groups - 1:
                writer.write_table(pa.table(columns, schema=schema))
                columns = {name: [] for name in SCHEMA.names}
