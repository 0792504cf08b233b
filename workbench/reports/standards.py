"""Standards: the same cause in several bots is a pattern, and a fix that was verified in one may mend the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.judgement.records.tickets import Ticket
from workbench.text.masking import mask
from workbench.tickets.frozen_evidence import read_evidence

HELD, FELL_BACK = "verified", "did not hold"
"""What became of a fix that was judged."""
_VERDICTS = {"verified": HELD, "not-fixed": FELL_BACK, "regressed": FELL_BACK}


@dataclass(frozen=True)
class JudgedRemedy:
    """A fix that was judged, and what was done."""

    ticket: str
    """Like FIX-0001."""
    title: str
    """Its title, masked."""
    bots: list[str]
    """The bots that it was for."""
    clusters: list[str]
    """The FC-ids that it was for."""
    verdict: str
    """`HELD` or `FELL_BACK`."""
    before: tuple[int, int] | None
    """Failures and similar requests before it, as the verdict counted them; None where its figures were not kept."""
    after: tuple[int, int] | None
    """The same after it."""
    shipped: str
    """With which release or from which day on, masked."""
    remedy: str
    """What was done, masked; empty where nobody said."""


@dataclass(frozen=True)
class Standard:
    """A cause that people found in several bots."""

    cause: str
    """The taxonomy's code."""
    title: str
    """What the pod calls it."""
    clusters: list[ClusterRow]
    """Those that people gave it to, the largest first."""
    remedies: list[JudgedRemedy]
    """The fixes for it that were judged, those that held first."""

    @property
    def bots(self) -> list[str]:
        """The bots in which it was found, by name."""
        return sorted({row.bot for row in self.clusters})

    @property
    def failures(self) -> int:
        """The failures in its clusters."""
        return sum(row.size for row in self.clusters)

    @property
    def waiting(self) -> list[ClusterRow]:
        """Its clusters without a fix that is out."""
        return [row for row in self.clusters if row.status in ("triaged", "fixing", "not-fixed", "regressed")]


def standards(bench: Bench) -> list[Standard]:
    """The causes that people gave to clusters of two bots or more: those with a fix that held and a cluster that waits first."""
    return bench.remember("standards", lambda: _standards(bench))


def remedies_elsewhere(bench: Bench, row: ClusterRow) -> list[JudgedRemedy]:
    """The judged fixes of other clusters with this one's cause, said or suggested: those that held first, then those of other bots."""
    if row.root_cause is None:
        return []
    judged = [fix for fix in _judged(bench).get(row.root_cause, []) if row.cluster not in fix.clusters]
    return sorted(judged, key=lambda fix: (fix.verdict != HELD, row.bot in fix.bots, fix.ticket))


def _standards(bench: Bench) -> list[Standard]:
    taxonomy, judged = bench.causes.taxonomy(), _judged(bench)
    by_cause: dict[str, list[ClusterRow]] = {}
    for row in bench.clusters():
        if row.root_cause and row.root_cause_source == "person":
            by_cause.setdefault(row.root_cause, []).append(row)
    listed = [
        Standard(cause, taxonomy.title(cause), sorted(rows, key=lambda row: -row.size), judged.get(cause, []))
        for cause, rows in by_cause.items()
    ]
    return sorted((each for each in listed if len(each.bots) > 1), key=_order)


def _order(standard: Standard) -> tuple[bool, int, str]:
    held = any(fix.verdict == HELD for fix in standard.remedies)
    return not (held and standard.waiting), -standard.failures, standard.cause


def _judged(bench: Bench) -> dict[str, list[JudgedRemedy]]:
    """The judged fixes by the cause that their ticket has."""
    by_cause: dict[str, list[JudgedRemedy]] = {}
    for ticket in bench.tickets.all():
        if ticket.cause and ticket.status in _VERDICTS:
            by_cause.setdefault(ticket.cause, []).append(_remedy(ticket))
    return {cause: _held_first(fixes) for cause, fixes in by_cause.items()}


def _held_first(fixes: Sequence[JudgedRemedy]) -> list[JudgedRemedy]:
    return sorted(fixes, key=lambda fix: (fix.verdict != HELD, fix.ticket))


def _remedy(ticket: Ticket) -> JudgedRemedy:
    figures, evidence = ticket.verdict, read_evidence(ticket.evidence)
    return JudgedRemedy(
        ticket.ticket,
        mask(ticket.title),
        list(dict.fromkeys(cluster.bot for cluster in evidence.clusters)),
        ticket.clusters,
        _VERDICTS[ticket.status],
        (figures.failures_before, figures.eligible_before) if figures else None,
        (figures.failures_after, figures.eligible_after) if figures else None,
        mask(" · ".join(str(part) for part in (ticket.fixed_release, ticket.fixed_date) if part)),
        mask(ticket.remedy),
    )
