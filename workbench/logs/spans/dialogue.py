"""The turns that the spans of a conversation make.

What the user saw is the input and output of the topmost span that has some (an agent, a chain); where that is not
logged, or its words stand in a model's input as they are, it is what the model calls say, each message once, because
a call repeats the whole history. A model's call of a tool and the tool's result are turns in their order, so that
loops and faults stay visible. What else happened inside (a router's answer, a guardrail, a failed attempt, the tools
of a sub-agent) is kept as `steps` of the reply that it led to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.conversation import Turn
from workbench.conversation.roles import is_bot, is_system, is_tool, is_user
from workbench.logs.spans.spans import EARLY, Span, Unit, is_talk, units
from workbench.logs.spans.story import Placed, Story, fill, words
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.messages import Line

_STEPS = frozenset({"llm", "tool", "guardrail", "evaluator", "agent"})


@dataclass
class Dialogue:
    """What the spans of a conversation make."""

    lines: list[Line]
    """Its lines in order."""
    by_span: dict[str, Line]
    """The line that each span led to."""
    by_trace: dict[str, Line]
    """The last reply of each trace."""


def dialogue_of(spans: Iterable[Span]) -> Dialogue:
    """The lines of one conversation from all its spans, in any order."""
    traces: dict[str, list[Span]] = defaultdict(list)
    for span in sorted(spans, key=lambda span: span.began):
        traces[span.trace].append(span)
    story = Story()
    replies: dict[str, Line] = {}
    for trace, own in traces.items():
        tried: list[Span] = []
        for unit in _without_failed_tries(units(own)):
            exchange = _Exchange(story, unit, fresh=not _tries_again(unit, tried))
            if (reply := exchange.append_to_story()) is not None:
                replies[trace] = reply
            tried += exchange.calls
    return Dialogue(story.lines, story.by_span, replies)


def _without_failed_tries(trace: Sequence[Unit]) -> list[Unit]:
    """The units of a trace; a lone model call that failed and was tried again stands beside the call that did better."""
    kept: list[Unit] = []
    failed: list[Span] = []
    for number, unit in enumerate(trace):
        span = unit.under[0]
        following = trace[number + 1].under[0] if number + 1 < len(trace) else None
        is_alone = unit.top is None and len(unit.under) == 1 and not unit.beside
        if is_alone and span.kind == "llm" and span.error and _is_silent(span) and following is not None:
            asks, again = ([words(line.turn) for line in each.input] for each in (span, following))
            if asks and following.kind == "llm" and again[: len(asks)] == asks:
                failed.append(span)
                continue
        unit.beside += failed
        failed = []
        kept.append(unit)
    return kept


def _tries_again(unit: Unit, tried: Sequence[Span]) -> bool:
    """Whether a lone model call asks what an earlier one of its trace asks at the same time, or asked in vain."""
    if unit.top is not None or len(unit.under) != 1:
        return False
    span = unit.under[0]
    asks = [words(line.turn) for line in span.input]
    return any(
        asks == [words(line.turn) for line in earlier.input]
        and (
            earlier.error is not None
            or _is_silent(earlier)
            or (span.start is not None and earlier.end is not None and span.start < earlier.end)
        )
        for earlier in tried
    )


# --- one exchange ---------------------------------------------------------------------------------------------------


class _Exchange:
    """One unit: what was asked, the calls and results in between, the reply."""

    def __init__(self, story: Story, unit: Unit, fresh: bool) -> None:
        self.story = story
        self.unit = unit
        self.top = unit.top
        self.fresh = fresh
        outer = [span for span in unit.under if span.id not in unit.inner]
        self.calls = sorted((s for s in outer if s.kind == "llm"), key=lambda s: s.began)
        self.tools = [span for span in outer if span.kind == "tool"]
        self.searches = [span for span in [*unit.under, *unit.beside] if span.documents]
        talks = any(map(is_talk, self.calls))
        self.asked = [line for line in (self.top.input if self.top else []) if not (line.guess and talks)]
        self.questions = {words(line.turn) for line in self.asked if is_user(line.turn.role)}
        self.main, self.literal = _main_line(self.calls, self.questions)
        self.pending: list[tuple[Span, Line]] = []
        self.shown: set[str] = {self.top.id} if self.top else set()

    def append_to_story(self) -> Line | None:
        """Append the lines of this exchange to the story; its reply, or its last line."""
        story = self.story
        story.begin()
        self._system()
        if self.asked:
            self._mark_asked(story.take(self._question(), whole=True, fresh=self.fresh))
        for span in sorted([*self.calls, *self.tools], key=lambda span: span.began):
            if span.kind == "tool":
                self._tool(span)
            else:
                self._call(span)
        reply = self._reply()
        if reply is not None:
            self._finish(reply)
        return reply or (story.lines[-1] if story.lines else None)

    def _system(self) -> None:
        """The instructions stand once, at the beginning; others later are kept beside the reply."""
        if self.story.lines:
            return
        for source in [*(span.input for span in reversed(self.main)), self.asked]:
            if system := next((line for line in source if is_system(line.turn.role)), None):
                self.story.system = self.story.add(system)
                self.story.begin()
                return

    def _question(self) -> list[Line]:
        """What the top was asked; the history of a single question is what its model heard before it.

        A top that gives back all messages is the whole dialogue: what else its model heard was for the model only.
        """
        first = self.main[0] if self.main and self.literal else None
        if first is None or len(self.asked) > 1 or self._is_whole():
            return self.asked
        return [*first.input[: _last_of(first.input, self.questions)], *self.asked]

    def _is_whole(self) -> bool:
        """Whether the output of the top repeats its questions: then it holds all that belongs to the dialogue."""
        output = {words(line.turn) for line in (self.top.output if self.top else ())}
        return bool(self.questions) and self.questions <= output

    def _mark_asked(self, placed: Sequence[Placed]) -> None:
        """Give the last user line that is new the time at which it was asked; the history before it has none."""
        _asked_at(self.top.start if self.top else self._started(), placed)

    def _started(self) -> datetime | None:
        return min((span.start for span in self.unit.under if span.start), default=None)

    def _call(self, span: Span) -> None:
        """What a model call heard that is new, and what it says; plain words wait, for a later step may replace them."""
        others = {words(line.turn): line for _, line in self.pending}
        if self.asked:
            self.story.take(self._heard(span), others=others)
        elif span in self.main:
            fresh = self.fresh and span is self.main[0]
            began = self._started() if fresh else span.start
            _asked_at(began, self.story.take(span.input, whole=True, fresh=fresh, others=others))
        else:
            self.story.take(_steps_since_user(span.input), others=others)
        self._say(span)

    def _heard(self, span: Span) -> list[Line]:
        """What a model call heard of the exchange of a top: calls and results, and the bot's words that led to them.

        A user line behind the question is for the model only, and words of the bot before it are a draft.
        """
        begins = _last_of(span.input, self.questions) if self.literal and span in self.main else -1
        if begins < 0:
            steps = [line for line in span.input if _is_step(line)]
            recent = {id(line) for line in _steps_since_user(span.input)}
            return [line for line in steps if id(line) in recent or self.story.find(line) or self._answers(line)]
        own = span.input[begins + 1 :]
        drafts = max((number for number, line in enumerate(own) if is_user(line.turn.role)), default=-1)
        if self._is_whole():
            drafts = len(own)
        return [line for number, line in enumerate(own) if _is_step(line) or (number > drafts and not _is_user(line))]

    def _answers(self, line: Line) -> bool:
        """Whether a result answers a call of this exchange."""
        calls = [call for own in self.story.own for call in own.turn.tool_calls]
        return is_tool(line.turn.role) and any(call.id == line.turn.tool_call_id is not None for call in calls)

    def _say(self, span: Span) -> None:
        output = [line for line in span.output if not is_system(line.turn.role)]
        if not output and span.error:
            output = [Line(Turn(0, "assistant", error=span.error))]
        plain = [line for line in output if not _is_step(line)]
        if len(plain) == len(output) > 1:
            output[0].more["choices"] = [line.turn.content for line in output[1:]]
            output = output[:1]
        for line in output:
            _stamp(line, span)
            self.shown.add(span.id)
            if len(plain) == len(output):
                self.pending.append((span, line))
            elif (same := self.story.find(line)) is not None and any(call.id for call in line.turn.tool_calls):
                fill(same, line)
            else:
                self.story.add(line, span)

    def _tool(self, span: Span) -> None:
        """A tool's result; a call that no model is known to have made stands before it."""
        if span.call is None:
            return
        self.shown.add(span.id)
        story, call = self.story, span.call
        result = story.result_of(call)
        made = story.open_call(call)
        if result is None or (made is not None and made.id == call.id and result.turn.latency_ms is not None):
            if made is None:
                made = call
                story.add(Line(Turn(0, "assistant", tool_calls=[made], timestamp=span.start)))
            content = span.result if span.result is not None else span.error or ""
            result = story.add(Line(Turn(0, "tool", content, name=made.name, tool_call_id=made.id)))
        elif result.turn.latency_ms is not None:
            self._try_again(result, span)
        fill(result, Line(Turn(0, "tool", span.result or "", error=span.error)))
        _stamp(result, span)
        story.by_span[span.id] = result

    def _try_again(self, result: Line, span: Span) -> None:
        """A tool that runs once more for the same call: what it gave last counts, the attempt before is a step."""
        turn = result.turn
        attempt = {"kind": "tool", "name": turn.name, "output": turn.content, "error": turn.error}
        result.more.setdefault("attempts", []).append({name: value for name, value in attempt.items() if value})
        if span.result or span.error:
            turn.content, turn.error = span.result or span.error or "", span.error
            turn.timestamp = turn.latency_ms = None

    def _reply(self) -> Line | None:
        """What the user got: the top's output, else the last words of the main line; or the failure."""
        top, story = self.top, self.story
        spoken = [item for item in self.pending if item[0] in self.main or not self.main]
        output = [line for line in (top.output if top else []) if not (line.guess and spoken)]
        others = {words(line.turn): line for _, line in self.pending}
        if len(output) == 1 and top is not None and not _is_step(output[0]):
            line = others.get(words(output[0].turn), output[0])
            if line is output[0]:
                _stamp(line, top)
                line.turn.finish_reason = line.turn.finish_reason or (
                    spoken[-1][1].turn.finish_reason if spoken else None
                )
            if story.find(line) is None:
                story.add(line)
        elif output:
            for placed in story.take(output, whole=self._is_whole(), others=others):
                line = placed.line
                if top is not None and placed.is_new and line is story.lines[-1] and line.turn.timestamp is None:
                    _stamp(line, top)
        elif spoken and not any(line is spoken[-1][1] for line in story.own):
            story.add(spoken[-1][1])
        own = story.own
        if top is not None and top.error and not any(_is_reply(line) for line in own[-1:]):
            own.append(story.add(_stamp(Line(Turn(0, "assistant", error=top.error)), top)))
        return next((line for line in reversed(own) if _is_reply(line)), own[-1] if own else None)

    def _finish(self, reply: Line) -> None:
        """Give the reply what led to it: documents, steps, errors, what else the spans logged."""
        top, lines = self.top, {id(line) for line in self.story.own}
        if top is not None:
            if top.error and not reply.turn.error and _is_reply(reply):
                reply.turn.error = top.error
            self.story.by_span[top.id] = reply
            reply.more = {**top.attributes, **reply.more}
        for span, line in self.pending:
            if id(line) in lines:
                self.story.by_span[span.id] = line
            else:
                self.shown.discard(span.id)
                if _is_reply(reply) and line.turn.content.strip():
                    self.story.reword(line, reply)
        self._give_documents(reply)
        if steps := [_step(span) for span in sorted(self._rest(), key=lambda span: span.began)]:
            reply.more["steps"] = steps
        texts = [line.turn.content for line in (self.main[-1].input if self.main else []) if is_system(line.turn.role)]
        if self.story.system is not None and texts and texts[0] != self.story.system.turn.content:
            reply.more["instructions"] = texts[0]

    def _give_documents(self, reply: Line) -> None:
        """Documents go to the first reply that was finished after they were found."""
        replies = [line for line in self.story.own if _is_reply(line)] or [reply]
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
            if span.id in self.shown or span.documents or self.unit.inner.get(span.id) == "llm":
                continue
            if span.error or (span.kind in _STEPS and (span.output or span.call)):
                yield span


