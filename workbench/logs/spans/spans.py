"""Spans of any tracing tool, and which of them belong to one exchange."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from workbench.conversation import Document, ToolCall
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.messages import Line

TRACE = "trace"
"""The kind of a row that stands for a whole trace: its columns count, what it says only where no step of it is logged."""
SESSION = "session"
"""The kind of a row that stands for a whole session: what it says counts only where nothing else of it is logged."""
CONTAINERS = frozenset({"agent", "chain"})
EVENT = "event"
"""The kind of a piece of a span that was logged apart from it, by its id."""
EARLY = datetime(1970, 1, 1)


@dataclass(slots=True)
class Score:
    """A judgement on a span, a trace or a conversation: a number, a label, words, or several of them."""

    file: int
    """The place of its file among those of the import, from 0."""
    row: int
    """Its row there, from 1."""
    name: str
    """What is judged, as the evaluator is called."""
    value: float | None = None
    """The number, on the evaluator's own scale."""
    label: str | None = None
    """The category, where it gives one."""
    text: str | None = None
    """Why, in the evaluator's words."""
    span: str | None = None
    """The id of the span that is judged."""
    trace: str | None = None
    """The id of the trace that is judged, or that has the span."""
    session: str | None = None
    """The session that is judged, or that has the trace."""
    at: datetime | None = None
    """When it was judged, in naive UTC."""
    by: str | None = None
    """Who judged: code, model or person, None where it is not logged."""
    rows: int = 1
    """How many rows of the log it stands for: the run of an evaluator may have several."""
    of_run: bool = False
    """Whether it is what the run of an evaluator says, which the tool may export as a score, too."""


@dataclass(slots=True)
class Span:
    """One step of a trace. Times are naive UTC."""

    file: int
    """The place of its file among those of the import, from 0."""
    row: int
    """Its row there, from 1."""
    trace: str
    """The id of its trace."""
    id: str
    """Its own id; `file:row` where none was logged."""
    parent: str | None = None
    """The id of the span above it, which need not be logged."""
    kind: str = "chain"
    """llm, tool, retriever, agent, chain, or the tool's own word for another."""
    name: str = ""
    """What it was called in the log."""
    start: datetime | None = None
    """When it began."""
    end: datetime | None = None
    """When it ended."""
    error: str | None = None
    """Why it failed; None where it did not."""
    session: str | None = None
    """The session that it belongs to."""
    input: list[Line] = field(default_factory=list)
    """The lines that it was given."""
    output: list[Line] = field(default_factory=list)
    """The lines that it answered."""
    call: ToolCall | None = None
    """A tool's call."""
    result: str | None = None
    """What the tool returned."""
    documents: list[Document] = field(default_factory=list)
    """What a retriever returned."""
    model: str | None = None
    """The model that answered."""
    application: str | None = None
    """Names the bot where nothing better does."""
    fields: JsonObject = field(default_factory=dict)
    """Columns of the conversation, also unknown ones."""
    attributes: JsonObject = field(default_factory=dict)
    """What else was logged."""
    scores: list[Score] = field(default_factory=list)
    """Judgements that were logged with it."""
    judge: str | None = None
    """The name of the evaluator of which it is a run, where the tool says so."""
    target: tuple[str | None, str | None] = (None, None)
    """The trace and the span that it judges, where it is a run of an evaluator and names them."""
    verdict: JsonFields | None = None
    """What it says of a conversation, where its answer gives a score."""
    prompt: str | None = None
    """What it was asked, as text, where its answer gives a score."""
    state: datetime | None = None
    """When it was last changed, which tells a later export of the same span from an earlier one."""
    rows: int = 1
    """How many rows of the log it stands for: pieces of it may have been logged apart."""

    @property
    def began(self) -> tuple[datetime, int, int]:
        """Where it stands in time, ties as they stand in the log."""
        return self.start or self.end or EARLY, self.file, self.row

    @property
    def latency_ms(self) -> float | None:
        """How long it took."""
        if self.start is None or self.end is None or self.end < self.start:
            return None
        return (self.end - self.start) / timedelta(milliseconds=1)

    @property
    def shows(self) -> bool:
        """Whether its input or output was understood."""
        return any(not line.guess for line in [*self.input, *self.output])


_EMPTY: tuple[object, ...] = (None, "", [], {})
_FILLED = ("input", "output", "call", "result", "documents", "start", "end", "model", "application", "fields")


def filled(kept: Span, states: Sequence[Span]) -> Span:
    """A span with what another state of it says where its own says nothing."""
    fill: JsonObject = {}
    for name in _FILLED:
        if getattr(kept, name) in _EMPTY:
            values = [value for each in reversed(states) if (value := getattr(each, name)) not in _EMPTY]
            fill |= {name: values[0]} if values else {}
    return replace(kept, **fill)


