"""The tables of a snapshot that hold what the analysis found in each conversation: a dataclass a table, its Arrow schema derived from it.

Texts are raw: whoever shows them masks them. Positions of turns count from 0, None is what the log or the analysis doesn't say.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.embedding.vectors import Vectors
from workbench.evidence.schema import Table


@dataclass(frozen=True)
class CandidateTurn:
    """A turn where to look first."""

    position: int
    """The turn."""
    why: str
    """What it rests on."""


@dataclass(frozen=True)
class FeatureWeight:
    """What a feature changes in a learned score."""

    feature: str
    """The feature's name, as `failures.facets` names it."""
    weight: float
    """The change in log odds."""


@dataclass(frozen=True)
class CalibrationBin:
    """Held-out conversations of about the same probability."""

    said: float
    """The mean of the probabilities."""
    total: int
    """How many conversations."""
    failed: int
    """How many of them failed."""


@dataclass(frozen=True)
class AnalysisRecord(Table):
    """What was found in one conversation."""

    key: str
    """The conversation."""
    failed: bool
    """Whether it counts as failing."""
    score: float
    """How much speaks for that."""
    verdict: str
    """Why it counts so, in a sentence."""
    outcome: str
    """How it ended, "unknown" where neither log nor conversation tell."""
    outcome_source: str
    """Where that is from."""
    failing_turn: int | None
    """The turn where it most likely went wrong."""
    candidates: tuple[CandidateTurn, ...]
    """Turns to look at, the likeliest first."""
    signature: str
    """How it failed, in a line."""
    mechanical_key: str | None
    """The fault that groups it by itself, e.g. a tool's error."""
    facts: tuple[str, ...]
    """What was observed, by which failures are compared."""
    severity: str | None
    """The severity that is suggested."""
    writes: tuple[int, ...]
    """Turns whose calls changed something."""
    request: str
    """What was asked."""
    passage: str
    """What was said where it failed."""
    reply: str
    """What the bot answered there."""
    codes: tuple[str, ...]
    """The signals that fired, sorted."""
    logged: bool | None
    """Whether the log itself says that it failed."""
    learned: float | None = None
    """The learned score, 0 to 1; None where it is off."""
    spoke: tuple[FeatureWeight, ...] = ()
    """What spoke for that score and against, strongest first."""
    last_good: str | None = None
    """The last good state before it failed; None where it is fine."""
    first_failing: str | None = None
    """The first state that failed."""
    suspected: bool = False
    """Whether medium evidence speaks for a failure that nobody settled."""
    signs: str | None = None
    """What its signals alone make of it: failing, suspected, or nothing."""


@dataclass(frozen=True)
class SilencedRecord(Table):
    """A signal that would have fired in a conversation, but is switched off."""

    key: str
    """The conversation."""
    code: str
    """The signal."""


@dataclass(frozen=True)
class LearnedRecord(Table):
    """What one bot's learned score is worth, held out; empty beyond `groups` where it is off."""

    bot: str
    """The bot."""
    failing: int
    """Labels that say failing."""
    fine: int
    """Labels that say fine."""
    groups: int
    """Groups of conversations that stand on one side of a test together."""
    auc: float | None
    """Area under the ROC curve."""
    auc_low: float | None
    """Its lower 95 % bound, by resampling groups."""
    auc_high: float | None
    """Its upper 95 % bound."""
    length_auc: float | None
    """The area of the number of turns alone."""
    brier: float | None
    """Mean squared error of the probability."""
    base_brier: float | None
    """That of always saying the bot's rate."""
    bins: tuple[CalibrationBin, ...]
    """How well the probabilities are calibrated."""
    weights: tuple[FeatureWeight, ...]
    """What each feature is worth."""
    lead: float | None = None
    """By how much the area is above that of the number of turns."""
    lead_low: float | None = None
    """The lower 95 % bound of that."""
    lead_high: float | None = None
    """The upper one."""
    by_length: bool = False
    """Whether the length orders, as what was learned is no better."""
    few: bool = False
    """Whether it was learned from few labels, with what carries over from other bots."""


@dataclass(frozen=True)
class SignalRecord(Table):
    """A signal that fired in a conversation."""

    key: str
    """The conversation."""
    code: str
    """The signal."""
    family: str
    """What it belongs to."""
    strength: str
    """weak, medium or strong."""
    weight: float
    """What it adds to the score."""
    position: int | None
    """The turn; None: the whole conversation."""
    evidence: str
    """The words or values that it rests on."""


@dataclass(frozen=True)
class PlaceRecord(Table):
    """Where a failure stands on the map."""

    key: str
    """The conversation."""
    x: float
    """From left to right."""
    y: float
    """From bottom to top."""


@dataclass(frozen=True)
class VectorRecord(Table):
    """A conversation's vector: of what was asked, or, compressed, of how it failed."""

    key: str
    """The conversation."""
    vector: Vectors
    """Of unit length, (d,)."""
