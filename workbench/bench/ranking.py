"""In which order clusters are to be looked at, and which of them have stopped: the two rules, each in one place.

Both go by event time, as the logs have it, never by the time of the import.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.bench.cluster_rows import ClusterRow, Extra
from workbench.evidence.impact import HALF_LIFE, ClusterLifeRecord, PairedDifference
from workbench.stats import student

SEVERITY_WEIGHT = {"S1": 2.0, "S2": 1.5, "S3": 1.0, "S4": 0.75}
"""How much a failure of each severity weighs in the rank: acted wrongly, misinformed, left unserved, friction."""
ESCALATING_WEIGHT = 2.0
"""How much more a cluster weighs that rises by more than chance."""
STOPPED_BELOW = 0.01
"""Below this chance a silence is no accident."""
RULE = (
    "Recent failures first, severe ones before mild ones: each failure counts half for every "
    f"{HALF_LIFE} days before the data's end, times {', '.join(f'{weight:g} for {code}' for code, weight in SEVERITY_WEIGHT.items())}, "
    f"and times {ESCALATING_WEIGHT:g} while the cluster escalates. "
    "Clusters that have stopped come last."
)
"""The rule of `priority`, for people."""
STOPPED_RULE = (
    "Stopped: not seen for so long that its own rhythm makes that an accident of less than 1 in 100, both counted in similar "
    "conversations since and in days."
)
"""The rule of `silence`, for people."""


@dataclass(frozen=True)
class Silence:
    """How long a cluster was not seen, against its own rhythm."""

    chance: float
    """How likely a silence of this length is if the cluster goes on as it did; 1 where that can't be said."""
    stopped: bool
    """Whether it is less likely than `STOPPED_BELOW`."""


def priority(recent: float, severity: str | None, escalating: bool = False) -> float:
    """What a cluster is ranked by: its failures, each weighed down by its age (`ClusterImpactRecord.recent`), times the weight of
    their severity, times that of a rise. The weights are a choice, not measured: small, as a severity is mostly only suggested, so that
    many recent failures go before few grave ones."""
    return recent * SEVERITY_WEIGHT.get(severity or "", 1.0) * (ESCALATING_WEIGHT if escalating else 1.0)


def ranked(rows: Sequence[ClusterRow]) -> list[ClusterRow]:
    """Clusters in the order to look at them: by `priority`, those that have stopped last, of equal ones the larger first."""
    return sorted(rows, key=lambda row: (row.stopped, -round(row.priority, 6), -row.size, row.cluster))


def silence(life: ClusterLifeRecord | None) -> Silence:
    """Whether a cluster has stopped, by the gap after its last sighting (Solow 1993, "Inferring extinction from sighting data").

    If it went on as before, each failure after the first would have been equally likely to fall on any of the conversations that could
    fail this way: that all fall on those up to the last sighting has the chance (up to it / all) ^ (failures - 1). The same holds of the days
    on which it was met: failures that come in bursts are no independent sightings, and the larger of the two chances counts.
    A log that went silent itself proves nothing: without conversations after the last failure the chance is 1.
    """
    if life is None or life.exposure <= 0 or life.span <= 0:
        return Silence(1.0, False)
    by_conversations = _gap(life.exposure - life.exposure_after, life.exposure, life.failures)
    by_days = _gap(max(life.span - life.quiet, 1.0), max(life.span, 1.0), life.days)
    chance = max(by_conversations, by_days)
    return Silence(chance, chance < STOPPED_BELOW)


def extra(difference: PairedDifference, successes: int, *, share: bool = False) -> Extra | None:
    """The mean difference of failures to their matched successes with its 95 % interval (Student 1908); None below three pairs.

    Successes that several failures are compared with count once: the interval is that of as many pairs as there are successes, where
    these are fewer. Where no two pairs differ nothing says how much they vary: None, and for a `share`, which stays within -1 and 1, the
    bounds of the rule of three (Hanley and Lippman-Hand 1983).
    """
    pairs = min(difference.pairs, successes)
    if difference.mean is None or difference.deviation is None or pairs < 3:
        return None
    half = student(0.95, pairs - 1) * difference.deviation / math.sqrt(pairs)
    if half == 0 and not share:
        return None
    half = half or 3 / pairs
    low, high = difference.mean - half, difference.mean + half
    if share:
        low, high = max(low, -1.0), min(high, 1.0)
    return Extra(difference.mean, low, high, difference.pairs)


def _gap(up_to_last: float, total: float, sightings: int) -> float:
    return 1.0 if sightings < 2 else float((up_to_last / total) ** (sightings - 1))
