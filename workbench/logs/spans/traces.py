"""Logs of spans: rows in, conversations out, whatever tool wrote them.

The spans of one trace, and the traces of one session, may lie anywhere in the files of an import; scores and
annotations may lie in files of their own. A conversation is a session (conversation, thread), or a trace without one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from workbench.logs.files import shards
from workbench.logs.files.find import shown
from workbench.logs.files.source import Source
from workbench.logs.spans import judges
from workbench.logs.spans.dialogue import Dialogue, tell
from workbench.logs.spans.judges import Run
from workbench.logs.spans.scores import apply, evaluations, graded
from workbench.logs.spans.spans import Score, Span, filled
from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.messages import Line
from workbench.logs.values.records import (
    BadValue,
    LoggedConversation,
    ReadOptions,
    Reject,
    Repeat,
    as_logged,
    understood,
)
from workbench.logs.values.times import Clock

TRACE = "trace"
"""The kind of a row that stands for a whole trace: its columns count, what it says only where no step of it is logged."""
SESSION = "session"
"""The kind of a row that stands for a whole session: what it says counts only where nothing else of it is logged."""
LAST_COUNTS = frozenset({"outcome", "feedback_score", "feedback_text", "reward"})
_TALK = re.compile(
    "(prompt|message|input|output|completion|response|content|text|question|answer|query|reply)s?([._]|$)"
)
_NO_TALK = tuple(
    "exception. http. url. db. process. os. host. net. server. service. telemetry. user_agent. code.".split()
)
_TAKEN = frozenset({"conversation_id", "started_at", "ended_at", "retrieved"})
_OF_TURNS = frozenset({"steps", "reasoning", "choices", "instructions", "model"})


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


@dataclass
class _Group:
    """The spans and scores of one conversation."""

    identity: str
    in_session: bool
    spans: list[Span] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)


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
            yield from _conversation(group, names, options, keys.graded)


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


def _grouped(records: Iterable[Span | Score]) -> tuple[list[_Group], list[Score]]:
    """The conversations of a share, and the scores that belong to none."""
    spans = [record for record in records if isinstance(record, Span)]
    sessions: dict[str, str] = {}
    for span in spans:
        if span.session is not None:
            sessions.setdefault(span.trace, span.session)
    groups: dict[tuple[bool, str], _Group] = {}
    traces: dict[str, _Group] = {}
    ids: dict[str, _Group] = {}
    for span in spans:
        session = sessions.get(span.trace)
        identity = (session is not None, session or span.trace)
        group = groups.setdefault(identity, _Group(identity[1], identity[0]))
        group.spans.append(span)
        traces[span.trace] = ids[span.id] = group
    lost: list[Score] = []
    for score in records:
        if isinstance(score, Score):
            own = ids.get(score.span or "") or traces.get(score.trace or "") or groups.get((True, score.session or ""))
            (own.scores if own is not None else lost).append(score)
    return list(groups.values()), lost


# --- one conversation -----------------------------------------------------------------------------------------------


def _conversation(
    group: _Group, names: Sequence[str], options: ReadOptions, grades: Collection[str]
) -> Iterator[LoggedConversation | Reject | Repeat]:
    spans: list[Span] = []
    for span, verdict in _once(group.spans, names):
        if verdict is None:
            spans.append(span)
        elif isinstance(verdict, BadValue):
            yield verdict.reject(names[span.file], span.row)
        else:
            yield verdict
    first = min(spans, key=lambda span: (span.file, span.row))
    rows = len(spans) + sum(score.rows for score in group.scores)
    try:
        with understood():
            dialogue = tell(_steps(spans))
            if not dialogue.lines:
                raise BadValue(None, _silence(spans), ", ".join(span.name or span.kind for span in spans))
            conversation = _assembled(group, spans, dialogue, options, grades)
    except BadValue as e:
        value = as_logged(e.value)
        yield Reject(
            names[first.file], first.row, e.column, f"conversation {group.identity[:200]}: {e.reason}", value, rows
        )
    else:
        yield LoggedConversation(conversation, names[first.file], first.row, rows, group.in_session)


def _steps(spans: Sequence[Span]) -> list[Span]:
    """The steps of a conversation; what a row says of a whole trace is the topmost one where no step of it shows any talk."""
    talk = {span.trace for span in spans if span.kind not in (TRACE, SESSION, "tool") and (span.input or span.output)}
    whole = {span.trace: span for span in spans if span.kind == TRACE and span.trace not in talk}
    own = (span for span in spans if span.kind not in (TRACE, SESSION))
    under = [
        replace(span, parent=whole[span.trace].id) if span.trace in whole and span.parent is None else span
        for span in own
    ]
    return [*under, *(replace(span, kind="chain") for span in whole.values())] or [
        replace(each, kind="chain") for each in spans
    ]


def _silence(spans: Sequence[Span]) -> str:
    """Why these spans say nothing: what was said has unknown names, or was not logged."""
    names = {name: None for span in spans for name, value in span.attributes.items() if _looks_like_talk(name, value)}
    if not names:
        return "its spans hold no message: is the capture of inputs and outputs switched off?"
    listed = ", ".join(shown(name[:80]) for name in [*names][:5])
    return f"its spans hold no message under a name that is known here. These attributes look like text: {listed}"


def _looks_like_talk(name: str, value: Any) -> bool:
    if name.startswith(_NO_TALK) or not isinstance(value, str):
        return False
    words = [word for word in value.split() if word.isalpha()]
    return len(words) > 2 or (bool(_TALK.search(name.lower())) and (len(words) > 1 or value.startswith(("[", "{"))))


def _once(spans: Sequence[Span], names: Sequence[str]) -> Iterator[tuple[Span, BadValue | Repeat | None]]:
    """Each span with None (keep it), or why not: exports overlap, and a later one may have a span in a later state."""
    same: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for span in spans:
        same[span.trace, span.id].append(span)
    for each in same.values():
        kept = max(each, key=lambda span: span.state or span.began[0])
        for span in each:
            if span is kept:
                yield filled(kept, each) if len(each) > 1 else kept, None
            elif _content(span) == _content(kept):
                yield span, Repeat(names[span.file], span.row)
            else:
                where = f"{names[kept.file]}, row {kept.row}"
                yield span, BadValue(None, f"the span stands twice; the later state, {where}, is kept", span.id)


def _content(span: Span) -> list[Any]:
    return [
        span.input,
        span.output,
        span.call,
        span.result,
        span.documents,
        span.error,
        span.start,
        span.end,
        span.name,
    ]


def _assembled(
    group: _Group, spans: Sequence[Span], dialogue: Dialogue, options: ReadOptions, grades: Collection[str]
) -> Any:
    fields = _fields(spans)
    _name_models(dialogue.lines, spans, fields)
    _raise(dialogue.lines, fields)
    scores = _scores_once([*group.scores, *(score for span in spans for score in span.scores)])
    apply(scores, dialogue, fields, grades)
    applications = [span.application for span in sorted(spans, key=lambda span: span.began) if span.application]
    fields["bot"] = fields.get("bot") or options.bot or next(iter(applications), None)
    fields["conversation_id"] = group.identity
    if not group.in_session:
        fields.setdefault("trace_id", group.identity)  # so that scores go back to a trace, not to a session
    fields["started_at"] = min((span.start for span in spans if span.start), default=None)
    fields["ended_at"] = max((time for span in spans if (time := span.end or span.start)), default=None)
    for position, line in enumerate(dialogue.lines):
        line.turn.position = position
    turns = [line.turn for line in dialogue.lines]
    conversation = normalise.conversation(fields, turns, [line.more for line in dialogue.lines], Clock(), None)
    conversation.evaluations = evaluations(scores, dialogue)
    return conversation


def _scores_once(scores: Sequence[Score]) -> list[Score]:
    """The scores without those of an evaluator's run that the tool exports as scores, too."""
    exported = {(score.name, score.value, score.label) for score in scores if not score.of_run}
    return [score for score in scores if not score.of_run or (score.name, score.value, score.label) not in exported]