def _is_reply(line: Line) -> bool:
    return is_bot(line.turn.role) and not line.turn.tool_calls


def _is_silent(span: Span) -> bool:
    """Whether a model call gave neither words nor calls."""
    return not any(line.turn.content.strip() or line.turn.tool_calls for line in span.output)


def _is_step(line: Line) -> bool:
    """Whether a line calls a tool, or is what a call returned."""
    return is_tool(line.turn.role) or bool(line.turn.tool_calls)


def _is_user(line: Line) -> bool:
    return is_user(line.turn.role)


def _asked_at(time: datetime | None, placed: Sequence[Placed]) -> None:
    """Give the last user line that is new its time."""
    for each in reversed(placed):
        if each.is_new and _is_user(each.line):
            each.line.turn.timestamp = each.line.turn.timestamp or time
            return


def _steps_since_user(lines: Sequence[Line]) -> list[Line]:
    """The calls and results behind the last user line that any follow."""
    last = max((number for number, line in enumerate(lines) if _is_step(line)), default=-1)
    begins = max((number for number, line in enumerate(lines[: last + 1]) if _is_user(line)), default=-1)
    return [line for line in lines[begins + 1 :] if _is_step(line)]


def _last_of(lines: Sequence[Line], keys: set[Any]) -> int:
    """The last line with one of these wordings, −1 where there is none."""
    return max((number for number, line in enumerate(lines) if words(line.turn) in keys), default=-1)


