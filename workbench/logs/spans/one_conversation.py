"""One conversation out of the spans and scores that belong to it: what its dialogue, its columns and its evaluations are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.logs.files.source import Source
from workbench.logs.spans.dialogue import Dialogue, dialogue_of
from workbench.logs.spans.scores import apply, evaluations
from workbench.logs.spans.silence import silence, unread
from workbench.logs.spans.spans import SESSION, TRACE, Score, Span, filled, with_pieces
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

LAST_COUNTS = frozenset({"outcome", "feedback_score", "feedback_text", "reward"})
_TAKEN = frozenset({"conversation_id", "started_at", "ended_at", "retrieved"})
_OF_TURNS = frozenset({"steps", "reasoning", "choices", "instructions", "model"})


@dataclass
class Group:
    """The spans and scores of one conversation."""

    identity: str
    """The id of its session, else of its trace."""
    in_session: bool
    """Whether it is a session; else it is a trace without one."""
    spans: list[Span] = field(default_factory=list)
    """Its spans in the order of the log; a span may stand twice."""
    scores: list[Score] = field(default_factory=list)
    """Its scores from rows of their own; others lie in its spans."""


def one_conversation(
    group: Group, sources: Sequence[Source], options: ReadOptions, grades: Collection[str]
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """The conversation, or a reject for all of its rows, and each span that is left out as it stands there twice.

    `sources` are the import's files; `grades` are the names of scores that are grades, no votes (`scores.graded`).
    """
    names = [source.name for source in sources]
    spans: list[Span] = []
    for span, verdict in _once(with_pieces(group.spans), names):
        if verdict is None:
            spans.append(span)
        elif isinstance(verdict, BadValue):
            yield verdict.reject(names[span.file], span.row)
        else:
            yield verdict
    first = min(spans, key=lambda span: (span.file, span.row))
    rows = sum(span.rows for span in spans) + sum(score.rows for score in group.scores)
    try:
        with understood():
            dialogue = dialogue_of(_steps(spans))
            silent = unread(spans, dialogue.lines)
            if not dialogue.lines:
                raise BadValue(None, silence(spans), ", ".join(span.name or span.kind for span in spans))
            conversation = _assembled(group, spans, dialogue, options, grades)
    except BadValue as e:
        value = as_logged(e.value)
        yield Reject(
            names[first.file], first.row, e.column, f"conversation {group.identity[:200]}: {e.reason}", value, rows
        )
    else:
        if silent is not None:
            sources[first.file].tallies[silent] += 1
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
    group: Group, spans: Sequence[Span], dialogue: Dialogue, options: ReadOptions, grades: Collection[str]
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
