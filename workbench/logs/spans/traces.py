"""Logs of spans: rows in, conversations out, whatever tool wrote them.

The spans of one trace, and the traces of one session, may lie anywhere in the files of an import; scores and
annotations may lie in files of their own. A conversation is a session (conversation, thread), or a trace without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from workbench.logs.files import shards
from workbench.logs.files.source import Source
from workbench.logs.spans import judges
from workbench.logs.spans.judges import Run
from workbench.logs.spans.one_conversation import Group, one_conversation
from workbench.logs.spans.scores import graded
from workbench.logs.spans.spans import Score, Span
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.records import (
    BadValue,
    LoggedConversation,
    ReadOptions,
    Reject,
    Repeat,
    understood,
)
from workbench.logs.values.times import Clock


class Place(NamedTuple):
    """What tells where a row belongs: its trace and session, for a score also the span that it judges."""

    trace: str | None
    session: str | None = None
    judged: str | None = None


@dataclass(frozen=True)
class Layout:
    """How one tool writes a row."""

    columns: Sequence[str]
    """The columns that `place` looks at."""
    place: Callable[[JsonObject], Place]
    """Where a row belongs."""
    record: Callable[[int, int, JsonObject, Clock], Span | Score]
    """The span or score of a row, from the place of its file, its number, its fields and the file's clock; raises BadValue."""
    scored: Callable[[JsonObject], bool]
    """Whether a row may hold scores."""
    judges: Callable[[Source], bool] = lambda source: False
    """Whether a file holds scores of spans that it names by their id alone."""
    judge: Callable[[JsonObject], bool] = lambda fields: False
    """Whether a row is of a run of an evaluator, as far as the tool says so."""


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path, layout: Layout
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """The conversations of all files together; each row ends in one of them, as a reject, or as a repeat."""
    names = [source.name for source in sources]
    clocks = [Clock(options.timezone, source.mixed_times) for source in sources]
    keys = _Keys(sources, layout)
    for share in shards.shares(sources, scratch, layout.columns, keys.of):
        records: list[Span | Score] = []
        for file, row, fields in share:
            try:
                with understood():
                    records.append(layout.record(file, row, fields, clocks[file]))
            except BadValue as e:
                yield e.reject(names[file], row)
        records, refused = _judged(records)
        for run, reason in refused:
            yield from (BadValue("name", reason, each.judge).reject(names[each.file], each.row) for each in run.spans)
        keys.graded |= graded(_scores(records))
        groups, lost = _grouped(records)
        for score in lost:
            target = score.span or score.trace or score.session
            reason = "what it judges is not in this import; import the spans with their scores"
            yield replace(BadValue(None, reason, target).reject(names[score.file], score.row), rows=score.rows)
        for group in groups:
            yield from one_conversation(group, sources, options, keys.graded)


def _scores(records: Iterable[Span | Score]) -> Iterator[Score]:
    for record in records:
        if isinstance(record, Score):
            yield record
        else:
            yield from record.scores


def _judged(records: Sequence[Span | Score]) -> tuple[list[Span | Score], list[tuple[Run, str]]]:
    """The records with a score for each run of an evaluator, and the runs that judge nothing here, with why."""
    spans, runs = judges.separate([record for record in records if isinstance(record, Span)])
    if not runs:
        return [*records], []
    kept: list[Span | Score] = [*spans, *(record for record in records if isinstance(record, Score))]
    refused: list[tuple[Run, str]] = []
    ids = {span.id for span in spans} | {span.trace for span in spans}
    aimed = judges.aim(runs, spans)
    for run, span in zip(runs, aimed, strict=True):
        named = next((target for target in run.target if target in ids), None)
        if span is None and named is None and not run.declared:
            kept += run.spans  # a bot whose answers are scores
        elif run.score is None:
            refused.append((run, judges.NO_VERDICT))
        elif span is None and run.target == (None, None):
            refused.append((run, judges.NO_TARGET))
        else:
            score = run.score
            score.rows, score.of_run = len(run.spans), True
            score.trace, score.span = run.target if span is None or named is not None else (span.trace, span.id)
            kept.append(score)
    return kept, refused


