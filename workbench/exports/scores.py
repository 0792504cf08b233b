"""What is said of a conversation as scores that any tracing tool can hold: a name with a number or a label, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.bench.score_rows import ScoreRow

PREFIX = "triage."
_PERSON = frozenset({"person", "cluster"})


@dataclass(frozen=True)
class NamedScore:
    """One score of one conversation: a number or a label."""

    name: str
    """What it is about: `triage.root_cause`."""
    value: float | None
    """Its number."""
    label: str | None
    """Its category."""
    explanation: str | None
    """Why, masked."""
    by: str
    """person, or code where the workbench says it."""
    is_yes_or_no: bool = False
    """Whether the number is 1 for yes and 0 for no."""


def scores_of(row: ScoreRow) -> Iterator[NamedScore]:
    """What a row says, what it does not say left out."""
    yield NamedScore(f"{PREFIX}failed", float(row.failed), None, None, _by(row.failed_source), is_yes_or_no=True)
    if row.failing_turn is not None:
        yield NamedScore(f"{PREFIX}failing_turn", float(row.failing_turn), None, None, "code")
    labels = (
        ("root_cause", row.root_cause, row.note, _by(row.root_cause_source)),
        ("severity", row.severity, None, _by(row.severity_source)),
        ("cluster", row.cluster, row.cluster_name, "code"),
        ("ticket", row.ticket, None, "person"),
    )
    for name, label, why, by in labels:
        if label is not None:
            yield NamedScore(f"{PREFIX}{name}", None, label, why, by)


def score_id(row: ScoreRow, score: NamedScore) -> str:
    """32 hex digits, the same at every export, so that a tool replaces what it holds and adds nothing."""
    text = "\0".join([row.bot, row.conversation_id, score.name])
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _by(source: str | None) -> str:
    return "person" if source in _PERSON else "code"
