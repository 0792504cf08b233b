"""What came with a cluster's failures: releases, models, prompts, tools, documents, channels. Correlation, not cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.failures.cases import Marks
from workbench.failures.circumstances import CHANGES, KINDS, Circumstance
from workbench.stats import benjamini_hochberg, two_proportions

SUPPORT = 5
"""A value is tested where it covers at least as many eligible conversations, and not all of them."""
ONSET_LEVEL = 0.01
WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Scope:
    """A cluster to find suspects for, by rows of its bot's conversations."""

    cluster: str
    """Its id."""
    eligible: Sequence[int]
    """Rows of the conversations that could have been members."""
    members: Sequence[int]
    """Rows of the members."""
    tool: str | None = None
    """The tool whose error the cluster is: calling it is what the failure is, so only conversations that call it can tell
    what came with the error."""


@dataclass(frozen=True)
class Suspect:
    """A circumstance, and how frequent a cluster's failures are under it and elsewhere among its eligible conversations."""

    cluster: str
    """The cluster's id."""
    kind: str
    """What sort of circumstance: release, model, tool, document, ..."""
    value: str
    """Which release, model, tool, document."""
    also: list[str]
    """Circumstances that no conversation of the bot tells apart from it, in words."""
    hits: int
    """Members among the eligible conversations under it."""
    total: int
    """Eligible conversations under it."""
    elsewhere_hits: int
    """Members among the other eligible conversations."""
    elsewhere: int
    """The other eligible conversations."""
    p: float
    """Fisher's exact test, one-sided."""
    stands: bool
    """Whether it stands among all tests of the snapshot."""
    first_seen: datetime | None
    """When it was seen first."""
    begins: bool
    """Whether it came into use a week or more after the bot's first conversation, and no eligible member is older."""


@dataclass(frozen=True)
class Onset:
    """The week from which a cluster's failures run above the weeks before."""

    week: str
    """The ISO week, like 2026-W05."""
    failures: int
    """Failures from then on."""
    eligible: int
    """Eligible conversations from then on."""
    failures_before: int
    """Failures before."""
    eligible_before: int
    """Eligible conversations before."""


def own_tool(mechanical_key: str | None) -> str | None:
    """The tool whose error a cluster is; None for any other cluster."""
    kind, _, rest = (mechanical_key or "").partition(":")
    return rest.partition(":")[0] if kind == "tool-error" else None


def defines(kind: str, value: str, mechanical_key: str | None, facts: Sequence[str]) -> bool:
    """Whether a circumstance is what a cluster is made of, so that it can't have come with it: a tool in its fault, or one
    whose call `facts` of most of its members state."""
    if kind != "tool":
        return False
    states = (f"carries out {value}", f"{value} failed: ")
    return value in (mechanical_key or "").split(":") or any(fact.startswith(states) for fact in facts)


def suspects_of_bot(
    circumstances: Marks[Circumstance], times: Sequence[datetime | None], scopes: Sequence[Scope]
) -> list[Suspect]:
    """Every test that the conversations of one bot allow, none of them standing yet: that is `significant`'s to say.

    Fisher's exact test, one-sided (the upper tail of the hypergeometric distribution), of members among the eligible
    conversations with a circumstance against those without.
    """
    count = circumstances.count
    values, presence = _distinct(circumstances)
    if not values or not scopes:
        return []
    began = _began(circumstances, times)
    first = min((time for time in times if time), default=None)
    log_factorials = np.append(0, np.cumsum(np.log(np.arange(1, count + 1))))
    tests: list[Suspect] = []
    for scope in scopes:
        at_risk = np.zeros(count, bool)
        at_risk[list(scope.eligible)] = True
        if scope.tool is not None:
            at_risk &= circumstances.having(("tool", scope.tool))
        risk = int(at_risk.sum())
        members = [i for i in dict.fromkeys(scope.members) if at_risk[i]]
        hit = np.zeros(count, bool)
        hit[members] = True
        totals, hits = at_risk @ presence, hit @ presence
        tested = np.flatnonzero((totals >= SUPPORT) & (totals < risk))
        since = min((time for i in members if (time := times[i])), default=None)
        for place in tested.tolist():
            p = _upper_tail(int(hits[place]), len(members), int(totals[place]), risk, log_factorials)
            (kind, value), also = values[place]
            seen = began.get((kind, value))
            tests.append(
                Suspect(
                    cluster=scope.cluster,
                    kind=kind,
                    value=value,
                    also=[f"{other} {name}" for other, name in also],
                    hits=int(hits[place]),
                    total=int(totals[place]),
                    elsewhere_hits=len(members) - int(hits[place]),
                    elsewhere=risk - int(totals[place]),
                    p=min(1.0, p),
                    stands=False,
                    first_seen=seen,
                    begins=bool(seen and since and first and first + WEEK <= seen <= since),
                )
            )
    return tests


