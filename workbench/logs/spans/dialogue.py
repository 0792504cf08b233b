"""The turns that the spans of a conversation make.

What the user saw is the input and output of the topmost span that has some (an agent, a chain); where that is not
logged, or its words stand in a model's input as they are, it is what the model calls say, each message once, because
a call repeats the whole history. A model's call of a tool and the tool's result are turns in their order, so that
loops and faults stay visible. What else happened inside (a router's answer, a guardrail, a failed attempt, the tools
of a sub-agent) is kept as `steps` of the reply that it led to.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.conversation import ToolCall, Turn
from workbench.conversation.roles import is_bot, is_system, is_tool, is_user
from workbench.conversation.tool_calls import normalised_arguments
from workbench.logs.spans.spans import EARLY, Span, Unit, is_talk, units
from workbench.logs.values.messages import Line

_STEPS = frozenset({"llm", "tool", "guardrail", "evaluator", "agent"})
_Key = tuple[Any, ...]


@dataclass
class Told:
    """The lines of a conversation, which line a span led to, and each trace's last reply."""

    lines: list[Line]
    by_span: dict[str, Line]
    by_trace: dict[str, Line]


def tell(spans: Iterable[Span]) -> Told:
    """The lines of one conversation from all its spans, in any order."""
    traces: dict[str, list[Span]] = defaultdict(list)
    for span in sorted(spans, key=lambda span: span.began):
        traces[span.trace].append(span)
    story = _Story()
    replies: dict[str, Line] = {}
    for trace, own in traces.items():
        for unit in units(own):
            _Exchange(story, unit).tell()
            if story.lines:
                replies[trace] = story.lines[-1]
    return Told(story.lines, story.by_span, replies)


# --- what was said --------------------------------------------------------------------------------------------------


def _words(turn: Turn) -> _Key:
    if is_tool(turn.role):
        return "result", turn.content.strip()
    calls = tuple((call.name, normalised_arguments(call.arguments)) for call in turn.tool_calls)
    return "calls" if calls else turn.role, turn.content.strip(), calls


def _ids(turn: Turn) -> _Key:
    """The identity of a call or a result, where ids were logged."""
    if is_tool(turn.role):
        return ("answers", turn.tool_call_id) if turn.tool_call_id else ()
    ids = [call.id for call in turn.tool_calls if call.id]
    return ("makes", *ids) if ids else ()