def with_pieces(spans: Sequence[Span]) -> list[Span]:
    """The spans with what was logged apart from each: a piece says what its span does not, and several make one where it lacks."""
    pieces: dict[tuple[str, str], list[Span]] = defaultdict(list)
    whole: list[Span] = []
    for span in spans:
        if span.kind == EVENT:
            pieces[span.trace, span.id].append(span)
        else:
            whole.append(span)
    if not pieces:
        return [*spans]
    for span in whole:
        for piece in sorted(pieces.pop((span.trace, span.id), ()), key=lambda piece: piece.began):
            span.rows += 1
            _add(span, piece)
    for each in pieces.values():
        first, *others = sorted(each, key=lambda piece: piece.began)
        first.kind, first.rows = "llm", len(each)
        for piece in others:
            _add(first, piece)
        first.end = max((piece.start for piece in each if piece.start), default=None)
        whole.append(first)
    return whole


def _add(span: Span, piece: Span) -> None:
    span.input += [line for line in piece.input if line not in span.input]
    span.output += [line for line in piece.output if line not in span.output]
    span.kind = "llm" if span.kind == "chain" else span.kind


# --- trees ----------------------------------------------------------------------------------------------------------


@dataclass
class Unit:
    """What belongs to one exchange."""

    top: Span | None
    """The span whose input and output are the exchange; None where none shows something."""
    under: list[Span]
    """The spans under the top, with it."""
    beside: list[Span] = field(default_factory=list)
    """Others of the same trace that lie under no top."""
    inner: dict[str, str] = field(default_factory=dict)
    """The spans inside a model call or a tool, and in which of these; tools that a model call runs are not inside."""

    @property
    def began(self) -> tuple[datetime, int, int]:
        """Where its first span stands in time."""
        return min(span.began for span in [*self.under, *self.beside])


def units(trace: Sequence[Span]) -> list[Unit]:
    """The exchanges of one trace in order of time. Spans under one missing parent belong together."""
    span_ids = {span.id for span in trace}
    children: dict[str, list[Span]] = defaultdict(list)
    groups: dict[str, list[Span]] = defaultdict(list)
    for span in trace:
        if span.parent in span_ids and span.parent != span.id:
            children[span.parent or ""].append(span)
        else:
            groups[span.parent or span.id].append(span)
    _adopt(groups, children)
    reached: set[str] = set()
    exchanges = []
    for group in groups.values():
        reached |= {span.id for span in _tree(group, children)}
        exchanges += _of_group(group, children)
    for span in trace:  # in a circle of parents
        if span.id not in reached:
            exchanges += _of_group([span], {})
    return sorted(exchanges, key=lambda unit: unit.began)


def _adopt(groups: dict[str, list[Span]], children: dict[str, list[Span]]) -> None:
    """Put what lost its parent under the only root of its trace, where it ran while that ran."""
    roots = [span for group in groups.values() for span in group if span.parent is None]
    if len(roots) != 1 or not (roots[0].shows and roots[0].kind in CONTAINERS):
        return
    root = roots[0]
    for name, group in list(groups.items()):
        starts = [span.start for span in group if span.start is not None]
        if root in group or root.start is None or root.end is None or len(starts) < len(group):
            continue
        if root.start <= min(starts) and max(starts) <= root.end:
            children[root.id] += groups.pop(name)


def _tree(roots: Sequence[Span], children: dict[str, list[Span]]) -> list[Span]:
    """The spans and all under them."""
    spans, waiting = [], list(roots)
    while waiting:
        span = waiting.pop()
        spans.append(span)
        waiting += children.get(span.id, ())
    return spans


def _of_group(group: Sequence[Span], children: dict[str, list[Span]]) -> list[Unit]:
    whole = _tree(group, children)
    tops = _tops(group, children, talks=any(is_talk(span) for span in whole))
    if not tops:
        return [Unit(None, whole, inner=_inner(group, children))]
    units = [Unit(top, _tree([top], children), inner=_inner([top], children)) for top in tops]
    held = {span.id for unit in units for span in unit.under}
    units[0].beside = [span for span in whole if span.id not in held]
    return units


def is_talk(span: Span) -> bool:
    """Whether it is a call of a model of which something is shown."""
    return span.kind == "llm" and span.shows


def _tops(group: Sequence[Span], children: dict[str, list[Span]], talks: bool) -> list[Span]:
    """The topmost spans that show what was said. Beside several chains that are only steps, the model calls tell more."""
    tops, waiting = [], [span for span in group if span.kind in CONTAINERS]
    while waiting:
        span = waiting.pop(0)
        if span.shows and (not talks or span in group or any(map(is_talk, _tree([span], children)))):
            tops.append(span)
        else:
            waiting += [child for child in children.get(span.id, ()) if child.kind in CONTAINERS]
    if not tops and not talks:
        tops = [span for span in group if span.kind in CONTAINERS and (span.input or span.output)]
    if len(tops) > 1 and talks and not all(span in group and span.parent is None for span in tops):
        return [span for span in tops if span.kind == "agent"]
    return tops


def _inner(roots: Sequence[Span], children: dict[str, list[Span]]) -> dict[str, str]:
    """The spans that lie inside a model call or a tool, and in which of these; a tool that a model call runs is none."""
    inner: dict[str, str] = {}
    waiting = [(span, "") for span in roots]
    while waiting:
        span, inside = waiting.pop()
        inside = "" if inside == "llm" and span.kind == "tool" else inside
        if inside:
            inner[span.id] = inside
        inside = inside or (span.kind if span.kind in ("llm", "tool") else "")
        waiting += [(child, inside) for child in children.get(span.id, ())]
    return inner