def significant(tests: Sequence[Suspect], level: float = 0.05) -> list[Suspect]:
    """Which of all tests of a snapshot stand; within each cluster those first, what changed before what was used, then by p.

    One Benjamini-Hochberg family over all of them. Real effects of tools and documents loosen that family's threshold, and
    chance would pass as a bad release; so what stands must stand among the tests of its own sort as well.
    """
    passed = benjamini_hochberg([test.p for test in tests], level)
    for changes in (True, False):
        sort = [n for n, test in enumerate(tests) if (test.kind in CHANGES) == changes]
        among_its_sort = benjamini_hochberg([tests[n].p for n in sort], level)
        for n, stands in zip(sort, among_its_sort, strict=True):
            passed[n] = passed[n] and stands
    judged = [replace(test, stands=stands) for test, stands in zip(tests, passed, strict=True)]
    return sorted(judged, key=_rank)


def onset(weeks: Sequence[tuple[str, int, int]]) -> Onset | None:
    """The first week from which failures run above the weeks before; `weeks` are (ISO week, eligible, failures) in order.

    Of all weeks that split the time in two, with support on either side, the one where the later rate is most clearly the
    higher (pooled two-proportion z, one-sided). It counts below 1 %, divided by the number of weeks tried (Bonferroni).
    """
    eligible, failures = sum(week[1] for week in weeks), sum(week[2] for week in weeks)
    onsets: list[tuple[float, Onset]] = []
    seen = hits = 0
    for week, of, failed in weeks:
        if seen >= SUPPORT and eligible - seen >= SUPPORT:
            z, p = two_proportions(failures - hits, eligible - seen, hits, seen)
            onsets.append((p / 2 if z > 0 else 1.0, Onset(week, failures - hits, eligible - seen, hits, seen)))
        seen, hits = seen + of, hits + failed
    p, best = min(onsets, key=lambda entry: (entry[0], entry[1].week), default=(1.0, None))
    return best if best and p * len(onsets) < ONSET_LEVEL else None


def _rank(suspect: Suspect) -> tuple[str, bool, bool, float, int, str]:
    changed = suspect.kind in CHANGES
    return suspect.cluster, not suspect.stands, not changed, suspect.p, KINDS.index(suspect.kind), suspect.value


def _distinct(circumstances: Marks[Circumstance]) -> tuple[list[tuple[Circumstance, list[Circumstance]]], Any]:
    """The circumstances with support, each with those that cover the very same conversations (a release is often one
    prompt); and where the former were, sparse, (conversations, circumstances)."""
    from scipy.sparse import csr_array

    rows = circumstances.rows[np.argsort(circumstances.numbers, kind="stable")]
    ends = np.cumsum(circumstances.totals).tolist()
    same: dict[bytes, list[Circumstance]] = {}
    where: dict[Circumstance, NDArray[np.intp]] = {}
    for value, start, end in zip(circumstances.values, [0, *ends], ends, strict=False):
        if end - start >= SUPPORT:
            where[value] = rows[start:end]
            same.setdefault(rows[start:end].tobytes(), []).append(value)
    ordered = [sorted(group, key=lambda each: (KINDS.index(each[0]), each[1])) for group in same.values()]
    values = sorted((group[0], group[1:]) for group in ordered)
    places = [where[value] for value, _ in values]
    columns = np.repeat(np.arange(len(values)), [len(place) for place in places])
    cells = (np.concatenate(places), columns) if places else (columns, columns)
    return values, csr_array((np.ones(len(columns), np.int64), cells), shape=(circumstances.count, len(values)))


def _began(circumstances: Marks[Circumstance], times: Sequence[datetime | None]) -> dict[Circumstance, datetime]:
    """When each circumstance was seen first; those never seen at a known time are absent."""
    moments = np.array(times, "datetime64[us]")[circumstances.rows]
    dated = ~np.isnat(moments)
    earliest = np.full(len(circumstances.values), np.iinfo(np.int64).max)
    np.minimum.at(earliest, circumstances.numbers[dated], moments[dated].astype(np.int64))
    seen = earliest < np.iinfo(np.int64).max
    first = earliest[seen].astype("datetime64[us]").tolist()
    return dict(zip([circumstances.values[place] for place in np.flatnonzero(seen).tolist()], first, strict=True))


def _upper_tail(hits: int, members: int, drawn: int, total: int, log_factorials: NDArray[np.float64]) -> float:
    """The chance that of `drawn` among `total` at least `hits` are among the `members`: the hypergeometric upper tail.

    `log_factorials` has ln n! at n, from 0 to `total`.
    """

    def log_ways(n: int, k: NDArray[np.intp]) -> NDArray[np.float64]:
        ways: NDArray[np.float64] = log_factorials[n] - log_factorials[k] - log_factorials[n - k]
        return ways

    k = np.arange(max(hits, drawn + members - total), min(drawn, members) + 1)
    logs = log_ways(members, k) + log_ways(total - members, drawn - k) - log_ways(total, np.asarray(drawn))
    return float(np.exp(logs).sum())