def _stamp(line: Line, span: Span) -> Line:
    """Give a line the time, the duration and the attributes of the span that said it."""
    turn = line.turn
    turn.timestamp = turn.timestamp or span.end or span.start
    turn.latency_ms = span.latency_ms if turn.latency_ms is None else turn.latency_ms
    turn.error = turn.error or span.error
    line.more = {**span.attributes, **({"model": span.model} if span.model else {}), **line.more}
    return line


def _step(span: Span) -> JsonObject:
    output = [line.turn.content or ", ".join(call.name for call in line.turn.tool_calls) for line in span.output]
    entry = {
        "kind": span.kind,
        "name": span.name or None,
        "arguments": span.call.arguments if span.call else None,
        "output": "\n".join(output) or span.result,
        "latency_ms": span.latency_ms,
        "error": span.error,
    }
    return {name: value for name, value in entry.items() if value is not None}


def _main_line(calls: Sequence[Span], users: set[Any]) -> tuple[list[Span], bool]:
    """The model calls that hold the dialogue, in order of time, and whether they repeat the user's words as they are.

    The call with the longest input ends it; what shares a line with it, before or after, belongs to it.
    """
    heard = {span.id: {words(line.turn) for line in span.input if not is_system(line.turn.role)} for span in calls}
    talking = [span for span in calls if span.input or span.output]
    pool = [span for span in talking if users & heard[span.id]] if users else talking
    literal = bool(pool) and any(span.input for span in pool)
    pool = pool or talking
    if not pool:
        return [], False
    longest = max(pool, key=lambda span: (len(heard[span.id]), span.began))
    main = [longest]
    for span in reversed(talking[: talking.index(longest)]):
        if (heard[span.id] | {words(line.turn) for line in span.output}) & heard[main[0].id]:
            main.insert(0, span)
    for span in talking[talking.index(longest) + 1 :]:
        answers_last = {words(line.turn) for line in main[-1].output} & heard[span.id]
        if answers_last or (_is_silent(main[-1]) and heard[main[-1].id] <= heard[span.id]):  # or tries it again
            main.append(span)
    return main, literal
