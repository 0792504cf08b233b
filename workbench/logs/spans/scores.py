"""Scores and annotations of tracing tools: which are a user's feedback, and where the others are kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from workbench.conversation.model import Evaluation
from workbench.logs.spans.dialogue import Dialogue
from workbench.logs.spans.spans import EARLY, Score
from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.messages import Line

_WHO = "(?:end_?)?(?:user|human|customer)_?"
_VOTES = "feedback|vote|thumbs?(?:_?up|_?down)?(?:_?down)?|like|dislike"
_RATINGS = "rating|stars?|csat|satisfaction"
_FEEDBACK = re.compile(f"(?:{_WHO})?(?:{_VOTES}|{_RATINGS})(?:_?(?:{_RATINGS}))?(?:_?score)?|{_WHO}score|feedback_text")
_RATED = re.compile(f"(?:{_RATINGS}|score)(?:_|$)")
_AGAINST = re.compile("(thumbs?_?down|dislike)$")
_GOOD = frozenset("thumbs_up thumb_up up positive good like liked yes true helpful correct 👍".split())
_BAD = frozenset("thumbs_down thumb_down down negative bad dislike disliked no false unhelpful incorrect 👎".split())
_ENDINGS = frozenset({"reward", "outcome", "feedback_score", "feedback_text"})


def apply(scores: Iterable[Score], dialogue: Dialogue, fields: JsonObject, graded: Collection[str] = ()) -> None:
    """Write scores to the turns that they judge and to the columns of the conversation.

    A thumb up or down is the turn's feedback: a label that says so, or −1, 0 or 1 (0 is down, as these tools write it)
    under a name like feedback, vote, thumbs or like. A rating (also stars, csat, satisfaction, …_score) is a number of
    the conversation's `feedback_score` whatever its value, since one star is no thumb up; and so is what stands under
    a name of `graded`. Words are its `feedback_text`. Every other score keeps its name, for rules like `fails_when`; of
    several the last counts, each stands beside its turn.
    """
    for score in sorted(scores, key=lambda score: (score.at or EARLY, score.file, score.row)):
        line = dialogue.by_span.get(score.span or "") or dialogue.by_trace.get(score.trace or "")
        name = _plain(score.name)
        if name == "outcome" or name == "reward" or not _FEEDBACK.fullmatch(name):
            _keep(score, line, fields)
        else:
            _feedback(score, name, line, fields, name in graded or _RATED.search(name) is not None)


def evaluations(scores: Iterable[Score], dialogue: Dialogue) -> list[Evaluation]:
    """Scores as results of evaluators, in order of time, with the turn that each judges."""
    places = {id(line): place for place, line in enumerate(dialogue.lines)}
    ordered = sorted(scores, key=lambda score: (score.at or EARLY, score.file, score.row))
    judged = [dialogue.by_span.get(score.span or "") or dialogue.by_trace.get(score.trace or "") for score in ordered]
    return [
        Evaluation(
            score.name, score.value, score.label, score.text, _judge(score), None if line is None else places[id(line)]
        )
        for score, line in zip(ordered, judged, strict=True)
    ]


def _judge(score: Score) -> str | None:
    """Who judged. What users say comes by an API, too."""
    says_user = score.by in (None, "code") and _FEEDBACK.fullmatch(_plain(score.name)) is not None
    return "person" if says_user else score.by


def graded(scores: Iterable[Score]) -> set[str]:
    """The names under which one of these scores has a value that is no vote: there 1 is a grade, too."""
    return {_plain(score.name) for score in scores if (value := _number(score)) is not None and value not in (-1, 0, 1)}


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")


def _number(score: Score) -> float | None:
    """Its value; some tools write it as a label."""
    return normalise.number(score.label) if score.value is None else score.value


def _feedback(score: Score, name: str, line: Line | None, fields: JsonObject, is_rating: bool) -> None:
    number = _number(score)
    vote = _vote(score, name, None if is_rating else number)
    if vote is not None and line is not None:
        line.turn.feedback = vote
    elif number is not None or vote is not None:
        fields["feedback_score"] = number if number is not None else vote
        if line is not None:
            line.more[score.name] = fields["feedback_score"]
    words = score.text or (score.label if vote is None and normalise.number(score.label) is None else None)
    if words:
        fields["feedback_text"] = words


def _vote(score: Score, name: str, number: float | None) -> int | None:
    """1, −1, or None where it is no thumb."""
    label = re.sub(r"[\s-]+", "_", (score.label or "").strip().lower())
    vote = 1 if label in _GOOD else -1 if label in _BAD else None
    if vote is None and number in (-1, 0, 1):
        vote = 1 if number == 1 else -1
    return -1 if vote == 1 and _AGAINST.search(name) else vote


def _keep(score: Score, line: Line | None, fields: JsonObject) -> None:
    name = score.name
    if name in normalise.CONVERSATION_FIELDS - _ENDINGS:
        name = f"score.{name}"
    value, label = (score.label, None) if score.value is None else (score.value, score.label)
    for key, item in ((name, value), (f"{name}.label", label), (f"{name}.explanation", score.text)):
        if item is not None and item != "":
            fields[key] = item
            if line is not None and name not in _ENDINGS:
                line.more[key] = item
