"""Judged cases as columns: a row a case, in which they are kept, and of which a bot's `Cases` are made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from sys import intern
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.conversation.outcome import Outcome
from workbench.evidence.columns import maker
from workbench.failures.action_trace import ActionTrace, Step
from workbench.failures.action_trace import Outcome as StepOutcome
from workbench.failures.analysis import Analysis
from workbench.failures.candidate import Candidate
from workbench.failures.case import Case
from workbench.failures.cases import Marks
from workbench.failures.circumstances import Circumstance
from workbench.failures.learned_score import Examples, Facets, signal_facet, step_facet, trait_facet
from workbench.failures.signals import Signal, Strength
from workbench.failures.signals.registry import Severity
from workbench.failures.tiers import Tier
from workbench.failures.transition import Transition
from workbench.logs.files.parquet import python_values


@dataclass(frozen=True)
class JudgedRecord:
    """One case as a row; what a case has several of are lists side by side."""

    fingerprint: bytes
    """What it depends on; see `fingerprint`."""
    key: str
    """As in `Case`, like all that follow to `reply`."""
    conversation_id: str
    started_at: datetime | None
    reply: str
    circumstance_kinds: tuple[str, ...]
    """The circumstances, sorted."""
    circumstance_values: tuple[str, ...]
    step_tools: tuple[str, ...]
    """As in `ActionTrace`, like all that follow to `user`."""
    step_arguments: tuple[str, ...]
    step_outcomes: tuple[str, ...]
    read_tools: tuple[str, ...]
    read_counts: tuple[int, ...]
    documents: tuple[str, ...]
    release: str | None
    task: str | None
    user: str | None
    failed: bool
    """As in `Analysis`, like all that follow."""
    score: float
    verdict: str
    outcome_value: str
    outcome_source: str
    outcome_failed: bool | None
    outcome_reason: str
    codes: tuple[str, ...]
    """The signals, those that are switched off last."""
    positions: tuple[int | None, ...]
    strengths: tuple[str, ...]
    evidence: tuple[str, ...]
    suppressed: int
    """How many of the signals are switched off."""
    failing_turn: int | None
    candidate_positions: tuple[int, ...]
    candidate_reasons: tuple[str, ...]
    signature: str
    signature_tokens: tuple[str, ...]
    mechanical_key: str | None
    request: str
    passage: str
    facts: tuple[str, ...]
    severity: str | None
    writes: tuple[int, ...]
    turns: int
    last_good: str | None
    first_failing: str | None
    trait_names: tuple[str, ...]
    trait_values: tuple[float, ...]
    people: tuple[str, ...]
    """As in `Case`."""
    suspected: bool
    """As in `Analysis`, like the next."""
    signs: str | None


_TRACED = ["step_tools", "step_arguments", "step_outcomes", "read_tools", "read_counts", "documents", "release", "task", "user"]  # fmt: skip
"""The columns of which a trace is made."""


@dataclass(frozen=True, eq=False)
class StoredCases:
    """The cases of one bot over a table of `JudgedRecord`, in the order of their keys; see `failures.cases.Cases`."""

    table: pa.Table
    """A row a case."""
    _made: dict[int, Case] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __getitem__(self, row: int, /) -> Case:
        """A case as an object; with the first listed one all that are listed, as they are asked for one after another."""
        if row not in self._made:
            rows = np.flatnonzero(self.listed) if self.listed[row] else np.array([row])
            self._made.update(zip(rows.tolist(), map(_case, records(self.table.take(rows))), strict=True))
        return self._made[row]

    def __iter__(self) -> Iterator[Case]:
        return map(_case, records(self.table))

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
        return list(map(_trace, records(self.table.select(_TRACED).take(pa.array(rows, pa.int64())))))

    def flat(self, *names: str) -> tuple[NDArray[np.intp], list[pa.Array]]:
        """What columns of lists, as long as each other, hold, one row's after another's; and of each the row."""
        lists = [self.table[name].combine_chunks() for name in names]
        return pc.list_parent_indices(lists[0]).to_numpy().astype(np.intp), [each.flatten() for each in lists]

    def _column(self, name: str) -> list[Any]:
        return list(self.table[name].to_pylist())


def records(table: pa.Table) -> Iterator[JudgedRecord]:
    """The rows of a table of `JudgedRecord`; of a part of its columns, with the others empty."""
    make = maker(JudgedRecord, tuple(table.column_names))
    return map(make, zip(*(python_values(column.combine_chunks()) for column in table.columns), strict=True))


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


def record_of(depends_on: bytes, case: Case) -> JudgedRecord:
    """A case as a row, under the fingerprint of what it depends on."""
    analysis, trace = case.analysis, case.trace
    signals, circumstances = [*analysis.signals, *analysis.suppressed], sorted(case.circumstances)
    return JudgedRecord(
        fingerprint=depends_on,
        key=case.key,
        conversation_id=case.conversation_id,
        started_at=case.started_at,
        reply=case.reply,
        circumstance_kinds=tuple(kind for kind, _ in circumstances),
        circumstance_values=tuple(value for _, value in circumstances),
        step_tools=tuple(step.tool for step in trace.steps),
        step_arguments=tuple(step.arguments for step in trace.steps),
        step_outcomes=tuple(step.outcome for step in trace.steps),
        read_tools=tuple(tool for tool, _ in trace.reads),
        read_counts=tuple(count for _, count in trace.reads),
        documents=trace.documents,
        release=trace.release,
        task=trace.task,
        user=trace.user,
        failed=analysis.failed,
        score=analysis.score,
        verdict=analysis.verdict,
        outcome_value=analysis.outcome.value,
        outcome_source=analysis.outcome.source,
        outcome_failed=analysis.outcome.failed,
        outcome_reason=analysis.outcome.reason,
        codes=tuple(signal.code for signal in signals),
        positions=tuple(signal.position for signal in signals),
        strengths=tuple(signal.strength for signal in signals),
        evidence=tuple(signal.evidence for signal in signals),
        suppressed=len(analysis.suppressed),
        failing_turn=analysis.failing_turn,
        candidate_positions=tuple(candidate.position for candidate in analysis.candidates),
        candidate_reasons=tuple(candidate.why for candidate in analysis.candidates),
        signature=analysis.signature,
        signature_tokens=tuple(analysis.signature_tokens),
        mechanical_key=analysis.mechanical_key,
        request=analysis.request,
        passage=analysis.passage,
        facts=tuple(analysis.facts),
        severity=analysis.severity,
        writes=tuple(analysis.writes),
        turns=analysis.turns,
        last_good=analysis.transition.last_good if analysis.transition else None,
        first_failing=analysis.transition.first_failing if analysis.transition else None,
        trait_names=tuple(analysis.traits),
        trait_values=tuple(analysis.traits.values()),
        people=case.people,
        suspected=analysis.suspected,
        signs=analysis.signs,
    )


def _case(record: JudgedRecord) -> Case:
    signals = [
        Signal(intern(code), position, cast(Strength, intern(strength)), evidence)
        for code, position, strength, evidence in zip(
            record.codes, record.positions, record.strengths, record.evidence, strict=True
        )
    ]
    switched_on = len(signals) - record.suppressed
    analysis = Analysis(
        failed=record.failed,
        score=record.score,
        verdict=record.verdict,
        outcome=Outcome(
            intern(record.outcome_value), intern(record.outcome_source), record.outcome_failed, record.outcome_reason
        ),
        signals=signals[:switched_on],
        failing_turn=record.failing_turn,
        candidates=list(map(Candidate, record.candidate_positions, record.candidate_reasons)),
        signature=intern(record.signature),
        signature_tokens=_shared(record.signature_tokens),
        mechanical_key=record.mechanical_key,
        request=record.request,
        passage=record.passage,
        facts=_shared(record.facts),
        severity=cast(Severity | None, record.severity),
        writes=list(record.writes),
        suppressed=signals[switched_on:],
        turns=record.turns,
        transition=Transition(intern(record.last_good), intern(record.first_failing))
        if record.last_good and record.first_failing
        else None,
        traits=dict(zip(_shared(record.trait_names), record.trait_values, strict=True)),
        suspected=record.suspected,
        signs=cast(Tier | None, record.signs),
    )
    return Case(
        record.key,
        record.conversation_id,
        record.started_at,
        analysis,
        record.reply,
        frozenset(zip(_shared(record.circumstance_kinds), _shared(record.circumstance_values), strict=True)),
        _trace(record),
        tuple(_shared(record.people)),
        record.fingerprint,
    )


def _trace(record: JudgedRecord) -> ActionTrace:
    steps = zip(_shared(record.step_tools), record.step_arguments, record.step_outcomes, strict=True)
    return ActionTrace(
        tuple(Step(tool, arguments, cast(StepOutcome, outcome)) for tool, arguments, outcome in steps),
        tuple(zip(_shared(record.read_tools), record.read_counts, strict=True)),
        tuple(_shared(record.documents)),
        record.release,
        record.task,
        record.user,
    )


def _shared(texts: Sequence[str]) -> list[str]:
    """The same texts, equal ones of many cases as one object: they are few, and cases many."""
    return list(map(intern, texts))
