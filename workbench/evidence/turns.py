"""Conversations and the texts of their turns, read from the parts by the places that a snapshot's index has of them.

A snapshot holds no turns: it says in which run file of which part a conversation's newest version stands, and at which row.
One row group is read for it, which takes some ten milliseconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.conversation import Conversation
from workbench.conversation.model import Evaluation
from workbench.errors import UserError
from workbench.logs.parts import conversations_of, opened_run
from workbench.text.search_text import FIELD

_LEAVES = ("role", "position", "content", "error", "tool_calls.list.element.name", "tool_calls.list.element.arguments")
TEXT_COLUMNS = ["key", *(f"turns.list.element.{leaf}" for leaf in _LEAVES)]
"""The leaves of a run file of which the texts of its turns are made."""
EVALUATIONS = "evaluations"
"""The column of a run file that has what evaluators said."""


@dataclass(frozen=True)
class Place:
    """Where a conversation's newest version stands."""

    key: str
    """The conversation."""
    import_id: str
    """The part."""
    file: str
    """The run file in it."""
    row: int
    """The row in that, from 0."""


@dataclass(frozen=True)
class _Run:
    """A run file that was opened before: what it says of itself is most of the time to open it."""

    inode: int
    metadata: pq.FileMetaData
    starts: list[int]
    """The first row of each row group, and the number of all rows."""

    @classmethod
    def of(cls, path: Path) -> _Run:
        metadata = pq.read_metadata(path)
        rows = [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)]
        return cls(path.stat().st_ino, metadata, [0, *np.cumsum(rows).tolist()])


class PartReader:
    """Reads single conversations from the parts of a store. Safe for threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._runs: dict[Path, _Run] = {}

    def conversations(self, places: Sequence[Place]) -> list[Conversation]:
        """The conversations at these places, in their order. Raises `UserError` where a part is gone or is another."""
        by_key = {
            conversation.key: conversation for _, rows in self._read(places) for conversation in conversations_of(rows)
        }
        return [by_key[place.key] for place in places]

    def evaluations(self, places: Sequence[Place]) -> dict[str, list[Evaluation]]:
        """What evaluators said of the conversations at these places, by key, those without any left out."""
        given: dict[str, list[Evaluation]] = {}
        for _, rows in self._read(places, ["key", EVALUATIONS]):
            if EVALUATIONS in rows.column_names:  # an older part has none
                for key, listed in zip(rows["key"].to_pylist(), rows[EVALUATIONS].to_pylist(), strict=True):
                    if listed:
                        given[key] = [Evaluation(**each) for each in listed]
        return given

    def texts(self, turns: Sequence[tuple[Place, int]]) -> list[str | None]:
        """The texts of single turns by place and position, raw, joined by `FIELD`; None where there is no such turn."""
        wanted: dict[str, dict[int, str | None]] = defaultdict(dict)
        for place, position in turns:
            wanted[place.key][position] = None
        unique = list({place.key: place for place, _ in turns}.values())
        for of_group, rows in self._read(unique, TEXT_COLUMNS):
            for place, texts in zip(of_group, turn_texts(rows["turns"].combine_chunks()), strict=True):
                wanted[place.key] |= {turn.position: turn.text for turn in texts if turn.position in wanted[place.key]}
        return [wanted[place.key][position] for place, position in turns]

    def _read(
        self, places: Iterable[Place], columns: list[str] | None = None
    ) -> Iterator[tuple[list[Place], pa.Table]]:
        """The rows at these places with the places, those of one row group together."""
        by_run: dict[tuple[str, str], list[Place]] = defaultdict(list)
        for place in places:
            by_run[place.import_id, place.file].append(place)
        for (import_id, name), of_run in by_run.items():
            path = self.folder / import_id / name
            try:
                yield from self._read_run(path, of_run, columns)
            except (OSError, pa.ArrowInvalid, IndexError) as e:
                problem = "is gone from" if isinstance(e, FileNotFoundError) else "is damaged in"
                raise UserError(
                    f"The import {import_id} {problem} {self.folder}, and what was said in its conversations with it: {path}. "
                    "Restore a backup that holds it, or undo that import and import its files again."
                ) from e

    def _read_run(
        self, path: Path, places: list[Place], columns: list[str] | None
    ) -> Iterator[tuple[list[Place], pa.Table]]:
        try:
            yield from list(self._read_groups(path, places, columns))
        except IndexError:  # an erasure took conversations before them out of the file
            yield from self._read_groups(path, _moved(path, places), columns)

    def _read_groups(
        self, path: Path, places: list[Place], columns: list[str] | None
    ) -> Iterator[tuple[list[Place], pa.Table]]:
        run = self._run(path)
        of_groups: dict[int, list[Place]] = defaultdict(list)
        for place in places:
            of_groups[int(np.searchsorted(run.starts, place.row, side="right")) - 1].append(place)
        with opened_run(path, run.metadata) as file:
            for group, in_group in of_groups.items():
                if group + 1 >= len(run.starts):
                    raise IndexError(f"{path} holds fewer conversations than it did")
                table = file.read_row_group(group, columns=columns, use_threads=False)
                rows = table.take([place.row - run.starts[group] for place in in_group])
                if rows["key"].to_pylist() != [place.key for place in in_group]:
                    raise IndexError(f"{path} holds other conversations than it did")
                yield in_group, rows

    def _run(self, path: Path) -> _Run:
        run = self._runs.get(path)
        if run is None or run.inode != path.stat().st_ino:
            run = self._runs[path] = _Run.of(path)
        return run


def _moved(path: Path, places: Sequence[Place]) -> list[Place]:
    """Where conversations stand in a run file that was written again since; `UserError` for one that was erased from it."""
    rows = {key: row for row, key in enumerate(pq.read_table(path, columns=["key"])["key"].to_pylist())}
    if any(place.key not in rows for place in places):
        raise UserError(
            f"The conversation is not in the import {places[0].import_id} any more: it was erased, or somebody changed the "
            "import's files. Load the page again; where that does not help, `python -m workbench doctor` says more."
        )
    return [replace(place, row=rows[place.key]) for place in places]


@dataclass(frozen=True, slots=True)
class TurnText:
    """What a turn shows on the page and a search looks through."""

    position: int
    """The turn."""
    role: str | None
    """Who speaks."""
    fields: list[str]
    """Content, error, names and arguments of calls; none holds `FIELD`."""

    @property
    def text(self) -> str:
        """The fields joined by `FIELD`."""
        return FIELD.join(self.fields)


def turn_texts(turns: pa.ListArray) -> Iterator[list[TurnText]]:
    """The texts of each conversation's turns, of a column `turns` that has at least `TEXT_COLUMNS`."""
    leaves = dict(zip(turns.type.value_type.names, turns.flatten().flatten(), strict=True))
    calls = leaves["tool_calls"]
    of_calls = dict(zip(calls.type.value_type.names, calls.flatten().flatten(), strict=True))
    each = zip(
        leaves["position"].to_pylist(),
        leaves["role"].to_pylist(),
        leaves["content"].to_pylist(),
        leaves["error"].to_pylist(),
        calls.value_lengths().fill_null(0).to_pylist(),
        strict=True,
    )
    called = zip(of_calls["name"].to_pylist(), of_calls["arguments"].to_pylist(), strict=True)
    for length in turns.value_lengths().fill_null(0).to_pylist():
        texts = []
        for position, role, content, error, count in (next(each) for _ in range(length)):
            fields = [content, error, *(part for _ in range(count) for part in next(called))]
            texts.append(TurnText(position, role, [field.replace(FIELD, " ") for field in fields if field is not None]))
        yield texts
