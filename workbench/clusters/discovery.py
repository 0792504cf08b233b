"""From the analysed conversations of one bot to its clusters: members, name, how often, since when, examples."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from workbench.clusters.grouping import Group, Known, assign_failures, failure_vectors, group_failures
from workbench.clusters.naming import Name, Namer
from workbench.clusters.neighbourhood import neighbourhood
from workbench.clusters.strands import Parter, Strand, Strands
from workbench.clusters.themes import find_themes
from workbench.dates import WEEKS_BEFORE, _last_complete_week, iso_week
from workbench.embedding import Vectors, unit_rows
from workbench.failures.analysis import mechanical_fact, ways
from workbench.failures.case import Case
from workbench.stats import compared_shares, wilson
from workbench.text.masking import mask

_PLACEHOLDER = re.compile(r"\[(?:email|phone|card|iban)\]")


@dataclass(frozen=True)
class KnownCluster:
    """A cluster of the identity register: its members by conversation key, its centroid over passages."""

    mechanical_key: str | None
    members: list[str]
    centroid: Vectors


@dataclass(frozen=True)
class Week:
    """Failures of a cluster among its eligible conversations in one ISO week."""

    week: str
    eligible: int
    failures: int


@dataclass(frozen=True)
class SharedFact:
    """What `count` members have in common, and its share among all other conversations of the bot."""

    text: str
    count: int
    base_rate: float | None


@dataclass(frozen=True)
class Cluster:
    """A cluster of one bot. `members`, `medoid`, `examples`, `eligible` and those in `strands` are rows of the cases given.

    `centroid` is the mean passage as a unit vector; `similarity` each member's cosine to it. `eligible` are the conversations with a
    similar request (for a mechanical cluster: all), leave one out; `failures` counts the members among them.
    `weeks` are counts by event time; `change` is z and p of the last complete week against the four before.
    """

    kind: str
    mechanical_key: str | None
    name: Name
    members: list[int]
    medoid: int
    examples: list[int]
    similarity: list[float]
    centroid: Vectors
    eligible: list[int]
    failures: int
    excess: float | None
    facts: list[SharedFact]
    severity: str | None
    signature: str
    weeks: list[Week]
    trend: str | None
    change: tuple[float, float]
    first_seen: datetime | None
    last_seen: datetime | None
    strands: Strands = field(default_factory=Strands)
    theme: str | None = None

    @property
    def rate(self) -> tuple[float, float, float] | None:
        """Rate and its 95 % Wilson bounds; None where there is nothing to compare with."""
        if not self.eligible:
            return None
        return (self.failures / len(self.eligible), *wilson(self.failures, len(self.eligible)))


@dataclass(frozen=True)
class Discovery:
    """The clusters of one bot, ranked, and the place of each failure on its map by row of the cases.

    `failing` are the rows of the failures and `vectors` what they are clustered by, in the same order.
    """

    clusters: list[Cluster]
    places: dict[int, tuple[float, float]]
    failing: list[int]
    vectors: Vectors
    _describe: _Describer | None = None

    def described(self, group: Group, theme: str | None) -> Cluster:
        """Another group of these failures, as a cluster: what people make of those that were found."""
        assert self._describe is not None  # a bot without failures has no group
        return self._describe(group, theme)


def discover(
    cases: Sequence[Case],
    requests: Vectors,
    passages: Vectors,
    granularity: str = "normal",
    known: Sequence[KnownCluster] | None = None,
    stood: Mapping[str, str] | None = None,
) -> Discovery:
    """Find the clusters among the failing cases of one bot; with `known`, only put new failures into those.

    `requests` has a unit row for each case, `passages` one for each failing case in their order; a row is zero where
    there is no text. Clusters come ranked by failures, then by excess over the conversations that went the same way.
    `stood` names the topical cluster by conversation key that a failure stood in before.
    """
    failing = [i for i, case in enumerate(cases) if case.analysis.failed]
    if not failing:
        return Discovery([], {}, [], passages)
    analyses = [cases[i].analysis for i in failing]
    tokens = [analysis.signature_tokens for analysis in analyses]
    keys = [analysis.mechanical_key for analysis in analyses]
    if known is None:
        before = [stood.get(cases[i].key) for i in failing] if stood else None
        grouping = group_failures(passages, tokens, keys, granularity, before)
    else:
        row = {cases[i].key: n for n, i in enumerate(failing)}
        grouping = assign_failures(
            passages,
            keys,
            [Known(k.mechanical_key, [row[m] for m in k.members if m in row], k.centroid) for k in known],
        )
    vectors = failure_vectors(passages, tokens)
    base = _fact_shares(cases)
    namer = Namer(
        [_PLACEHOLDER.sub(" ", mask(analysis.passage)) for analysis in analyses],
        [ways(analysis.facts) or analysis.facts for analysis in analyses],
        base,
    )
    describe = _Describer(cases, failing, requests, passages, vectors, namer)
    themes = find_themes(passages, [group.members for group in grouping.groups], namer)
    clusters = [describe(group, theme) for group, theme in zip(grouping.groups, themes, strict=True)]
    clusters.sort(key=lambda c: (-len(c.members), -(c.excess or 0), cases[c.medoid].key))
    places = {i: (float(x), float(y)) for i, (x, y) in zip(failing, grouping.places.tolist(), strict=True)}
    return Discovery(clusters, places, failing, vectors, describe)


class _Describer:
    """Turns groups of failures into clusters, with what is common to all of a bot worked out once."""

    def __init__(
        self,
        cases: Sequence[Case],
        failing: list[int],
        requests: Vectors,
        passages: Vectors,
        vectors: Vectors,
        namer: Namer,
    ) -> None:
        self._cases, self._failing = cases, failing
        self._requests, self._passages, self._vectors = requests, passages, vectors
        self._namer = namer
        analyses = [cases[i].analysis for i in failing]
        tokens, facts = [one.signature_tokens for one in analyses], [ways(one.facts) for one in analyses]
        self._parter = Parter(passages, tokens, facts, namer)
        self._facts = [set(case.analysis.facts) for case in cases]
        self._last_week = _last_complete_week([case.started_at for case in cases if case.started_at])

    def __call__(self, group: Group, theme: str | None) -> Cluster:
        members = [self._failing[row] for row in group.members]
        leading = mechanical_fact(group.mechanical_key) if group.mechanical_key else None
        name = self._namer.name(group.members, leading)
        order = self._typical_first(group.members)
        eligible, counted = self._eligible(group, members)
        weeks = self._weeks(eligible, set(members))
        change = self._change(weeks)
        centroid = unit_rows(self._passages[group.members].mean(0, keepdims=True))[0]
        times = sorted(t for m in members if (t := self._cases[m].started_at))
        analyses = [self._cases[m].analysis for m in members]
        return Cluster(
            kind=group.kind,
            mechanical_key=group.mechanical_key,
            name=name,
            members=members,
            medoid=self._failing[order[0]],
            examples=[self._failing[row] for row in self._examples(order)],
            similarity=[float(s) for s in self._passages[group.members] @ centroid],
            centroid=centroid,
            eligible=eligible,
            failures=counted,
            excess=self._excess(members, eligible, counted, name.fact),
            facts=self._shared(members),
            severity=_most_common([a.severity for a in analyses if a.severity]),
            signature=group.mechanical_key or _most_common([a.signature for a in analyses]) or "",
            weeks=weeks,
            trend=self._trend(times, change),
            change=change,
            first_seen=times[0] if times else None,
            last_seen=times[-1] if times else None,
            strands=self._strands(group),
            theme=theme,
        )

    def _strands(self, group: Group) -> Strands:
        found = self._parter.part(group.kind, group.members)
        strands = [
            Strand(one.name, [self._failing[row] for row in one.members], self._failing[one.example])
            for one in found.strands
        ]
        return Strands(strands, found.likeness)

    def _typical_first(self, rows: list[int]) -> list[int]:
        """The group's rows by similarity to its centre in the space it was found in."""
        part = self._vectors[rows]
        closeness = part @ unit_rows(part.mean(0, keepdims=True))[0]
        return [rows[i] for i in np.lexsort((np.arange(len(rows)), -np.round(closeness, 4)))]

    def _examples(self, order: list[int]) -> list[int]:
        """The medoid, then two of the more typical half that are farthest from those chosen."""
        chosen, pool = order[:1], order[1 : max(3, (len(order) + 1) // 2)]
        while pool and len(chosen) < 3:
            closest = (self._vectors[pool] @ self._vectors[chosen].T).max(1)
            chosen.append(pool.pop(int(np.argmin(np.round(closest, 4)))))
        return chosen

    def _eligible(self, group: Group, members: list[int]) -> tuple[list[int], int]:
        """Conversations whose request lies in the neighbourhood, and how many of them are members."""
        if group.kind == "mechanical":
            return list(range(len(self._cases))), len(members)
        eligible = neighbourhood(self._requests, members)
        return eligible, len(set(members).intersection(eligible))

    def _excess(self, members: list[int], eligible: list[int], counted: int, fact: str | None) -> float | None:
        """The cluster's rate less the failure rate of the bot's conversations outside it that went the same way."""
        inside = set(members)
        others = [
            case.analysis.failed
            for i, case in enumerate(self._cases)
            if i not in inside and (fact is None or fact in self._facts[i])
        ]
        if not eligible or not others:
            return None
        return counted / len(eligible) - sum(others) / len(others)

    def _shared(self, members: list[int]) -> list[SharedFact]:
        """What at least a third of the members have in common, the most telling first."""
        inside = set(members)
        counts = Counter(fact for m in members for fact in self._facts[m])
        outside = Counter(fact for i, facts in enumerate(self._facts) if i not in inside for fact in facts)
        rest = len(self._cases) - len(members)
        shared = [
            SharedFact(fact, count, outside[fact] / rest if rest else None)
            for fact, count in counts.items()
            if count * 3 >= len(members)
        ]
        return sorted(shared, key=lambda f: (-(f.count / len(members) - (f.base_rate or 0)), f.text))

    def _weeks(self, eligible: list[int], members: set[int]) -> list[Week]:
        seen: dict[str, list[int]] = {}
        for i in eligible:
            if started := self._cases[i].started_at:
                week = seen.setdefault(iso_week(started), [0, 0])
                week[0] += 1
                week[1] += i in members
        return [Week(week, *counts) for week, counts in sorted(seen.items())]

    def _change(self, weeks: list[Week]) -> tuple[float, float]:
        if self._last_week is None:
            return 0.0, 1.0
        monday = self._last_week
        before = {iso_week(monday - timedelta(weeks=n)) for n in range(1, WEEKS_BEFORE + 1)}
        now = [w for w in weeks if w.week == iso_week(monday)]
        past = [w for w in weeks if w.week in before]
        return compared_shares(
            sum(w.failures for w in now),
            sum(w.eligible for w in now),
            sum(w.failures for w in past),
            sum(w.eligible for w in past),
        )

    def _trend(self, times: list[datetime], change: tuple[float, float]) -> str | None:
        if not times or self._last_week is None:
            return None
        if times[0] >= self._last_week:
            return "new"
        z, p = change
        if p >= 0.05:
            return "flat"
        return "rising" if z > 0 else "falling"


def _fact_shares(cases: Sequence[Case]) -> dict[str, float]:
    counts = Counter(fact for case in cases for fact in set(case.analysis.facts))
    return {fact: count / len(cases) for fact, count in counts.items()}


def _most_common(values: Sequence[str]) -> str | None:
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else None
