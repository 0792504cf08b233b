"""Spans of any tracing tool, and which of them belong to one exchange."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from workbench.conversation import Document, ToolCall
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.messages import Line

CONTAINERS = frozenset({"agent", "chain"})
EARLY = datetime(1970, 1, 1)


@dataclass(slots=True)
class Score:
    """A judgement on a span, a trace or a conversation: a number, a label, words, or several of them."""

    file: int
    row: int
    name: str
    value: float | None = None
    label: str | None = None
    text: str | None = None
    span: str | None = None
    trace: str | None = None
    session: str | None = None
    at: datetime | None = None
    by: str | None = None
    """Who judged: code, model or person, None where it is not logged."""


@dataclass(slots=True)
class Span:
    """One step of a trace. `kind` is llm, tool, retriever, agent, chain, or the tool's own word for another.

    `input` and `output` are what it says, `call` and `result` are a tool's. `fields` are columns of the conversation
    (also unknown ones), `attributes` what else was logged, `application` names the bot where nothing better does. Times are naive UTC. `state` tells a later export of the
    same span from an earlier one.
    """

    file: int
    row: int
    trace: str
    id: str
    parent: str | None = None
    kind: str = "chain"
    name: str = ""
    start: datetime | None = None
    end: datetime | None = None
    error: str | None = None
    session: str | None = None
    input: list[Line] = field(default_factory=list)
    output: list[Line] = field(default_factory=list)
    call: ToolCall | None = None
    result: str | None = None
    documents: list[Document] = field(default_factory=list)
    model: str | None = None
    application: str | None = None
    fields: JsonObject = field(default_factory=dict)
    attributes: JsonObject = field(default_factory=dict)
    scores: list[Score] = field(default_factory=list)
    state: datetime | None = None

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


# --- trees ----------------------------------------------------------------------------------------------------------


@dataclass
class Unit:
    """What belongs to one exchange: its top, where one shows something, the spans under it, and others beside it."""

    top: Span | None
    under: list[Span]
    beside: list[Span] = field(default_factory=list)
    inner: dict[str, str] = field(default_factory=dict)
    """The spans inside a model call or a tool, and in which of these; tools that a model call runs are not inside."""

    @property
    def began(self) -> tuple[datetime, int, int]:
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
