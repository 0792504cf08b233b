"""Judged cases as rows, in which they are kept: a `JudgedRecord` a case, and a case of one again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from sys import intern
from typing import cast

import pyarrow as pa

from workbench.conversation.outcome import Outcome
from workbench.conversation.tool_calls import CallKind
from workbench.evidence.columns import maker
from workbench.failures.action_trace import ActionTrace, Step
from workbench.failures.action_trace import Outcome as StepOutcome
from workbench.failures.acts import Act
from workbench.failures.analysis import Analysis
from workbench.failures.candidate import Candidate
from workbench.failures.case import Case
from workbench.failures.signals import Signal, Strength
from workbench.failures.signals.registry import Severity
from workbench.failures.tiers import Tier
from workbench.failures.transition import Transition
from workbench.logs.files.parquet import python_values


@dataclass(frozen=True)
class JudgedRecord:
    """One case as a row; what a case has several of are lists side by side.

    Names are those of the parts that `case_of` makes of it: of `Case`, `ActionTrace`, `Act`, `Analysis`, `Outcome` and `Signal`.
    """

    fingerprint: bytes
    """What it depends on; see `fingerprint`."""
    key: str
    """The conversation."""
    conversation_id: str
    """Its id as logged."""
    started_at: datetime | None
    """When it began, naive UTC."""
    reply: str
    """What the bot answered where it failed."""
    circumstance_kinds: tuple[str, ...]
    """The kinds of its circumstances, sorted."""
    circumstance_values: tuple[str, ...]
    """Which release, model, tool and so on: one of each kind named before."""
    step_tools: tuple[str, ...]
    """The tools of its changes and hand-overs, in order."""
    step_arguments: tuple[str, ...]
    """The arguments of each, as normalised JSON text."""
    step_outcomes: tuple[str, ...]
    """executed or failed, of each."""
    read_tools: tuple[str, ...]
    """The tools that it looked something up with."""
    read_counts: tuple[int, ...]
    """How often it called each of them."""
    documents: tuple[str, ...]
    """The documents that the bot was given."""
    release: str | None
    """The release that answered."""
    task: str | None
    """The task that the log says it had."""
    user: str | None
    """The pseudonym of the user."""
    failed: bool
    """Whether it counts as failing."""
    score: float
    """The weights of its signals added up."""
    verdict: str
    """Why it counts as failing or not, in a sentence."""
    outcome_value: str
    """How it ended: one of `OUTCOMES`."""
    outcome_source: str
    """Where that is from, in words."""
    outcome_failed: bool | None
    """Whether the log says that it failed; None where it does not say."""
    outcome_reason: str
    """The words behind that."""
    codes: tuple[str, ...]
    """The signals that fired; those that are switched off come last."""
    positions: tuple[int | None, ...]
    """The turn of each signal; None: the whole conversation."""
    strengths: tuple[str, ...]
    """The strength of each signal."""
    evidence: tuple[str, ...]
    """The words or values that fired each signal."""
    suppressed: int
    """How many of the signals are switched off."""
    failing_turn: int | None
    """The position of the first candidate."""
    candidate_positions: tuple[int, ...]
    """Turns to look at first, the likeliest first."""
    candidate_reasons: tuple[str, ...]
    """What each of them rests on."""
    signature: str
    """How it went without the topic, for people."""
    signature_tokens: tuple[str, ...]
    """The same for TF-IDF."""
    mechanical_key: str | None
    """Equal for failures that one fix mends; None where there is no such fault."""
    request: str
    """What was asked, as it is embedded."""
    passage: str
    """The text that tells the topic; empty where it is fine."""
    facts: tuple[str, ...]
    """Observed statements, worded equally in every conversation."""
    severity: str | None
    """The suggested severity; None where it is fine."""
    writes: tuple[int, ...]
    """The positions of executed writes."""
    turns: int
    """The number of its turns."""
    last_good: str | None
    """The last good state before it failed; None where it is fine."""
    first_failing: str | None
    """The first state that failed; None where it is fine."""
    trait_names: tuple[str, ...]
    """What else the learned score looks at, by name."""
    trait_values: tuple[float, ...]
    """The value of each."""
    people: tuple[str, ...]
    """The words of people's names in it, which name no topic."""
    suspected: bool
    """Whether it is suspected."""
    signs: str | None
    """What its signals alone make of it: failing, suspected, or None."""
    act_tools: tuple[str, ...]
    """The tools of its calls that went through, in order."""
    act_positions: tuple[int, ...]
    """The turn of each."""
    act_kinds: tuple[str, ...]
    """Whether each looks up, changes or hands over."""
    act_by_user: tuple[bool, ...]
    """Whether the user made it."""
    act_digests: tuple[int, ...]
    """64 bits for tool and arguments of what changes something, 0 for the others."""


TRACED = ["step_tools", "step_arguments", "step_outcomes", "read_tools", "read_counts", "documents", "release", "task", "user"]  # fmt: skip
"""The columns of which a trace is made."""


def records(table: pa.Table) -> Iterator[JudgedRecord]:
    """The rows of a table of `JudgedRecord`; of a part of its columns, with the others empty."""
    make = maker(JudgedRecord, tuple(table.column_names))
    return map(make, zip(*(python_values(column.combine_chunks()) for column in table.columns), strict=True))


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
        act_tools=tuple(act.tool for act in case.acts),
        act_positions=tuple(act.position for act in case.acts),
        act_kinds=tuple(act.kind for act in case.acts),
        act_by_user=tuple(act.by_user for act in case.acts),
        act_digests=tuple(act.digest for act in case.acts),
    )


def case_of(record: JudgedRecord) -> Case:
    """The case that a row holds."""
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
        trace_of(record),
        tuple(_shared(record.people)),
        _acts(record),
        record.fingerprint,
    )


def trace_of(record: JudgedRecord) -> ActionTrace:
    """What the bot did, as a row holds it."""
    steps = zip(_shared(record.step_tools), record.step_arguments, record.step_outcomes, strict=True)
    return ActionTrace(
        tuple(Step(tool, arguments, cast(StepOutcome, outcome)) for tool, arguments, outcome in steps),
        tuple(zip(_shared(record.read_tools), record.read_counts, strict=True)),
        tuple(_shared(record.documents)),
        record.release,
        record.task,
        record.user,
    )


def _acts(record: JudgedRecord) -> tuple[Act, ...]:
    columns = zip(
        _shared(record.act_tools),
        record.act_positions,
        cast(list[CallKind], _shared(record.act_kinds)),
        record.act_by_user,
        record.act_digests,
        strict=True,
    )
    return tuple(Act(*act) for act in columns)


def _shared(texts: Sequence[str]) -> list[str]:
    """The same texts, equal ones of many cases as one object: they are few, and cases many."""
    return list(map(intern, texts))
