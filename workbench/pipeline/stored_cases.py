"""The judged cases of one bot over a table of `JudgedRecord`: as columns, of which a few become objects."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.conversation.tool_calls import CallKind
from workbench.failures.action_trace import ActionTrace
from workbench.failures.case import Case
from workbench.failures.cases import ListedCase, Marks
from workbench.failures.circumstances import Circumstance
from workbench.failures.courses import KINDS, Courses
from workbench.failures.facets import Facets, signal_facet, step_facet, trait_facet
from workbench.failures.learned_score import Examples
from workbench.pipeline.judged_records import TRACED, case_of, records, trace_of


@dataclass(frozen=True, eq=False)
class StoredCases:
    """The cases of one bot over a table of `JudgedRecord`, in the order of their keys; see `failures.cases.Cases`."""

    table: pa.Table
    """A row a case."""

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[Case]:
        return map(case_of, records(self.table))

    @cached_property
    def keys(self) -> list[str]:
        return self._column("key")

    @cached_property
    def failed(self) -> NDArray[np.bool_]:
        failed: NDArray[np.bool_] = self.table["failed"].to_numpy()
        return failed

    @cached_property
    def listed(self) -> NDArray[np.bool_]:
        listed: NDArray[np.bool_] = self.failed | self.table["suspected"].to_numpy()
        return listed

    @cached_property
    def listed_cases(self) -> list[ListedCase]:
        """Of the columns only those that a listed case has: a week on top makes these of all failures of a bot."""
        names = [each.name for each in fields(ListedCase)]
        columns = self.table.select(names).filter(pa.array(self.listed)).columns
        return list(map(ListedCase, *(_shared(column.combine_chunks()) for column in columns)))

    @cached_property
    def logged(self) -> list[bool | None]:
        return self._column("outcome_failed")

    @cached_property
    def requests(self) -> list[str]:
        return self._column("request")

    @cached_property
    def passages(self) -> list[str]:
        return self._column("passage")

    @cached_property
    def started_at(self) -> list[datetime | None]:
        return cast(list[datetime | None], self.table["started_at"].to_numpy().astype("datetime64[us]").tolist())

    @cached_property
    def tasks(self) -> list[str | None]:
        return self._column("task")

    @cached_property
    def users(self) -> list[str | None]:
        return self._column("user")

    @cached_property
    def fingerprint(self) -> str:
        """32 hex digits over how all of them were judged."""
        return hashlib.blake2b(b"".join(self._column("fingerprint")), digest_size=16).hexdigest()

    @cached_property
    def fired(self) -> NDArray[np.bool_]:
        """Of each signal of each case whether it counts: those that are switched off are the last of a case."""
        rows, _ = self.flat("codes")
        place = np.arange(len(rows)) - np.searchsorted(rows, rows)
        counts = np.bincount(rows, minlength=len(self))
        fired: NDArray[np.bool_] = place < (counts - self.table["suppressed"].to_numpy())[rows]
        return fired

    @cached_property
    def facts(self) -> Marks[str]:
        rows, (facts,) = self.flat("facts")
        values, numbers = _numbered(facts)
        return _once(values, numbers, rows, len(self))

    @cached_property
    def circumstances(self) -> Marks[Circumstance]:
        rows, columns = self.flat("circumstance_kinds", "circumstance_values")
        (kinds, kind), (values, value) = map(_numbered, columns)
        pairs, numbers = np.unique(kind * len(values) + value, return_inverse=True)
        distinct = [(kinds[pair // len(values)], values[pair % len(values)]) for pair in pairs.tolist()]
        return _once(distinct, numbers, rows, len(self))

    @cached_property
    def courses(self) -> Courses:
        """What was done in each of them."""
        rows, (tools, positions, kinds, by_user, digests) = self.flat(
            "act_tools", "act_positions", "act_kinds", "act_by_user", "act_digests"
        )
        names, numbers = _numbered(tools)
        of_kinds, kind = _numbered(kinds)
        places = np.array([KINDS.index(cast(CallKind, each)) for each in of_kinds], np.intp)
        return Courses(
            len(self),
            rows,
            names,
            numbers,
            positions.to_numpy(),
            places[kind],
            by_user.to_numpy(zero_copy_only=False),
            digests.to_numpy(),
        )

    def examples(self, verdicts: Mapping[str, bool]) -> Examples:
        """The cases as the learned score sees them: people's `verdicts`, by key, are their labels, else the log's word."""
        tasks = zip(self.tasks, self.requests, self.keys, strict=True)
        return Examples(
            [f"task {task}" if task else request or key for task, request, key in tasks],
            [verdicts.get(key, said) for key, said in zip(self.keys, self.logged, strict=True)],
            self.table["turns"].to_numpy(),
            self._facets(),
        )

    def _facets(self) -> Facets:
        """Signals that fired, steps of signatures and traits, as named values."""
        rows, (codes,) = self.flat("codes")
        fired = self.fired
        steps, (tokens,) = self.flat("signature_tokens")
        measured, (traits, values) = self.flat("trait_names", "trait_values")
        named = [
            (rows[fired], *_named(codes.filter(pa.array(fired)), signal_facet), np.ones(int(fired.sum()))),
            (steps, *_named(tokens, step_facet), np.ones(len(steps))),
            (measured, *_named(traits, trait_facet), values.to_numpy()),
        ]
        names: list[str] = []
        parts = []
        for of_rows, of_names, numbers, of_values in named:
            used = numbers >= 0
            parts.append((of_rows[used], numbers[used] + len(names), of_values[used]))
            names += of_names
        of_rows, numbers, of_values = (np.concatenate(each) for each in zip(*parts, strict=True))
        order = np.argsort(of_rows, kind="stable")
        return Facets(names, of_rows[order], numbers[order], of_values[order].astype(np.float64))

    def with_renewed(self, renewed: pa.Table) -> StoredCases:
        """The same cases, with those that were judged again meanwhile."""
        rows = {key: len(self) + row for row, key in enumerate(renewed["key"].to_pylist())}
        both = pa.concat_tables([self.table, renewed])
        return StoredCases(both.take(pa.array([rows.get(key, row) for row, key in enumerate(self.keys)])))

    def trait(self, name: str) -> NDArray[np.float64]:
        rows, (names, values) = self.flat("trait_names", "trait_values")
        of_name = pc.equal(names, name).to_numpy(zero_copy_only=False)
        trait = np.zeros(len(self))
        trait[rows[of_name]] = values.to_numpy()[of_name]
        return trait

    def traces(self, rows: Sequence[int]) -> list[ActionTrace]:
        return list(map(trace_of, records(self.table.select(TRACED).take(pa.array(rows, pa.int64())))))

    def flat(self, *names: str) -> tuple[NDArray[np.intp], list[pa.Array]]:
        """What columns of lists, as long as each other, hold, one row's after another's; and of each the row."""
        lists = [self.table[name].combine_chunks() for name in names]
        return pc.list_parent_indices(lists[0]).to_numpy().astype(np.intp), [each.flatten() for each in lists]

    def _column(self, name: str) -> list[Any]:
        return list(self.table[name].to_pylist())


def _shared(column: pa.Array) -> list[Any]:
    """The values of a column, equal texts of its lists as one object: they are few, and cases many."""
    if not pa.types.is_list(column.type):
        return list(column.to_pylist())
    values, numbers = _numbered(column.flatten())
    texts = [values[number] for number in numbers.tolist()]
    ends = np.cumsum(pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)).tolist()
    return [texts[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _numbered(texts: pa.Array) -> tuple[list[str], NDArray[np.intp]]:
    """The distinct texts, and which of them each is."""
    encoded = texts.dictionary_encode()
    return list(encoded.dictionary.to_pylist()), encoded.indices.to_numpy(zero_copy_only=False).astype(np.intp)


def _named(texts: pa.Array, name: Callable[[str], str | None]) -> tuple[list[str], NDArray[np.intp]]:
    """The names that texts have, and which of them each has; -1 where it has none."""
    values, numbers = _numbered(texts)
    names = [name(value) for value in values]
    kept = [each for each in names if each is not None]
    place = np.cumsum([each is not None for each in names]) - 1
    return kept, np.where([each is not None for each in names], place, -1)[numbers] if values else numbers


def _once(values: list[Any], numbers: NDArray[np.intp], rows: NDArray[np.intp], count: int) -> Marks[Any]:
    """Marks of which a row may have named one twice."""
    size = max(1, len(values))
    cells = np.unique(rows * size + numbers)
    return Marks(values, cells % size, cells // size, count)
