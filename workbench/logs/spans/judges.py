"""Runs of evaluators: a model, or code, that judges a conversation leaves a trace of its own, which is no conversation.

What such a run says becomes a score of the conversation that it judges: the one that it names, else the one whose question
and reply stand in what it was asked. A run is one where the tool says so, where its topmost step is an evaluator, or where
it answers with a verdict and was asked about the words of another conversation of the same import.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from workbench.conversation.roles import is_bot, is_user
from workbench.logs.spans.spans import EARLY, Score, Span
from workbench.logs.spans.wrappers import decoded
from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonFields

EVALUATOR = "evaluator"
_VERDICTS = ("score", "verdict", "rating", "grade", "passed", "is_correct", "correct")
_VALUES = (*_VERDICTS, "value", "result", "label")
_LABELS = ("label", "verdict", "category", "choice")
_REASONS = ("reasoning", "explanation", "comment", "reason", "rationale", "justification", "feedback")
_NAMES = ("key", "name", "metric", "criterion", "criteria")
_BESIDE = frozenset(
    {*_VALUES, *_LABELS, *_REASONS, *_NAMES, "confidence", "threshold", "evidence", "metadata", "source_run_id"}
)
"""What may stand beside a score in a verdict: an answer with a score of its own is none."""
_WRAPPED = (
    *("output", "result", "results", "evaluation", "feedback", "response", "content", "tool_calls", "function"),
    *("arguments", "args", "kwargs", "message", "generations", "choices", "text", "parts"),
)
_DEPTH = 8
_LEADS = ("target", "evaluated", "judged")
_SIGNS = re.compile(r"[\W_]+")
_SHINGLE = 4
_LATER = timedelta(minutes=1)
_ESCAPES = re.compile(r"(?<!\\)\\++(?:u([0-9a-fA-F]{4})|[nrt])")
_WORDS = re.compile(r"\w+")
NO_VERDICT = "is a run of an evaluator that gives no score: it is no conversation"
NO_TARGET = (
    "is a run of an evaluator that names no trace which it judges (metadata.target_trace_id), and what it was asked holds the "
    "words of no conversation of this import: it is no conversation and is left out. Import it with what it judges"
)


@dataclass
class Run:
    """What an evaluator did: the spans of its trace, and what they say."""

    spans: list[Span]
    """All of its steps."""
    score: Score | None
    """What it says, without whom it judges; None where it says nothing."""
    target: tuple[str | None, str | None]
    """The trace and the span that it names."""
    asked: list[str]
    """The texts that it was asked, for a look at whose words they hold."""
    declared: bool
    """Whether the tool says that this is a run of an evaluator."""


def named_target(*places: Any) -> tuple[str | None, str | None]:
    """The trace and the span that the metadata of a run names as judged: `target_trace_id`, `evaluated.span_id` …"""
    plain: dict[str, Any] = {}
    for place in map(decoded, places):
        inner = decoded(place.get("attributes")) if isinstance(place, Mapping) else None
        for holder in (inner, place):
            plain |= (
                {_SIGNS.sub("", str(name).lower()): value for name, value in holder.items()}
                if isinstance(holder, Mapping)
                else {}
            )
    trace, span = (
        next((text for lead in _LEADS for name in names if (text := normalise.text(plain.get(lead + name)))), None)
        for names in (("traceid",), ("observationid", "spanid", "runid"))
    )
    return trace, span


def look(span: Span, asked: Any, answered: Any, *places: Any) -> None:
    """Note on a span what it says of a conversation, and what it was asked, where its answer is a verdict; `places` are
    where it may name whom it judges."""
    if span.kind == EVALUATOR or span.judge is not None:
        span.target = named_target(*places)
    if answered in (None, "") and span.output:
        turn = span.output[-1].turn
        answered = turn.content or (turn.tool_calls[0].arguments if turn.tool_calls else "")
    if isinstance(answered, str) and ("{" not in answered or not any(name in answered for name in _VERDICTS)):
        return
    span.verdict = verdict(answered)
    if span.verdict is not None:
        span.target = named_target(*places)
        span.prompt = asked if isinstance(asked, str) else normalise.json_text(asked)


def verdict(answered: Any, depth: int = 0) -> JsonFields | None:
    """The object in an answer that gives a score and nothing but what goes with one; None where there is none."""
    value = decoded(answered)
    while isinstance(value, list) and len(value) == 1:
        value = decoded(value[0])
    if not isinstance(value, Mapping) or depth > _DEPTH:
        return None
    scored = any(isinstance(value.get(name), (int, float, str)) and value.get(name) != "" for name in _VERDICTS)
    if scored:
        return value if _BESIDE.issuperset(map(str, value)) else None
    inner = (verdict(value[name], depth + 1) for name in _WRAPPED if name in value)
    return next((each for each in inner if each is not None), None)


def separate(spans: Sequence[Span]) -> tuple[list[Span], list[Run]]:
    """The spans of conversations, and what may be runs of evaluators among them."""
    traces: dict[str, list[Span]] = {
        span.trace: [] for span in spans if span.judge is not None or span.verdict is not None or span.kind == EVALUATOR
    }
    for span in spans if traces else ():
        if span.trace in traces:
            traces[span.trace].append(span)
    runs = [run for own in traces.values() if (run := _run(own)) is not None]
    taken = {span.trace for run in runs for span in run.spans}
    return [span for span in spans if span.trace not in taken], runs


def _run(spans: list[Span]) -> Run | None:
    ids = {span.id for span in spans}
    roots = [span for span in spans if span.parent is None or span.parent not in ids]
    declared = any(span.judge is not None for span in spans) or all(span.kind == EVALUATOR for span in roots)
    judging = sorted((span for span in spans if span.verdict is not None), key=lambda span: span not in roots)
    if not declared and (not judging or judging[0] not in roots):
        return None
    score = _score(judging[0], roots[0], any(span.kind == "llm" for span in spans)) if judging else None
    named = next((span.target for span in spans if span.target != (None, None)), (None, None))
    return Run(spans, score, named, [text for span in spans for text in _asked(span)], declared)


def _asked(span: Span) -> Iterator[str]:
    """The texts of a span in which the words of a conversation may stand; a history has these in messages of their own."""
    yield from (line.turn.content for line in span.input)
    if span.prompt is not None and not any(is_bot(line.turn.role) for line in span.input):
        yield span.prompt


def _score(span: Span, root: Span, by_model: bool) -> Score:
    verdict = span.verdict or {}
    given = next((verdict[name] for name in _VALUES if verdict.get(name) not in (None, "", [], {})), None)
    value = normalise.number(given)
    label = next((text for name in _LABELS if (text := normalise.text(verdict.get(name)))), None)
    reason = next((text for name in _REASONS if (text := normalise.text(verdict.get(name)))), None)
    own = next((str(verdict[name]) for name in _NAMES if isinstance(verdict.get(name), str)), None)
    name = root.judge or span.judge or own or root.name or EVALUATOR
    words_given = normalise.text(given) if value is None else None
    score = Score(span.file, span.row, name, value, label or words_given, reason)
    score.by, score.at = "model" if by_model or root.judge else "code", span.end or root.end
    return score


# --- whom it judges ---------------------------------------------------------------------------------------------------


def words(text: str) -> str:
    """The words of a text, lower case, a space around each; signs and the escapes of JSON are left out."""
    plain = _ESCAPES.sub(lambda match: chr(int(match[1], 16)) if match[1] else " ", text)
    return f" {' '.join(_WORDS.findall(plain.lower()))} "


@dataclass
class Prompts:
    """What evaluators were asked, so that the conversation whose words stand there is found fast."""

    texts: list[str]
    """Each as `words` gives it."""
    _places: dict[int, dict[str, list[int]]] = field(default_factory=dict)

    def holding(self, question: str, reply: str) -> Iterator[int]:
        """The places of those that hold both texts, which are as `words` gives them."""
        longest = max((reply, question), key=len).split()
        size = min(_SHINGLE, len(longest))
        if size == 0:
            return
        if size not in self._places:
            self._places[size] = self._shingled(size)
        for place in self._places[size].get(" ".join(longest[:size]), ()):
            if question in self.texts[place] and reply in self.texts[place]:
                yield place

    def _shingled(self, size: int) -> dict[str, list[int]]:
        places: dict[str, list[int]] = defaultdict(list)
        for place, text in enumerate(self.texts):
            tokens = text.split()
            for shingle in {" ".join(tokens[at : at + size]) for at in range(len(tokens) - size + 1)}:
                places[shingle].append(place)
        return places


def aim(runs: Sequence[Run], spans: Iterable[Span]) -> list[Span | None]:
    """For each run the span whose question and reply it was asked about, the last before it of several; None for none."""
    texts = [(number, words(text)) for number, run in enumerate(runs) for text in run.asked]
    prompts = Prompts([text for _, text in texts])
    best: list[Span | None] = [None] * len(runs)
    for span in spans if texts else ():
        question, reply = exchange(span)
        if reply.strip() and question.strip():
            for place in prompts.holding(question, reply):
                number = texts[place][0]
                best[number] = _nearer(runs[number], best[number], span)
    return best


def exchange(span: Span) -> tuple[str, str]:
    """What the user asked last, and what was replied, as `words` gives them."""
    asked = next((line.turn.content for line in reversed(span.input) if is_user(line.turn.role)), "")
    replied = next((line.turn.content for line in reversed(span.output) if is_bot(line.turn.role)), "")
    return words(asked), words(replied)


def _nearer(run: Run, best: Span | None, span: Span) -> Span | None:
    """The later of two spans, as far as it was there before the run; the topmost of one exchange."""
    began = min((each.start for each in run.spans if each.start is not None), default=None)
    at = span.end or span.start or EARLY
    if began is not None and at > began + _LATER:
        return best
    if best is None or (at, span.parent is None) > (best.end or best.start or EARLY, best.parent is None):
        return span
    return best
