"""From the analysed conversations of one bot to its clusters: members, name, how often, since when, examples."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from workbench.clusters.cluster import Cluster, SharedFact, Week
from workbench.clusters.equals import numbered
from workbench.clusters.failure_vectors import failure_vectors
from workbench.clusters.grouping import Group, PreviousCluster, assign_failures, group_failures, joined_where_read_alike
from workbench.clusters.map_layout import StandingMap, map_failures
from workbench.clusters.naming import Namer
from workbench.clusters.neighbourhood import neighbourhood
from workbench.clusters.strands import Strand, StrandFinder, Strands
from workbench.clusters.themes import find_themes
from workbench.dates import DEFAULT_ZONE, last_complete_week, week_of, week_starts, weeks_before
from workbench.embedding.vectors import Vectors, unit_rows
from workbench.failures.cases import Cases, Marks
from workbench.failures.mechanical_faults import mechanical_fact
from workbench.failures.signature import observed_behaviours
from workbench.judgement.records.clusters import Registered
from workbench.stats import compared_shares
from workbench.text.masking import PLACEHOLDERS, mask

_NO_MAP = StandingMap()
_PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(PLACEHOLDERS)})\]")


@dataclass(frozen=True, eq=False)
class Discovery:
    """The clusters of one bot, and what is needed to describe other groups of its failures."""

    clusters: list[Cluster]
    """Ranked by failures, then by excess; at last those that hold suspected conversations only, the largest first."""
    places: dict[int, tuple[float, float]]
    """The place of each failure on the bot's map, by row of its cases."""
    laid_out: int
    """How many failures there were when the map was last laid out."""
    sampled: int | None
    """How many failures were clustered where not all were: the others joined the nearest cluster, or none."""
    listed: list[int]
    """The rows of the failing and the suspected among the cases."""
    vectors: Vectors
    """What they are clustered by, in the order of `listed`."""
    _describe: Callable[[Group, str | None], Cluster] | None = None

    def described(self, group: Group, theme: str | None) -> Cluster:
        """Another group of these failures, as a cluster: what people make of those that were found."""
        assert self._describe is not None  # a bot without failures has no group
        return self._describe(group, theme)


def discover(
    bot: str,
    cases: Cases,
    requests: Vectors,
    passages: Vectors,
    granularity: str = "normal",
    assign_to: Sequence[Registered] | None = None,
    previous_cluster: Mapping[str, str] | None = None,
    zone: str = DEFAULT_ZONE,
    standing_map: StandingMap = _NO_MAP,
) -> Discovery:
    """Find the clusters among the failing and the suspected cases of one bot; with `assign_to`, only put new ones into those.

    Both are grouped together, so that a verdict changes where a conversation is counted, not where it lies; what is said of
    a cluster counts its failing members only (`Cluster.suspected`). `requests` has a unit row for each case, `passages` one
    for each listed case in their order; a row is zero where there is no text. Clusters come ranked as in `Discovery`.
    `previous_cluster` names by conversation key the topical cluster that a failure was in before; `zone` is the time zone
    whose weeks are counted; `standing_map` where failures stood on the map.
    """
    listed: list[int] = np.flatnonzero(cases.listed).tolist()
    if not listed:
        return Discovery([], {}, 0, None, [], passages)
    tokens = [case.signature_tokens for case in cases.listed_cases]
    mechanical_keys = [case.mechanical_key for case in cases.listed_cases]
    if assign_to is None:
        previous = [previous_cluster.get(cases.keys[i]) for i in listed] if previous_cluster else None
        grouping = group_failures(passages, tokens, mechanical_keys, granularity, previous)
    else:
        rows = {cases.keys[i]: row for row, i in enumerate(listed)}
        grouping = assign_failures(passages, mechanical_keys, [_previous(cluster, rows) for cluster in assign_to])
    vectors = failure_vectors(passages, tokens)
    describe = _Describer(bot, cases, listed, requests, passages, vectors, zone)
    if assign_to is None:
        grouping = joined_where_read_alike(grouping, passages, tokens, describe.namer.reads)
    themes = find_themes(passages, [group.members for group in grouping.groups], describe.namer)
    clusters = [describe(group, theme) for group, theme in zip(grouping.groups, themes, strict=True)]
    clusters.sort(key=lambda c: (*by_size(c), -(c.excess or 0), cases.keys[c.medoid]))
    bot_map = map_failures(vectors, [cases.keys[i] for i in listed], standing_map)
    places = {i: (x, y) for i, (x, y) in zip(listed, bot_map.places.tolist(), strict=True)}
    return Discovery(clusters, places, bot_map.laid_out, grouping.sampled, listed, vectors, describe)


