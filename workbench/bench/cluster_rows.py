"""The ranked list of clusters as pages, commands and exports see it, masked, joined from evidence and judgement by `Bench`.

Rates are shares of 1, times naive UTC, weeks ISO like 2025-W31 in the pod's time zone; None where the log doesn't say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class WeekRate:
    """One ISO week of a cluster: failures in it among the eligible conversations; Wilson 95 %."""

    week: str
    eligible: int
    failures: int
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Extra:
    """What failures took beyond the successes matched with each, on average."""

    mean: float
    """The mean difference."""
    low: float
    """Its lower 95 % bound."""
    high: float
    """Its upper 95 % bound."""
    pairs: int
    """How many failures were compared."""


@dataclass(frozen=True)
class ClusterRow:
    """One cluster in the ranked list. `failures` of `eligible` similar conversations failed this way (leave one out);
    `low` and `high` bound the rate at 95 % (Wilson). `sentence` is the medoid's own request. Under a filter all of these count
    what passes it; `excess`, `trend`, `escalating` and `stopped` are of the whole data."""

    cluster: str
    kind: str
    name: str
    keywords: list[str]
    sentence: str
    theme: str | None
    bot: str
    size: int
    failures: int
    eligible: int
    failure_rate: float | None
    rate_low: float | None
    rate_high: float | None
    excess: float | None
    trend: str | None
    escalating: bool
    status: str
    severity: str | None
    severity_source: str | None
    signature: str
    root_cause: str | None
    root_cause_source: str | None
    owner: str | None
    first_seen: datetime | None
    last_seen: datetime | None
    examples: list[str]
    weeks: list[WeekRate] = field(default_factory=list)
    """How often it was met in each week, oldest first."""
    last_week: int | None = None
    """Failures in the last complete week of the pod's zone; None without times."""
    users: int | None = None
    """Different users that it hit; None where the log names none."""
    recent: float = 0.0
    """Its failures, weighed down by their age."""
    priority: float = 0.0
    """What it is ranked by; the rule stands in `ranking.priority`."""
    stopped: bool = False
    """Whether it was not seen for longer than its own rhythm makes likely."""
    silence: float = 1.0
    """How likely a silence of this length is."""
    extra_turns: Extra | None = None
    """Turns more than the matched successes, a failure."""
    extra_minutes: Extra | None = None
    """Minutes more than those."""
    extra_handovers: Extra | None = None
    """Hand-overs more than those, as a share of 1."""
    suspected: int = 0
    """Its suspected conversations that pass, which no other figure counts; all that there are where `size` is 0."""
