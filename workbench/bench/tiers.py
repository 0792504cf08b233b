"""How far the tiers can be trusted: of what signals alone make failing or suspected, how much had failed."""

from __future__ import annotations

from typing import cast

from workbench.bench.failure_rows import TierRow
from workbench.evidence.overview_rows import TierOutcomes
from workbench.failures.tiers import Tier
from workbench.stats import wilson
from workbench.text.formatting import count, interval, percent


def tier_row(outcomes: TierOutcomes) -> TierRow:
    """The measured precision of a tier; what people settled and the log says, too, counts once, as people say."""
    low, high = wilson(outcomes.failed, outcomes.known) if outcomes.known else (None, None)
    tier = cast(Tier, outcomes.tier)
    return TierRow(outcomes.bot, tier, outcomes.standing, outcomes.failed, outcomes.known, low, high)


def precision_in_words(row: TierRow) -> str:
    """What became of a tier of one bot, in a sentence."""
    if row.precision is None:
        return (
            f"Nobody has settled any {row.tier} conversation yet, and the log doesn't say how they went: read some to learn how often "
            "this is right."
        )
    return (
        f"Of {count(row.known, f'{row.tier} conversation')} whose end is known, {row.failed:,} had failed: "
        f"{percent(row.precision)} (95 % interval {interval(row.low, row.high)})."
    )
