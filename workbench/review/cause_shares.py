"""How frequent each root cause is among a bot's conversations, corrected for labels that err.

Members inherit their cluster's label: that is an instrument, right for most of them and wrong for some, and blind to what no cluster
holds. Conversations of which a person said what they are, or that a reader found fine, correct it (`prevalence`); not those that were
read because a reading list picked them for what is in them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from workbench.bench.bench import Bench
from workbench.evidence.filter import FailureFilter
from workbench.judgement.verdicts import agreed_verdict, picked
from workbench.review.estimate import Interval, Stratum
from workbench.review.label_check import code_of
from workbench.review.prevalence import Counted, Plan, half_width, more_reading, prevalence

AIM = 0.02
"""Half the width that an interval of a cause's share shall have."""


@dataclass(frozen=True)
class CauseShare:
    """A root cause among a bot's conversations."""

    cause: str
    """Its code."""
    counted: Counted
    """Conversations that inherit it and the others, and of the read ones those of which people say it."""
    share: Interval | None
    """The share of all conversations, corrected; None until some that inherit it and some that don't were read."""
    more: Plan
    """What to read more for ± `AIM`."""

    @property
    def inherited(self) -> float:
        """The share that inherits it, uncorrected."""
        return self.counted.yes.population / max(self.counted.population, 1)

    @property
    def advice(self) -> str:
        """What to read, in one sentence."""
        if self.share is not None and half_width(self.share) <= AIM:
            return "Enough was read."
        return (
            f"Read {self.more.yes} more that inherit it and {self.more.no} more of the others for ± {100 * AIM:.0f} points."
            if self.more.total
            else "All there is was read."
        )


def cause_shares(bench: Bench, bot: str) -> list[CauseShare]:
    """Every cause that clusters of a bot or its conversations were given, the most frequently inherited first."""
    labels, verdicts = bench.judgement.labels.all(), bench.judgement.verdicts.all()
    everyone = bench.evidence.flags(bot)
    inherited: dict[str, str] = {}
    for row in bench.evidence.failures(FailureFilter(bot=(bot,))):
        if row.cluster and (code := code_of(labels.get(("cluster", row.cluster)))):
            inherited[row.key] = code
    chosen = {key for key, readings in verdicts.items() if picked(readings)}
    truth = {
        target: code
        for (kind, target), label in labels.items()
        if kind == "conversation" and target in everyone and target not in chosen and (code := code_of(label))
    }
    truth |= {
        key: ""
        for key, readings in verdicts.items()
        if key in everyone and key not in truth and key not in chosen and agreed_verdict(readings) == "fine"
    }
    totals, causes = Counter(inherited.values()), {*inherited.values(), *truth.values()} - {""}
    return [
        _share(cause, len(everyone), inherited, truth)
        for cause in sorted(causes, key=lambda cause: (-totals[cause], cause))
    ]


def _share(cause: str, population: int, inherited: dict[str, str], truth: dict[str, str]) -> CauseShare:
    yes = sum(code == cause for code in inherited.values())
    read_yes = [key for key in truth if inherited.get(key) == cause]
    read_no = [key for key in truth if inherited.get(key) != cause]
    counted = Counted(
        Stratum(yes, len(read_yes), sum(truth[key] == cause for key in read_yes)),
        Stratum(population - yes, len(read_no), sum(truth[key] == cause for key in read_no)),
    )
    return CauseShare(cause, counted, prevalence(counted), more_reading(counted, AIM))
