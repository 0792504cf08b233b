"""How a bot fares: its rates by week and by release, what drifts, and what its log lacks, so that a blind spot is no health."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from itertools import pairwise

from workbench.bench.bench import Bench
from workbench.bench.overlay import excerpt
from workbench.dates import WEEKS_BEFORE, iso_week
from workbench.errors import UserError
from workbench.evidence.health_rows import HealthCounts, WeekHealthRecord
from workbench.failures.signals.norms import bad_up_to, usual_scale
from workbench.judgement.disabled_signals import Switch, switches_of
from workbench.reports.drift import WeekDrift, drift
from workbench.stats import benjamini_hochberg, two_proportions, wilson
from workbench.text.masking import mask

SAMPLE = 500
"""Requests of a week that drift compares, at most."""
DRIFT_WEEKS = 26
"""The weeks that drift looks at, the latest ones."""


@dataclass(frozen=True)
class Share:
    """`hits` of `total`; no value and no bounds where there is nothing to count."""

    hits: int
    total: int

    @property
    def value(self) -> float | None:
        return self.hits / self.total if self.total else None

    @property
    def bounds(self) -> tuple[float, float] | tuple[None, None]:
        """95 %, Wilson."""
        return wilson(self.hits, self.total) if self.total else (None, None)


@dataclass(frozen=True)
class Counts:
    """Conversations and how they went: `judged` were analysed, `failures` of them failing, of `logged` ones the log itself says
    whether; of `known` outcomes `derived` ones are not logged as such, and `contained` ones ended without a transfer; of `rated`
    ones users rated some badly."""

    conversations: int = 0
    judged: int = 0
    failures: int = 0
    logged: int = 0
    known: int = 0
    derived: int = 0
    contained: int = 0
    rated: int = 0
    rated_badly: int = 0

    @property
    def failing(self) -> Share:
        return Share(self.failures, self.judged)

    @property
    def containment(self) -> Share:
        """Among known outcomes: abandoned and failed are not contained, unknown is in neither."""
        return Share(self.contained, self.known)

    @property
    def unknown(self) -> Share:
        """How many ended nobody knows how."""
        return Share(self.judged - self.known, self.judged)

    @property
    def disliked(self) -> Share:
        return Share(self.rated_badly, self.rated)


@dataclass(frozen=True)
class Week:
    """One ISO week of a bot; `incomplete` where its log begins or ends within it."""

    week: str
    counts: Counts
    incomplete: bool = False


@dataclass(frozen=True)
class Release:
    """A release (None: not logged), and its failing share against the release that was first seen before it.

    `change` is a difference of shares; it `stands` where the two-proportion test does, after Benjamini-Hochberg over the table.
    """

    release: str | None
    counts: Counts
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    before: str | None = None
    change: float | None = None
    p: float | None = None
    stands: bool = False


@dataclass(frozen=True)
class BotHealth:
    """A line of the list of bots."""

    bot: str
    counts: Counts
    last_seen: datetime | None


@dataclass(frozen=True)
class Health:
    """One bot, from its first conversation to its last (`span`, None without times). `timeless` conversations are in no week;
    `without` and `roles` are what its log lacks, as `gaps.lacks` takes them."""

    bot: str
    total: Counts
    span: tuple[datetime, datetime] | None
    weeks: list[Week]
    timeless: int
    releases: list[Release]
    without: dict[str, float]
    roles: list[str]
    switches: list[Switch] = field(default_factory=list)

    @property
    def named(self) -> list[Release]:
        """The releases that the log names."""
        return [release for release in self.releases if release.release is not None]

    @property
    def began(self) -> list[tuple[date, str]]:
        """When releases were first seen, but for those that the log began with."""
        seen = [
            (release.first_seen.date(), release.release)
            for release in self.named
            if release.first_seen and release.release
        ]
        first = self.weeks[0].week if self.weeks else ""
        return [(day, name) for day, name in seen if iso_week(day) != first]


@dataclass(frozen=True)
class Example:
    """A conversation that stands for `count` unlike requests of a week; `request` is masked."""

    key: str
    conversation_id: str
    request: str
    started_at: datetime | None
    count: int
    closeness: float


@dataclass(frozen=True)
class Drift:
    """The weeks of a bot, how many of how many requests were compared, and for flagged weeks examples of what is unlike."""

    weeks: list[WeekDrift]
    compared: int
    requests: int
    examples: dict[str, list[Example]]

    @property
    def comparable(self) -> list[WeekDrift]:
        return [week for week in self.weeks if week.comparable]

    @property
    def flagged(self) -> list[WeekDrift]:
        """The latest first."""
        return [week for week in reversed(self.weeks) if week.flagged]


def bots(bench: Bench) -> list[BotHealth]:
    """Every bot, those with most conversations first."""
    return [BotHealth(row.bot, _counts(row), row.last_seen) for row in bench.evidence.health_of_bots()]


def health(bench: Bench, bot: str) -> Health:
    """How a bot fares; `UserError` where the snapshot has none of this name."""
    evidence = bench.evidence
    scale = evidence.feedback_range(bot)
    usual = usual_scale(*scale) if scale else None
    cut = bad_up_to(usual) if usual else None
    by_week = evidence.health_by_week(bot, cut)
    if not by_week:
        names = ", ".join(row.bot for row in evidence.health_of_bots()) or "none yet"
        raise UserError(f"There is no bot {bot!r} in this snapshot. Known are: {names}.")
    span = evidence.first_and_last(bot)
    return Health(
        bot=bot,
        total=_sum([_counts(row) for row in by_week]),
        span=span,
        weeks=weeks([row for row in by_week if row.week], span),
        timeless=sum(row.conversations for row in by_week if not row.week),
        releases=releases(
            [
                Release(row.release and mask(row.release), _counts(row), row.first_seen, row.last_seen)
                for row in evidence.health_by_release(bot, cut)
            ]
        ),
        without=_without(bench, bot),
        roles=evidence.roles_of(bot),
        switches=switches_of(bench.judgement.pod.settings(), bot, evidence.meta.settings.get("signals_off", {})),
    )


def drift_of(bench: Bench, bot: str) -> Drift:
    """What drifts in a bot's requests: a sample of at most `SAMPLE` a week, always the same, over the last `DRIFT_WEEKS` weeks."""
    rows, vectors = bench.evidence.weekly_requests(bot, DRIFT_WEEKS + WEEKS_BEFORE, SAMPLE)
    weeks = drift([row.key for row in rows], [row.week for row in rows], vectors)[-DRIFT_WEEKS:]
    requests = bench.evidence.requests([group.key for week in weeks if week.flagged for group in week.groups])
    examples = {
        week.week: [
            Example(
                group.key,
                requests[group.key].conversation_id,
                excerpt(requests[group.key].request),
                requests[group.key].started_at,
                group.count,
                group.closeness,
            )
            for group in week.groups
        ]
        for week in weeks
        if week.flagged
    }
    return Drift(weeks, len(rows), sum({row.week: row.requests for row in rows}.values()), examples)