def _fields(spans: Sequence[Span]) -> JsonObject:
    """The columns of the conversation. Of one that we know the first value counts, of how it ended the last; of
    others all are kept."""
    values: dict[str, list[Any]] = defaultdict(list)
    for span in sorted(spans, key=lambda span: (span.parent is not None, span.began)):
        for name, value in span.fields.items():
            name = f"metadata.{name}" if name in _TAKEN else name
            if value not in (None, "", [], {}) and value not in values[name]:
                values[name].append(value)
    fields: JsonObject = {}
    for name, each in values.items():
        if name in normalise.CONVERSATION_FIELDS:
            fields[name] = each[-1] if name in LAST_COUNTS else each[0]
        elif each:
            fields[name] = each[0] if len(each) == 1 else each
    return fields


def _name_models(lines: Sequence[Line], spans: Sequence[Span], fields: JsonObject) -> None:
    """The model is that of the first reply; it stays beside the turns where it changes."""
    logged = [model for line in lines if isinstance(model := line.more.get("model"), str)]
    model = next(iter(logged or [span.model for span in sorted(spans, key=lambda s: s.began) if span.model]), None)
    if model is not None:
        fields["model"] = model
    if len(set(logged)) == 1:
        for line in lines:
            if line.more.get("model") == model:
                del line.more["model"]


def _raise(lines: Sequence[Line], fields: JsonObject) -> None:
    """What every turn logs alike becomes a column of the conversation."""
    for name in {name: None for line in lines for name in line.more}:
        values = [line.more[name] for line in lines if name in line.more]
        if name not in _OF_TURNS and name not in fields and name not in _TAKEN and all(v == values[0] for v in values):
            fields[name] = values[0]
            for line in lines:
                line.more.pop(name, None)
