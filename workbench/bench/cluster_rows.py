"""The ranked list of clusters as pages, commands and exports see it, masked, joined from evidence and judgement by `Bench`.

Rates are shares of 1, times naive UTC, weeks ISO like 2025-W31 in the pod's time zone; None where the log doesn't say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class WeekRate:
    """One ISO week of a cluster."""

    week: str
    """Like 2025-W31."""
    eligible: int
    """Conversations in it that could have failed this way."""
    failures: int
    """Those of them that did."""
    rate: float | None
    """`failures` of `eligible`, 0 to 1; None where none is eligible."""
    low: float | None
    """The rate's lower 95 % bound (Wilson); None where there is no rate."""
    high: float | None
    """The rate's upper 95 % bound."""


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
    """One cluster in the ranked list. Under a filter its counts and rates are of what passes it; `excess`, `trend`, `escalating` and `stopped` are of the whole data."""

    cluster: str
    """Its id, like FC-0001."""
    kind: str
    """mechanical (the same fault) or topical (the same request, failing alike)."""
    name: str
    """What was observed in it, never the cause; masked."""
    keywords: list[str]
    """Words that part its requests from the bot's others."""
    sentence: str
    """How the request of its most typical member begins; masked."""
    theme: str | None
    """The group of clusters that it is in; None for one by itself."""
    bot: str
    """Whose failures they are."""
    size: int
    """Its failing conversations."""
    failures: int
    """Those of them among `eligible`."""
    eligible: int
    """Conversations that could have failed this way: those with a similar request, or all of the bot for a mechanical fault."""
    failure_rate: float | None
    """`failures` of `eligible`, 0 to 1; None where none is eligible."""
    rate_low: float | None
    """The rate's lower 95 % bound (Wilson)."""
    rate_high: float | None
    """The rate's upper 95 % bound."""
    excess: float | None
    """The rate less the failure rate of the bot's other conversations that went the same way, -1 to 1; None without either."""
    trend: str | None
    """rising, falling, flat or new: the last complete week against the four before."""
    escalating: bool
    """Whether the last complete week is above the four before by more than chance makes likely."""
    status: str
    """Where it is in its life: one of `overlay.STATUSES`."""
    severity: str | None
    """S1 to S4, as a person said, else as suggested."""
    severity_source: str | None
    """person or suggested; None where there is no severity."""
    signature: str
    """How its members failed, in a line; masked."""
    root_cause: str | None
    """A code of the taxonomy, said or suggested."""
    root_cause_source: str | None
    """person or suggested; None where there is no cause."""
    owner: str | None
    """Who answers for it; None where nobody does."""
    first_seen: datetime | None
    """When its first failure began."""
    last_seen: datetime | None
    """When its latest failure began."""
    examples: list[str]
    """Ids, as logged, of its most typical member and of others far from it."""
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
