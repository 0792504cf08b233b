"""Two releases of a bot beside each other, over the time in which both ran where there is such a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from workbench.bench.bench import Bench
from workbench.bench.filter import Filter
from workbench.errors import UserError
from workbench.evidence.impact import ScopeTotals
from workbench.reports.share import Share
from workbench.reports.transitions import LEVEL, Matrix, matrix
from workbench.stats import benjamini_hochberg, compared_shares

ENOUGH = 20
"""Conversations that each of two releases needs in the time in which both ran, for that time to be compared."""


@dataclass(frozen=True)
class Difference:
    """One share in two releases."""

    what: str
    """What it is a share of, in words; for a cluster its name."""
    here: Share
    """In the first release."""
    there: Share
    """In the second."""
    p: float
    """How likely such a difference is by chance, uncorrected."""
    stands: bool
    """Whether it stands among all that was compared with it."""
    cluster: str = ""
    """The cluster, where it is one."""


@dataclass(frozen=True)
class Comparison:
    """Two releases of a bot."""

    bot: str
    """The bot."""
    here: str
    """The one."""
    there: str
    """The other."""
    between: tuple[datetime, datetime] | None
    """The time in which both ran, where that is what is compared; None: the whole time of each."""
    totals: tuple[ScopeTotals, ScopeTotals]
    """How much of each is compared."""
    figures: list[Difference]
    """Failing and contained."""
    clusters: list[Difference]
    """Each cluster's rate, the least likely difference first."""
    matrix: Matrix
    """The transitions of the first, compared with those of the second."""
    filter: Filter
    """What of the first release is compared."""


def compare_releases(bench: Bench, bot: str, here: str, there: str) -> Comparison:
    """Compare two releases of a bot; `UserError` for one that the snapshot does not hold, or twice the same."""
    if here == there:
        raise UserError("Pick two different releases to compare.")
    spans = []
    releases = next((record.releases for record in bench.evidence.bots() if record.bot == bot), [])
    for release in (here, there):
        if release not in releases:
            raise UserError(f"The bot {bot!r} has no release {release!r}. It has: {', '.join(releases) or 'none'}.")
        spans.append(bench.evidence.release_span(bot, release))
    whole = [Filter(bot=(bot,), release=(release,)) for release in (here, there)]
    both = _both_ran(*spans)
    filters = whole
    if both is not None:
        moments = both[0].isoformat(), (both[1] + timedelta(seconds=1)).isoformat()
        filters = [Filter(bot=(bot,), release=(release,), between=moments) for release in (here, there)]
        if min(bench.scope(each).analysed for each in filters) < ENOUGH:
            both, filters = None, whole
    first, second = bench.scope(filters[0]), bench.scope(filters[1])
    pairs = [
        ("Failing", "", Share(first.failures, first.analysed), Share(second.failures, second.analysed)),
        ("Contained", "", Share(first.contained, first.known), Share(second.contained, second.known)),
    ]
    return Comparison(
        bot,
        here,
        there,
        both,
        (first, second),
        _differences(pairs),
        _clusters(bench, filters[0], filters[1]),
        matrix(bench, filters[0], filters[1]),
        filters[0],
    )


def _both_ran(
    here: tuple[datetime, datetime] | None, there: tuple[datetime, datetime] | None
) -> tuple[datetime, datetime] | None:
    """The time from the later beginning to the earlier end; None where that is none."""
    if here is None or there is None:
        return None
    begins, ends = max(here[0], there[0]), min(here[1], there[1])
    return (begins, ends) if begins < ends else None


def _clusters(bench: Bench, here: Filter, there: Filter) -> list[Difference]:
    """The rate of each cluster in the two releases among similar requests, the least likely differences first."""
    first, second = _rates(bench, here), _rates(bench, there)
    names = {row.cluster: row.name for row in bench.clusters(Filter(bot=here.bot))}
    pairs = [
        (name, cluster, first.get(cluster, Share(0, 0)), second.get(cluster, Share(0, 0)))
        for cluster, name in names.items()
        if cluster in first or cluster in second
    ]
    return sorted(_differences(pairs), key=lambda difference: (difference.p, difference.cluster))


def _rates(bench: Bench, filter: Filter) -> dict[str, Share]:
    """Of each cluster the failures among the similar requests that pass a filter."""
    counts: dict[str, Share] = {}
    for week in bench.evidence.cluster_week_rates(filter):
        before = counts.get(week.cluster, Share(0, 0))
        counts[week.cluster] = Share(before.hits + week.failures, before.total + week.eligible)
    return counts


def _differences(pairs: list[tuple[str, str, Share, Share]]) -> list[Difference]:
    tests = [compared_shares(here.hits, here.total, there.hits, there.total)[1] for _, _, here, there in pairs]
    stand = benjamini_hochberg(tests, LEVEL)
    return [
        Difference(what, here, there, p, stands, cluster)
        for (what, cluster, here, there), p, stands in zip(pairs, tests, stand, strict=True)
    ]