def by_size(cluster: Cluster) -> tuple[int, int]:
    """What clusters are sorted by: most failing members first, then most suspected ones."""
    return -len(cluster.failing), -len(cluster.suspected)


def _previous(cluster: Registered, rows: Mapping[str, int]) -> PreviousCluster:
    members = [rows[key] for key in cluster.members if key in rows]
    return PreviousCluster(cluster.mechanical_key, members, np.frombuffer(cluster.centroid, "<f4"))


def carried(
    bot: str,
    cases: Cases,
    requests: Vectors,
    passages: Vectors,
    clusters: Sequence[Cluster],
    sampled: int | None = None,
    zone: str = DEFAULT_ZONE,
    standing_map: StandingMap = _NO_MAP,
) -> Discovery:
    """The clusters that `discover` made of the very same before, their passages filled in; other groups are described on demand."""
    listed: list[int] = np.flatnonzero(cases.listed).tolist()
    rows = {i: row for row, i in enumerate(listed)}
    filled = [replace(cluster, passages=passages[[rows[i] for i in cluster.members]]) for cluster in clusters]
    vectors = failure_vectors(passages, [case.signature_tokens for case in cases.listed_cases])
    bot_map = map_failures(vectors, [cases.keys[i] for i in listed], standing_map)
    places = {i: (x, y) for i, (x, y) in zip(listed, bot_map.places.tolist(), strict=True)}
    describe = _LateDescriber(bot, cases, listed, requests, passages, vectors, zone)
    return Discovery(filled, places, bot_map.laid_out, sampled, listed, vectors, describe)


class _LateDescriber:
    """A describer that is made once somebody asks: of a bot without news mostly nobody does."""

    def __init__(self, *inputs: Any) -> None:
        self._inputs = inputs
        self._describer: _Describer | None = None

    def __call__(self, group: Group, theme: str | None) -> Cluster:
        if self._describer is None:
            self._describer = _Describer(*self._inputs)
        return self._describer(group, theme)


