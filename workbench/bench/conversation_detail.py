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
    """A signal that fired: `position` is the turn (None: the whole conversation), `evidence` the words or values."""

    code: str
    title: str
    family: str
    strength: str
    weight: float
    position: int | None
    evidence: str


@dataclass(frozen=True)
class FailingTurn:
    """A candidate for where to look first; `why` says what it rests on."""

    position: int
    why: str


@dataclass(frozen=True)
class ConversationDetail:
    """One conversation with what was found in it. `verdict` says in a sentence why it counts as failing, or not.

    `reworded` is when an import replaced its words, naive UTC; None where none did.
    `learned` is the learned score, None where it is off; `contributions` is what spoke for it and against, in words with the
    change in log odds.
    """

    conversation: Conversation
    failed: bool
    score: float
    verdict: str
    outcome: str
    outcome_source: str
    signals: list[SignalHit]
    candidates: list[FailingTurn]
    signature: str
    cluster: str | None
    cluster_name: str | None
    label: Label | None
    cluster_label: Label | None
    writes: list[int] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    learned: float | None = None
    contributions: list[tuple[str, float]] = field(default_factory=list)
    reworded: datetime | None = None
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