class _Story:
    """The lines so far, found again by their words or, where calls have ids, by these."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.by_span: dict[str, Line] = {}
        self.system: Line | None = None
        self._places: dict[_Key, list[int]] = defaultdict(list)
        self._told: dict[int, int] = {}
        self._open: list[tuple[int, ToolCall]] = []

    def add(self, line: Line, span: Span | None = None) -> Line:
        """Append a line; calls stay open until a result answers them."""
        turn, place = line.turn, len(self.lines)
        words, ids = _words(turn), _ids(turn)
        for key in [words, ids or ("bare", *words)]:
            self._places[key].append(place)
        self.lines.append(line)
        self._told[id(line)] = place
        if span is not None:
            self.by_span[span.id] = line
        self._open += [(place, call) for call in turn.tool_calls]
        if is_tool(turn.role):
            self._answer(turn)
        return line

    def find(self, line: Line, since: int) -> int | None:
        """The place of the same line, from `since` on. Where ids were logged they tell, else the words."""
        words, ids = _words(line.turn), _ids(line.turn)
        for key in [ids, ("bare", *words)] if ids else [words]:
            places = self._places.get(key, [])
            if (number := bisect_left(places, since)) < len(places):
                return places[number]
        return None

    def hear(self, lines: Sequence[Line], fresh: bool = False, known: dict[_Key, Line] | None = None) -> list[Line]:
        """Append what is new in a message list that repeats the history, and return it.

        New is what stands behind the last line that was said before (this very line, else the same words); lines that
        the history has in other words, up to the next user line, are not. In a `fresh` exchange the last user line is
        new even if the same words fell earlier. `known` are fuller versions of lines, by their words.
        """
        body = [line for line in lines if not is_system(line.turn.role)]
        searched = len(body)
        if fresh and body and is_user(body[-1].turn.role) and not self._ends_with(body[-1]) and not self._repeats(body):
            searched -= 1
        last = max((number for number, line in enumerate(body) if id(line) in self._told), default=-1)
        since = self._told[id(body[last])] + 1 if last >= 0 else 0
        for number in range(last + 1, searched):
            place = self.find(body[number], since)
            if place is not None:
                since, last = place + 1, number
        new = body[last + 1 :]
        unmatched = sum(not is_system(line.turn.role) for line in self.lines[since:])
        while new and unmatched and not is_user(new[0].turn.role):
            new, unmatched = new[1:], unmatched - 1
        waiting = {words: line for words, line in (known or {}).items() if id(line) not in self._told}
        return [self.add(waiting.pop(_words(line.turn), line)) for line in new]

    def _ends_with(self, line: Line) -> bool:
        return bool(self.lines) and _words(self.lines[-1].turn) == _words(line.turn)

    def _repeats(self, body: Sequence[Line]) -> bool:
        """Whether a whole dialogue is asked again, for another answer to the same context."""
        own = [line for line in self.lines if not is_system(line.turn.role)]
        return 1 < len(body) < len(own) and all(
            _words(one.turn) == _words(other.turn) for one, other in zip(own, body, strict=False)
        )

    def open_call(self, call: ToolCall, since: int) -> ToolCall | None:
        """The unanswered call that a tool span carries out: by id, else of its name, the same arguments first."""
        if call.id:
            return next((made for _, made in self._open if made.id == call.id), None)
        named = [made for place, made in self._open if made.name == call.name and place >= since]
        wanted = normalised_arguments(call.arguments)
        return next((made for made in named if normalised_arguments(made.arguments) == wanted), next(iter(named), None))

    def _answer(self, turn: Turn) -> None:
        for number, (_, call) in enumerate(self._open):
            if call.id == turn.tool_call_id if turn.tool_call_id else call.name == turn.name:
                del self._open[number]
                return


# --- one exchange ---------------------------------------------------------------------------------------------------


class _Exchange:
    """One unit told: what was asked, the calls and results in between, the reply."""

    def __init__(self, story: _Story, unit: Unit) -> None:
        self.story = story
        self.unit = unit
        self.top = unit.top
        self.start = len(story.lines)
        outer = [span for span in unit.under if span.id not in unit.inner]
        self.calls = sorted((s for s in outer if s.kind == "llm"), key=lambda s: s.began)
        self.tools = [span for span in outer if span.kind == "tool"]
        self.searches = [span for span in [*unit.under, *unit.beside] if span.documents]
        talks = any(map(is_talk, self.calls))
        self.asked = [line for line in (self.top.input if self.top else []) if not (line.guess and talks)]
        self.main, self.literal = _main_line(self.calls, self.asked)
        self.pending: list[tuple[Span, Line]] = []
        self.told: set[str] = {self.top.id} if self.top else set()

    def tell(self) -> None:
        """Append the lines of this exchange to the story."""
        self._system()
        first = self.main[0] if self.main and self.literal else None
        began = self.top.start if self.top else min((s.start for s in self.unit.under if s.start), default=None)
        _asked_at(began, self.story.hear(first.input if first and len(self.asked) < 2 else self.asked, fresh=True))
        for span in sorted([*self.calls, *self.tools], key=lambda span: span.began):
            if span.kind == "tool":
                self._tool(span)
            else:
                self._call(span)
        reply = self._reply()
        if reply is not None:
            self._finish(reply)

    def _system(self) -> None:
        """The instructions stand once, at the beginning; others later are kept beside the reply."""
        if self.story.lines:
            return
        for source in [*(span.input for span in reversed(self.main)), self.asked]:
            if system := next((line for line in source if is_system(line.turn.role)), None):
                self.story.system = self.story.add(system)
                return

    def _call(self, span: Span) -> None:
        """What a model call heard that is new, and what it says; plain words wait, for a later step may replace them."""
        if self.literal and span in self.main:
            heard: Sequence[Line] = span.input
        else:
            heard = [line for line in _since_user(span.input) if is_tool(line.turn.role) or line.turn.tool_calls]
        known = {_words(line.turn): line for _, line in self.pending}
        _asked_at(span.start, self.story.hear(heard, known=known))
        said = [line for line in span.output if not is_system(line.turn.role)]
        if not said and span.error:
            said = [Line(Turn(0, "assistant", error=span.error))]
        plain = [line for line in said if not line.turn.tool_calls]
        if len(plain) == len(said) > 1:
            said[0].more["choices"] = [line.turn.content for line in said[1:]]
            said = said[:1]
        for line in said:
            _stamp(line, span)
            self.told.add(span.id)
            if len(plain) != len(said) and self.story.find(line, self.start) is None:
                self.story.add(line, span)
            elif len(plain) == len(said):
                self.pending.append((span, line))

    def _tool(self, span: Span) -> None:
        """A tool's result; a call that no model is known to have made stands before it."""
        if span.call is None:
            return
        self.told.add(span.id)
        heard = self._heard_result(span)
        if heard is None:
            made = self.story.open_call(span.call, self.start)
            if made is None:
                made = span.call
                self.story.add(Line(Turn(0, "assistant", tool_calls=[made], timestamp=span.start)))
            content = span.result if span.result is not None else span.error or ""
            heard = self.story.add(Line(Turn(0, "tool", content, name=span.call.name, tool_call_id=made.id)))
        heard.turn.error = span.error or heard.turn.error
        _stamp(heard, span)
        self.story.by_span[span.id] = heard

    def _heard_result(self, span: Span) -> Line | None:
        """The result of this tool where a model call has repeated it before the span is told."""
        if span.call is None or not span.call.id:
            return None
        place = self.story.find(Line(Turn(0, "tool", tool_call_id=span.call.id)), self.start)
        line = None if place is None else self.story.lines[place]
        return line if line is not None and line.turn.latency_ms is None else None

    def _reply(self) -> Line | None:
        """What the user got: the top's output, else the last words of the main line; or the failure."""
        top, story = self.top, self.story
        words = [item for item in self.pending if item[0] in self.main or not self.main]
        output = [line for line in (top.output if top else []) if not (line.guess and words)]
        known = {_words(line.turn): line for _, line in self.pending}
        if len(output) == 1 and top is not None and not output[0].turn.tool_calls:
            line = known.get(_words(output[0].turn), output[0])
            if line is output[0]:
                _stamp(line, top)
                line.turn.finish_reason = line.turn.finish_reason or (
                    words[-1][1].turn.finish_reason if words else None
                )
            if story.find(line, self.start) is None:
                story.add(line)
        elif output:
            for line in story.hear(output, known=known):
                if top is not None and line is story.lines[-1] and line.turn.timestamp is None:
                    _stamp(line, top)
        elif words and not any(line is words[-1][1] for line in story.lines[self.start :]):
            story.add(words[-1][1])
        own = story.lines[self.start :]
        if top is not None and top.error and not any(_is_reply(line) for line in own[-1:]):
            own.append(story.add(_stamp(Line(Turn(0, "assistant", error=top.error)), top)))
        return next((line for line in reversed(own) if _is_reply(line)), own[-1] if own else None)

    def _finish(self, reply: Line) -> None:
        """Give the reply what led to it: documents, steps, errors, what else the spans logged."""
        top, lines = self.top, self.story.lines[self.start :]
        if top is not None:
            if top.error and not reply.turn.error and _is_reply(reply):
                reply.turn.error = top.error
            self.story.by_span[top.id] = reply
            reply.more = {**top.attributes, **reply.more}
        for span, line in self.pending:
            if any(line is other for other in lines):
                self.story.by_span[span.id] = line
            else:
                self.told.discard(span.id)
        self._give_documents(reply)
        if steps := [_step(span) for span in sorted(self._rest(), key=lambda span: span.began)]:
            reply.more["steps"] = steps
        texts = [line.turn.content for line in (self.main[-1].input if self.main else []) if is_system(line.turn.role)]
        if self.story.system is not None and texts and texts[0] != self.story.system.turn.content:
            reply.more["instructions"] = texts[0]

    def _give_documents(self, reply: Line) -> None:
        """Documents go to the first reply that was finished after they were found."""
        replies = [line for line in self.story.lines[self.start :] if _is_reply(line)] or [reply]
        for span in sorted(self.searches, key=lambda span: span.began):
            later = [line for line in replies if (line.turn.timestamp or EARLY) >= (span.start or EARLY)]
            line = later[0] if later else reply
            line.turn.retrieved += [item for item in span.documents if item not in line.turn.retrieved]
            self.story.by_span.setdefault(span.id, line)
            for name, value in span.attributes.items():
                line.more.setdefault(name, value)

    def _rest(self) -> Iterator[Span]:
        """The spans that are no turn of their own and say something, or failed; not what a model call is made of."""
        for span in [*self.unit.under, *self.unit.beside]:
            if span.id in self.told or span.documents or self.unit.inner.get(span.id) == "llm":
                continue
            if span.error or (span.kind in _STEPS and (span.output or span.call)):
                yield span