class _Describer:
    """Turns groups of listed conversations into clusters, with what is common to all of a bot worked out once."""

    def __init__(
        self,
        bot: str,
        cases: Cases,
        listed: list[int],
        requests: Vectors,
        passages: Vectors,
        vectors: Vectors,
        zone: str,
    ) -> None:
        self._bot, self._cases, self._listed = bot, cases, listed
        self._requests, self._passages, self._vectors = requests, passages, vectors
        described = cases.listed_cases
        behaviours = {facts: observed_behaviours(facts) for facts in {tuple(case.facts) for case in described}}
        observed = [behaviours[tuple(case.facts)] for case in described]
        self.namer = Namer(
            _without_personal_data([case.passage for case in described]),
            [seen or case.facts for seen, case in zip(observed, described, strict=True)],
            dict(zip(cases.facts.values, (cases.facts.totals / len(cases)).tolist(), strict=True)),
            [case.people for case in described],
        )
        tokens = [case.signature_tokens for case in described]
        self._strand_finder = StrandFinder(passages, tokens, observed, self.namer)
        self._facts: Marks[str] = cases.facts
        self._failed = cases.failed
        self._texts = numbered(cases.requests)[1]
        self._week_of = _weeks(cases.started_at, zone)
        self._weeks_there, self._week_number = np.unique([week or "" for week in self._week_of], return_inverse=True)
        self._last_week = _last_complete_week([time for time in cases.started_at if time], zone)

    def __call__(self, group: Group, theme: str | None) -> Cluster:
        members = [self._listed[row] for row in group.members]
        failing_rows = [row for row in group.members if self._failed[self._listed[row]]]
        proven = bool(failing_rows)
        speaking_rows = failing_rows or group.members  # of suspected ones only, these speak for themselves
        speaking = [self._listed[row] for row in speaking_rows]
        leading = mechanical_fact(group.mechanical_key) if group.mechanical_key else None
        name = self.namer.name(speaking_rows, leading)
        order = self._typical_first(speaking_rows)
        eligible, counted = self._eligible(group, speaking)
        weeks = self._weeks(eligible, speaking) if proven else []
        change = self._change(weeks)
        passages = self._passages[group.members]
        centroid = unit_rows(passages.mean(0, keepdims=True))[0]
        times = sorted(t for m in speaking if (t := self._cases.started_at[m]))
        first_week = min((week for m in speaking if (week := self._week_of[m])), default=None)
        described = [self._cases.listed_cases[row] for row in speaking_rows]
        return Cluster(
            bot=self._bot,
            kind=group.kind,
            mechanical_key=group.mechanical_key,
            name=name,
            keys=[self._cases.keys[m] for m in members],
            members=members,
            passages=passages,
            medoid=self._listed[order[0]],
            examples=[self._listed[row] for row in self._examples(order)],
            similarity=[float(s) for s in passages @ centroid],
            centroid=centroid,
            eligible=eligible,
            failures=counted if proven else 0,
            excess=self._excess(speaking, eligible, counted, name.fact) if proven else None,
            facts=self._shared(speaking),
            severity=_most_common([case.severity for case in described if case.severity]),
            signature=group.mechanical_key or _most_common([case.signature for case in described]) or "",
            weeks=weeks,
            trend=self._trend(first_week, change) if proven else None,
            change=change,
            first_seen=times[0] if times else None,
            last_seen=times[-1] if times else None,
            strands=self._strands(group.kind, speaking_rows),
            theme=theme,
            suspected=[row for row in members if not self._failed[row]],
        )

    def _strands(self, kind: str, rows: Sequence[int]) -> Strands:
        parts = self._strand_finder.find(kind, rows)
        strands = [
            Strand(strand.name, [self._listed[row] for row in strand.members], self._listed[strand.example])
            for strand in parts.strands
        ]
        return Strands(strands, parts.likeness)

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
        eligible = neighbourhood(self._requests, members, self._texts)
        return eligible, len(set(members).intersection(eligible))

    def _excess(self, members: list[int], eligible: list[int], counted: int, fact: str | None) -> float | None:
        """The cluster's rate less the failure rate of the bot's conversations outside it that went the same way."""
        outside = np.ones(len(self._cases), bool)
        outside[members] = False
        if fact is not None:
            outside &= self._facts.having(fact)
        others = int(outside.sum())
        if not eligible or not others:
            return None
        return counted / len(eligible) - int(self._failed[outside].sum()) / others

    def _shared(self, members: list[int]) -> list[SharedFact]:
        """What at least a third of the members have in common, the most distinctive first."""
        rest = len(self._cases) - len(members)
        inside = np.zeros(len(self._cases), bool)
        inside[members] = True
        counts = np.bincount(self._facts.numbers[inside[self._facts.rows]], minlength=len(self._facts.values))
        often = np.flatnonzero(counts * 3 >= len(members)).tolist() if members else []
        shared = [
            SharedFact(
                self._facts.values[fact],
                int(counts[fact]),
                int(self._facts.totals[fact] - counts[fact]) / rest if rest else None,
            )
            for fact in often
            if counts[fact]
        ]
        return sorted(shared, key=lambda f: (-(f.count / len(members) - (f.base_rate or 0)), f.text))

    def _weeks(self, eligible: list[int], members: list[int]) -> list[Week]:
        hits = np.zeros(len(self._cases), np.int64)
        hits[members] = 1
        weeks = self._week_number[eligible]
        counts = np.bincount(weeks, minlength=len(self._weeks_there)).tolist()
        failures = np.bincount(weeks, hits[eligible], len(self._weeks_there)).astype(np.int64).tolist()
        return [
            Week(week, *figures)
            for week, *figures in zip(self._weeks_there.tolist(), counts, failures, strict=True)
            if week and figures[0]
        ]

    def _change(self, weeks: list[Week]) -> tuple[float, float]:
        if self._last_week is None:
            return 0.0, 1.0
        before = weeks_before(self._last_week)
        now = [w for w in weeks if w.week == self._last_week]
        past = [w for w in weeks if w.week in before]
        return compared_shares(
            sum(w.failures for w in now),
            sum(w.eligible for w in now),
            sum(w.failures for w in past),
            sum(w.eligible for w in past),
        )

    def _trend(self, first_week: str | None, change: tuple[float, float]) -> str | None:
        if first_week is None or self._last_week is None:
            return None
        if first_week >= self._last_week:
            return "new"
        z, p = change
        if p >= 0.05:
            return "flat"
        return "rising" if z > 0 else "falling"


def _without_personal_data(texts: Sequence[str]) -> list[str]:
    masked = {text: _PLACEHOLDER.sub(" ", mask(text)) for text in dict.fromkeys(texts)}
    return [masked[text] for text in texts]


def _weeks(times: Sequence[datetime | None], zone: str) -> list[str | None]:
    """The ISO week of each time."""
    dated = [time for time in times if time is not None]
    if not dated:
        return [None] * len(times)
    begins, weeks = zip(*week_starts(min(dated), max(dated), zone), strict=True)
    return [weeks[bisect_right(begins, time) - 1] if time is not None else None for time in times]


def _last_complete_week(times: Sequence[datetime], zone: str) -> str | None:
    """The last week that the data covers to its Sunday; None where the data begins in it, so that nothing lies before."""
    if not times:
        return None
    week = last_complete_week(max(times), zone)
    return week if week_of(min(times), zone) < week else None


def _most_common(values: Sequence[str]) -> str | None:
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else None
