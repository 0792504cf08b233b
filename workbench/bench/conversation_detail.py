"""One conversation with all that its page shows of it, masked, joined from evidence and judgement by `Bench`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from workbench.conversation import Conversation
from workbench.conversation.transcript import Folds, folds
from workbench.failures.tiers import Tier
from workbench.judgement.effective_label import is_outdated
from workbench.judgement.records.labels import Label
from workbench.judgement.records.reading import Verdict


@dataclass(frozen=True)
class SignalHit:
    """A signal that fired in a conversation."""

    code: str
    """The signal."""
    title: str
    """What it is called on pages."""
    family: str
    """The group of signals that it belongs to."""
    strength: str
    """strong, medium, weak, or shown where it counts nothing."""
    weight: float
    """What it adds to the score."""
    position: int | None
    """The turn where it fired; None: the whole conversation."""
    evidence: str
    """The words or values that it rests on; masked."""


@dataclass(frozen=True)
class FailingTurn:
    """A candidate for where to look first."""

    position: int
    """The turn."""
    why: str
    """What it rests on, in words; masked."""


@dataclass(frozen=True)
class ConversationDetail:
    """One conversation with what was found in it and said of it."""

    conversation: Conversation
    """It, masked."""
    failed: bool
    """Whether it counts as failing."""
    score: float
    """The weights of its signals added up; no probability."""
    verdict: str
    """Why it counts as failing or not, in a sentence; masked."""
    outcome: str
    """How it ended: one of `OUTCOMES`."""
    outcome_source: str
    """Where that is from, in words."""
    signals: list[SignalHit]
    """Those that fired, in the order of turns."""
    candidates: list[FailingTurn]
    """Up to three turns to look at first, the likeliest first; none where it is fine."""
    signature: str
    """How it went without the topic, in a line; masked."""
    cluster: str | None
    """Its cluster; None where it is in none."""
    cluster_name: str | None
    """What that is called."""
    label: Label | None
    """What a person said of this conversation itself."""
    cluster_label: Label | None
    """What a person said of its cluster."""
    writes: list[int] = field(default_factory=list)
    """Turns whose calls changed something."""
    verdicts: list[Verdict] = field(default_factory=list)
    """How each of its readers judged it."""
    learned: float | None = None
    """Its learned score, 0 to 1; None where that is off."""
    contributions: list[tuple[str, float]] = field(default_factory=list)
    """What spoke for that score and against, in words, with the change in log odds; strongest first."""
    reworded: datetime | None = None
    """When an import replaced its words, naive UTC; None where none did."""
    tier: Tier | None = None
    """Whether it fails or is suspected; None: it counts as fine."""
    folded: Folds | None = None
    """Its turns as they are read; None: they are folded when somebody asks."""

    @cached_property
    def folds(self) -> Folds:
        """Its turns as they are read."""
        return folds(self.conversation) if self.folded is None else self.folded

    @property
    def outdated(self) -> list[str]:
        """What people said of the words that stood before: `label` and `verdict of NAME`."""
        label = ["label"] if self.label and is_outdated(self.label.decided_at or self.label.at, self.reworded) else []
        return label + [f"verdict of {each.reader}" for each in self.verdicts if is_outdated(each.at, self.reworded)]
