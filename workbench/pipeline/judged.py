"""Judged cases, kept in the store under a fingerprint of all that they depend on, so that the same is not judged twice.

judged/VERSION/000001.parquet …   cases as columns (`JudgedRecord`), a file a run of judging; VERSION is the program's
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from sys import intern
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from workbench.conversation.outcome import FailRule, Outcome
from workbench.evidence.columns import arrow_schema, arrow_table, maker
from workbench.failures.action_trace import ActionTrace, Step
from workbench.failures.action_trace import Outcome as StepOutcome
from workbench.failures.analysis import Analysis
from workbench.failures.candidate import Candidate
from workbench.failures.case import Case
from workbench.failures.failing_turn import HumanVerdict
from workbench.failures.signals import BotNorms, Observation, Signal, Strength
from workbench.failures.signals.registry import Severity
from workbench.failures.tiers import Tier
from workbench.failures.transition import Transition
from workbench.logs.files.parquet import python_values
from workbench.pipeline.source_version import source_version
from workbench.store import Store

JUDGED_BY = ("conversation", "failures", "logs/parts.py", "pipeline/analyse.py", "pipeline/judged.py", "text")
"""The source files that decide how a case is judged and kept."""
RUN = 2_000
"""Cases after which those judged so far are safe from a kill."""
_STALE_SHARE = 0.25
"""The share of cases that no build asks for any more from which on the files are written again."""


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
    signs: str | None


def fingerprint(
    seen: Observation,
    norms: BotNorms,
    rules: Sequence[FailRule],
    new_from: int,
    human: HumanVerdict | None,
    came_back: str,
    off: Collection[str],
) -> bytes:
    """16 bytes over all that a case depends on beside the program; `norms` are those that the conversation meets."""
    met = (
        *(norms.long_from, norms.usual_length, sorted(norms.recurring), sorted(norms.everywhere)),
        *(norms.feedback_scale, norms.slow_from, norms.usual_wait, sorted(norms.tools.items())),
        *(norms.retrieves, norms.has_tools, norms.calls_tools, norms.writes),
    )
    text = repr((seen.key, seen.content_hash, met, tuple(rules), new_from, human, came_back, sorted(off)))
    return hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=16).digest()


class JudgedCases:
    """The judged cases of a store. Only the one builder of a store uses it."""

    def __init__(self, store: Store) -> None:
        root = store.root / "judged"
        self._folder = root / source_version(*JUDGED_BY)
        for other in root.iterdir() if root.is_dir() else ():
            if other != self._folder:
                shutil.rmtree(other)
        self._folder.mkdir(parents=True, exist_ok=True)
        for draft in self._folder.glob("*.tmp"):
            draft.unlink()
        self._waiting: list[JudgedRecord] = []
        self._asked: set[bytes] = set()
        self._kept: set[bytes] = set()
        for file in self._files():
            try:
                self._kept.update(_fingerprints(file).to_pylist())
            except (OSError, pa.ArrowInvalid):  # damaged: its cases are judged again
                file.unlink()

    def take(self, wanted: Iterable[bytes]) -> Iterator[Case]:
        """The kept cases among those of these fingerprints, in no order."""
        asked = set(wanted)
        self._asked |= asked
        if asked.isdisjoint(self._kept):
            return
        for file in self._files():
            yield from _cases(_rows_of(file, asked))

    def add(self, depends_on: bytes, case: Case) -> None:
        """Keep a case that was judged just now."""
        self._asked.add(depends_on)
        self._waiting.append(_record(depends_on, case))
        if len(self._waiting) >= RUN:
            self.flush()

    def flush(self) -> None:
        """Make what was added safe from a kill."""
        if self._waiting:
            self._write(arrow_table(JudgedRecord, self._waiting))
            self._kept.update(record.fingerprint for record in self._waiting)
            self._waiting = []

    def forget_unasked(self, all_of_them: bool = False) -> None:
        """Drop the cases that this build did not ask for, once they are a good part of all, or (`all_of_them`) in any case."""
        self.flush()
        stale = self._kept - self._asked
        if not stale or (not all_of_them and len(stale) <= _STALE_SHARE * len(self._kept)):
            return
        for file in self._files():
            rows = _rows_of(file, self._asked)
            if rows.num_rows:
                self._write(rows)
            file.unlink()
        self._kept &= self._asked

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.parquet"))

    def _write(self, rows: pa.Table) -> None:
        number = max((int(file.stem) for file in self._files()), default=0) + 1
        draft = self._folder / f"{number:06d}.tmp"
        pq.write_table(rows, draft, compression="zstd", write_page_checksum=True)
        draft.replace(draft.with_suffix(".parquet"))


def _rows_of(file: Path, asked: Collection[bytes]) -> pa.Table:
    """The rows of a file that are asked for; none, and the file goes, where it is damaged: its cases are judged again."""
    try:
        fingerprints = _fingerprints(file)
        wanted = pc.is_in(fingerprints, pa.array(asked, pa.binary()))
        if pc.any(wanted).as_py():
            return pq.read_table(file, page_checksum_verification=True).filter(wanted)
    except (OSError, pa.ArrowInvalid):
        file.unlink()
    return arrow_schema(JudgedRecord).empty_table()


def _fingerprints(file: Path) -> pa.ChunkedArray:
    return pq.read_table(file, columns=["fingerprint"], page_checksum_verification=True)["fingerprint"]


def _record(depends_on: bytes, case: Case) -> JudgedRecord:
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


def _cases(rows: pa.Table) -> Iterator[Case]:
    make = maker(JudgedRecord, tuple(rows.column_names))
    columns = [python_values(column.combine_chunks()) for column in rows.columns]
    return map(_case, map(make, zip(*columns, strict=True)))


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
    steps = zip(_shared(record.step_tools), record.step_arguments, record.step_outcomes, strict=True)
    return Case(
        record.key,
        record.conversation_id,
        record.started_at,
        analysis,
        record.reply,
        frozenset(zip(_shared(record.circumstance_kinds), _shared(record.circumstance_values), strict=True)),
        ActionTrace(
            tuple(Step(tool, arguments, cast(StepOutcome, outcome)) for tool, arguments, outcome in steps),
            tuple(zip(_shared(record.read_tools), record.read_counts, strict=True)),
            tuple(_shared(record.documents)),
            record.release,
            record.task,
            record.user,
        ),
        tuple(_shared(record.people)),
        record.fingerprint,
    )


def _shared(texts: Sequence[str]) -> list[str]:
    """The same texts, equal ones of many cases as one object: they are few, and cases many."""
    return list(map(intern, texts))