class _Keys:
    """What must be known before rows are dealt out: which conversation each belongs to, and which scores are grades.

    Memory: a number a trace that has a session. Where all rows are one share, `graded` is for its reader to fill.
    """

    def __init__(self, sources: Sequence[Source], layout: Layout) -> None:
        self.layout = layout
        self.sessions: dict[int, int] = {}
        self.traces: dict[int, int] = {}
        self.graded: set[str] = set()
        if sum(source.log.unpacked for source in sources) < shards.SHARE:
            return  # one share
        judged: set[int] = set()
        runs: list[Span] = []
        for source in sorted(sources, key=layout.judges, reverse=True):
            for row, fields in source.log.read():
                trace, session, span = self._place(fields)
                if layout.scored(fields):
                    self._note_grades(row, fields)
                if layout.judge(fields):
                    runs += self._spans(row, fields)
                if trace is None:
                    judged.add(hash(span))
                    continue
                if session is not None:
                    self.sessions.setdefault(hash(trace), hash(session))
                if span is not None and hash(span) in judged:
                    self.traces[hash(span)] = hash(trace)

        if runs:
            self._follow(runs, sources)

    def _spans(self, row: int, fields: JsonObject) -> Iterator[Span]:
        with suppress(BadValue), understood():
            if isinstance(record := self.layout.record(0, row, fields, Clock()), Span):
                yield record

    def _follow(self, spans: Sequence[Span], sources: Sequence[Source]) -> None:
        """Deal the runs of evaluators that name no trace to where the conversation lies of which they were asked."""
        runs = [run for run in judges.separate(spans)[1] if run.target == (None, None)]
        others = (
            span
            for source in sources
            for row, fields in source.log.read()
            if not self.layout.judge(fields)
            for span in self._spans(row, fields)
        )
        for run, span in zip(runs, judges.aim(runs, others if runs else ()), strict=True):
            if span is not None:
                self.sessions[hash(run.spans[0].trace)] = self.sessions.get(hash(span.trace), hash(span.trace))

    def _note_grades(self, row: int, fields: JsonObject) -> None:
        with suppress(BadValue), understood():  # what can't be read is rejected with its share
            self.graded |= graded(_scores([self.layout.record(0, row, fields, Clock())]))

    def _place(self, fields: JsonObject) -> Place:
        with suppress(BadValue), understood():
            return self.layout.place(fields)
        return Place(None)

    def of(self, fields: JsonObject) -> str:
        trace, session, span = self._place(fields)
        if trace is None and session is not None:
            return str(hash(session))
        number = hash(trace) if trace is not None else self.traces.get(hash(span), 0)
        return str(self.sessions.get(number, number))


def _grouped(records: Iterable[Span | Score]) -> tuple[list[Group], list[Score]]:
    """The conversations of a share, and the scores that belong to none."""
    spans = [record for record in records if isinstance(record, Span)]
    sessions: dict[str, str] = {}
    for span in spans:
        if span.session is not None:
            sessions.setdefault(span.trace, span.session)
    groups: dict[tuple[bool, str], Group] = {}
    traces: dict[str, Group] = {}
    ids: dict[str, Group] = {}
    for span in spans:
        session = sessions.get(span.trace)
        identity = (session is not None, session or span.trace)
        group = groups.setdefault(identity, Group(identity[1], identity[0]))
        group.spans.append(span)
        traces[span.trace] = ids[span.id] = group
    lost: list[Score] = []
    for score in records:
        if isinstance(score, Score):
            own = ids.get(score.span or "") or traces.get(score.trace or "") or groups.get((True, score.session or ""))
            (own.scores if own is not None else lost).append(score)
    return list(groups.values()), lost