def _is_reply(line: Line) -> bool:
    return is_bot(line.turn.role) and not line.turn.tool_calls


def _asked_at(time: datetime | None, lines: Sequence[Line]) -> None:
    """Give the last user line of these its time; the history before it has none."""
    for line in reversed(lines):
        if is_user(line.turn.role):
            line.turn.timestamp = line.turn.timestamp or time
            return


def _since_user(lines: Sequence[Line]) -> Sequence[Line]:
    last = max((number for number, line in enumerate(lines) if is_user(line.turn.role)), default=-1)
    return lines[last + 1 :]


def _stamp(line: Line, span: Span) -> Line:
    """Give a line the time, the duration and the attributes of the span that said it."""
    turn = line.turn
    turn.timestamp = turn.timestamp or span.end or span.start
    turn.latency_ms = span.latency_ms if turn.latency_ms is None else turn.latency_ms
    turn.error = turn.error or span.error
    line.more = {**span.attributes, **({"model": span.model} if span.model else {}), **line.more}
    return line


def _step(span: Span) -> dict[str, Any]:
    said = [line.turn.content or ", ".join(call.name for call in line.turn.tool_calls) for line in span.output]
    entry = {
        "kind": span.kind,
        "name": span.name or None,
        "arguments": span.call.arguments if span.call else None,
        "output": "\n".join(said) or span.result,
        "latency_ms": span.latency_ms,
        "error": span.error,
    }
    return {name: value for name, value in entry.items() if value is not None}


def _main_line(calls: Sequence[Span], asked: Sequence[Line]) -> tuple[list[Span], bool]:
    """The model calls that hold the dialogue, in order of time, and whether they repeat the user's words as they are.

    The call with the longest input ends it; what shares a line with it, before or after, belongs to it.
    """
    users = {_words(line.turn) for line in asked if is_user(line.turn.role)}
    heard = {span.id: {_words(line.turn) for line in span.input if not is_system(line.turn.role)} for span in calls}
    talking = [span for span in calls if span.input or span.output]
    pool = [span for span in talking if users & heard[span.id]] if users else talking
    literal = bool(pool) and any(span.input for span in pool)
    pool = pool or talking
    if not pool:
        return [], False
    longest = max(pool, key=lambda span: (len(heard[span.id]), span.began))
    main = [longest]
    for span in reversed(talking[: talking.index(longest)]):
        if (heard[span.id] | {_words(line.turn) for line in span.output}) & heard[main[0].id]:
            main.insert(0, span)
    for span in talking[talking.index(longest) + 1 :]:
        if {_words(line.turn) for line in main[-1].output} & heard[span.id]:
            main.append(span)
    return main, literal
