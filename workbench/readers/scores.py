"""Scores and annotations of tracing tools: which are a user's feedback, and where the others are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from workbench.readers import normalise
from workbench.readers.span_messages import Line
from workbench.readers.span_story import Told
from workbench.readers.spans import EARLY, Score

_WHO = "(?:end_?)?(?:user|human|customer)_?"
_FEEDBACK = re.compile(
    f"(?:{_WHO})?(?:feedback|rating|vote|thumbs?(?:_?up|_?down)?(?:_?down)?|like|dislike|stars?|csat|satisfaction)(?:_score)?"
    f"|{_WHO}score|feedback_text"
)
_AGAINST = re.compile("(thumbs?_?down|dislike)$")
_GOOD = frozenset("thumbs_up thumb_up up positive good like liked yes true helpful correct 👍 +1 1".split())
_BAD = frozenset(
    "thumbs_down thumb_down down negative bad dislike disliked no false unhelpful incorrect 👎 -1 0".split()
)
_ENDINGS = frozenset({"reward", "outcome", "feedback_score", "feedback_text"})


def apply(scores: Iterable[Score], told: Told, fields: dict[str, Any]) -> None:
    """Write scores to the turns that they judge and to the columns of the conversation.

    A thumb up or down (a score named like feedback, of −1, 0, 1 or such a label; 0 is down, as these tools write it)
    is the turn's feedback, another number under such a name the conversation's `feedback_score`, words are its
    `feedback_text`. Every other score keeps its name, for rules like `fails_when`; of several the last counts, each
    stands beside its turn.
    """
    for score in sorted(scores, key=lambda score: (score.at or EARLY, score.file, score.row)):
        line = told.by_span.get(score.span or "") or told.by_trace.get(score.trace or "")
        name = re.sub("[^a-z0-9]+", "_", score.name.lower()).strip("_")
        if name == "outcome" or name == "reward" or not _FEEDBACK.fullmatch(name):
            _keep(score, line, fields)
        else:
            _feedback(score, name, line, fields)


def _feedback(score: Score, name: str, line: Line | None, fields: dict[str, Any]) -> None:
    vote = _vote(score, name)
    if vote is not None and line is not None:
        line.turn.feedback = vote
    elif score.value is not None or vote is not None:
        fields["feedback_score"] = score.value if score.value is not None else vote
    words = score.text or (score.label if vote is None else None)
    if words:
        fields["feedback_text"] = words


def _vote(score: Score, name: str) -> int | None:
    """1, −1, or None where it is no thumb."""
    label = re.sub(r"[\s-]+", "_", (score.label or "").strip().lower())
    vote = 1 if label in _GOOD else -1 if label in _BAD else None
    if vote is None and score.value in (-1, 0, 1):
        vote = 1 if score.value == 1 else -1
    return -1 if vote == 1 and _AGAINST.search(name) else vote


def _keep(score: Score, line: Line | None, fields: dict[str, Any]) -> None:
    name = score.name
    if name in normalise.CONVERSATION_FIELDS - _ENDINGS:
        name = f"score.{name}"
    value, label = (score.label, None) if score.value is None else (score.value, score.label)
    for key, item in ((name, value), (f"{name}.label", label), (f"{name}.explanation", score.text)):
        if item is not None and item != "":
            fields[key] = item
            if line is not None and name not in _ENDINGS:
                line.more[key] = item