def weeks(rows: Sequence[WeekHealthRecord], span: tuple[datetime, datetime] | None) -> list[Week]:
    """A week for each row of counts; the first is incomplete where the log begins after its Monday, the last where it ends
    before its Sunday. `span` is the first and the last time."""
    ends = {iso_week(span[0].date()): span[0].weekday() > 0} if span else {}
    if span:
        last = iso_week(span[1].date())
        ends[last] = ends.get(last, False) or span[1].weekday() < 6
    return [Week(row.week, _counts(row), ends.get(row.week, False)) for row in rows if row.week]


def releases(ordered: Sequence[Release]) -> list[Release]:
    """Each release against the one first seen before it; the log's unnamed ones, and those without a time, against none."""
    dated = [
        place for place, release in enumerate(ordered) if release.release is not None and release.first_seen is not None
    ]
    pairs = [(ordered[before], place) for before, place in pairwise(dated)]
    pairs = [(before, place) for before, place in pairs if before.counts.judged and ordered[place].counts.judged]
    ps = [_p(before.counts.failing, ordered[place].counts.failing) for before, place in pairs]
    judged = list(ordered)
    for (before, place), p, stands in zip(pairs, ps, benjamini_hochberg(ps), strict=True):
        now, then = ordered[place].counts, before.counts
        change = now.failures / now.judged - then.failures / then.judged
        judged[place] = replace(ordered[place], before=before.release, change=change, p=p, stands=stands)
    return judged


def _p(before: Share, now: Share) -> float:
    return two_proportions(now.hits, now.total, before.hits, before.total)[1]


def _counts(row: HealthCounts) -> Counts:
    return Counts(**{each.name: getattr(row, each.name) for each in fields(Counts)})


def _sum(counts: Sequence[Counts]) -> Counts:
    return Counts(**{each.name: sum(getattr(part, each.name) for part in counts) for each in fields(Counts)})


def _without(bench: Bench, bot: str) -> dict[str, float]:
    """Counted over the bot's conversations; what joins them only an import knows, so it is told by its imports."""
    shares = bench.evidence.without(bot)
    imported = bench.evidence.imported(bot)
    total = sum(imported.values())
    gaps = {manifest.import_id: manifest.gaps.get("session", 0) for manifest in bench.evidence.imports()}
    return {"session": sum(gaps.get(name, 0) * n for name, n in imported.items()) / total if total else 0.0} | shares


@dataclass(frozen=True)
class HealthWeekRow:
    """One ISO week of a bot as it is downloaded; shares have 95 % bounds (Wilson), None where nothing is known."""

    bot: str
    week: str
    incomplete: bool
    conversations: int
    failures: int | None
    failing_share: float | None
    failing_low: float | None
    failing_high: float | None
    outcomes_known: int
    outcomes_derived: int
    contained: int | None
    containment: float | None
    containment_low: float | None
    containment_high: float | None
    rated: int
    rated_badly: int | None
    requests_compared: int | None
    requests_unlike: int | None
    unlike_low: float | None
    unlike_high: float | None
    drifts: bool | None


@dataclass(frozen=True)
class ReleaseRow:
    """One release of a bot as it is downloaded; `change` is its failing share less that of the release `before` it."""

    bot: str
    release: str | None
    first_seen: datetime | None
    last_seen: datetime | None
    conversations: int
    failures: int | None
    failing_share: float | None
    failing_low: float | None
    failing_high: float | None
    outcomes_known: int
    outcomes_derived: int
    contained: int | None
    containment: float | None
    containment_low: float | None
    containment_high: float | None
    rated: int
    rated_badly: int | None
    before: str | None
    change: float | None
    p: float | None
    stands: bool | None
