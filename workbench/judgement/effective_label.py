"""Which label counts for a conversation: its own, its cluster's, or some of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from workbench.judgement.records.labels import Label

SOURCES = {"conversation": "person", "cluster": "cluster"}
"""Where a conversation has its root cause from, by what the label that counts was said of."""

OUTDATED = "outdated"
"""Where it has it from where a person said it before the conversation's words were replaced by others."""


def is_outdated(said_at: datetime, reworded_at: datetime | None) -> bool:
    """Whether something was said of words that have been replaced since; times naive UTC."""
    return reworded_at is not None and said_at < reworded_at


def effective_label(labels: Mapping[tuple[str, str], Label], key: str, cluster: str | None) -> Label | None:
    """The label that counts for a conversation: its own, where that says what it is, else its cluster's.

    A severity or a note of its own takes the place of the cluster's, and hides no cause that was said of the cluster.
    """
    own = labels.get(("conversation", key))
    inherited = labels.get(("cluster", cluster)) if cluster else None
    if own is None or inherited is None or own.decides:
        return own or inherited
    base = inherited if inherited.decides else own
    return replace(base, severity=own.severity or inherited.severity, note=own.note or inherited.note)


def describe_label(label: Label) -> str:
    """What a label says, on one line of codes: "tool-fault (also loop), S2, “times out”, by Ana"."""
    also = f"(also {', '.join(label.contributing)})" if label.contributing else ""
    cause = " ".join(part for part in (label.cause, also) if part)
    note = f"“{' '.join(label.note.split())}”" if label.note else ""
    return ", ".join(part for part in (cause, label.disposition, label.severity, note, f"by {label.by}") if part)
